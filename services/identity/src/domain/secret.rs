//! Secrets of clients.

use aws_lc_rs::{constant_time, digest};
use kit::id::Random;

/// SHA-256 of a secret.
///
/// A client's secret is 256 random bits, so nobody can find it by trying likely ones, and a slow
/// password hash would only slow us down.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of a secret.
    pub(crate) fn of(secret: &str) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, secret.as_bytes()).as_ref());
        Self(hash)
    }

    /// What is stored.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether this is the secret, in a time that does not depend on how much of it is right.
    pub(crate) fn matches(stored: &[u8], secret: &str) -> bool {
        constant_time::verify_slices_are_equal(stored, Self::of(secret).as_bytes()).is_ok()
    }
}

/// A new secret.
pub(crate) fn generate(random: &Random) -> String {
    random.token()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_matches() {
        let secret = generate(&Random::seeded(1));
        assert!(secret.len() >= 43, "256 bits");
        let stored = SecretHash::of(&secret);
        assert!(SecretHash::matches(stored.as_bytes(), &secret));
        assert!(!SecretHash::matches(stored.as_bytes(), &secret[1..]));
        assert!(!SecretHash::matches(stored.as_bytes(), ""));
        assert!(!SecretHash::matches(&[], &secret));
    }
}
