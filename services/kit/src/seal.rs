//! Secrets at rest: what must be read again lies in the database sealed, under a key from outside of it.
//!
//! AES-256-GCM. A blob is one byte of version, the key's id, the nonce, the ciphertext with its tag.
//! What it is for (table, row, column) is bound in, so a blob that was moved does not open. Several keys
//! may be given: the first seals, all open.

use std::{fmt, sync::Arc};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hmac,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The first byte of a blob.
const VERSION: u8 = 1;
/// Length of a key's id.
const ID: usize = 8;

/// A text that is no list of keys. It does not show the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a seal key is 32 bytes in base64; several are separated by commas")]
pub struct BadKey;

/// A blob could not be opened, or a secret not be sealed. Why is not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the seal does not hold")]
pub struct SealBroken;

/// Seals and opens.
#[derive(Clone)]
pub struct Sealer {
    current: Arc<Key>,
    older: Arc<[Key]>,
}

struct Key {
    id: [u8; ID],
    key: RandomizedNonceKey,
}

/// A key that is derived from another secret, as [`Sealer::parse`] takes it.
pub fn derive(secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    STANDARD.encode(hmac::sign(&key, b"seal"))
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

impl Sealer {
    /// From keys in base64, separated by commas; the first seals.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let mut keys = text.split(',').map(|text| {
            let bytes = STANDARD.decode(text.trim()).map_err(|_| BadKey)?;
            Key::new(&bytes)
        });
        let current = keys.next().ok_or(BadKey)??;
        let older = keys.collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            current: Arc::new(current),
            older: older.into(),
        })
    }

    /// With one key.
    ///
    /// # Panics
    /// Never: 32 bytes are a key.
    #[expect(clippy::expect_used, reason = "32 bytes are a key")]
    pub fn of_bytes(key: &[u8; 32]) -> Self {
        Self {
            current: Arc::new(Key::new(key).expect("32 bytes are a key")),
            older: Arc::default(),
        }
    }

    /// The id of the key that seals.
    pub fn key_id(&self) -> String {
        hex::encode(self.current.id)
    }

    /// Seals a secret for one place, for example `signing_key/7f/private_key`.
    pub fn seal(&self, what: &str, plain: &[u8]) -> Result<Vec<u8>, SealBroken> {
        let mut sealed = plain.to_vec();
        let nonce = self
            .current
            .key
            .seal_in_place_append_tag(Aad::from(what.as_bytes()), &mut sealed)
            .map_err(|_| SealBroken)?;
        let mut blob = vec![VERSION];
        blob.extend_from_slice(&self.current.id);
        blob.extend_from_slice(nonce.as_ref());
        blob.append(&mut sealed);
        Ok(blob)
    }

    /// Opens what was sealed for that place.
    pub fn open(&self, what: &str, blob: &[u8]) -> Result<Vec<u8>, SealBroken> {
        self.try_open(what, blob).ok_or(SealBroken)
    }

    fn try_open(&self, what: &str, blob: &[u8]) -> Option<Vec<u8>> {
        let rest = blob.strip_prefix(&[VERSION])?;
        let (id, rest) = rest.split_first_chunk::<ID>()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>()?;
        let mut keys = std::iter::once(&*self.current).chain(&*self.older);
        let key = keys.find(|key| key.id == *id)?;
        let mut sealed = sealed.to_vec();
        let plain =
            key.key
                .open_in_place(Nonce::from(nonce), Aad::from(what.as_bytes()), &mut sealed);
        let length = plain.ok()?.len();
        sealed.truncate(length);
        Some(sealed)
    }
}

impl Key {
    fn new(bytes: &[u8]) -> Result<Self, BadKey> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, bytes).map_err(|_| BadKey)?;
        // tells keys apart and tells nothing of them
        let naming = hmac::Key::new(hmac::HMAC_SHA256, bytes);
        let name = hmac::sign(&naming, b"name of a seal key");
        let id = name.as_ref().first_chunk().ok_or(BadKey)?;
        Ok(Self { id: *id, key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHAT: &str = "signing_key/7f/private_key";

    fn text(byte: u8) -> String {
        STANDARD.encode([byte; 32])
    }

    #[test]
    fn a45_what_was_sealed_opens_in_its_place_only() {
        let sealer = Sealer::parse(&text(1)).unwrap();
        let blob = sealer.seal(WHAT, b"secret").unwrap();
        assert_eq!(sealer.open(WHAT, &blob).unwrap(), b"secret");
        assert_eq!(
            sealer.open("signing_key/80/private_key", &blob),
            Err(SealBroken)
        );
        assert_ne!(
            blob,
            sealer.seal(WHAT, b"secret").unwrap(),
            "a nonce comes once"
        );
        assert!(!blob.windows(6).any(|part| part == b"secret"));
    }

    #[test]
    fn a45_any_changed_bit_breaks_the_seal() {
        let sealer = Sealer::parse(&derive("shared")).unwrap();
        let blob = sealer.seal(WHAT, b"secret").unwrap();
        for byte in 0..blob.len() {
            for bit in 0..8 {
                let mut changed = blob.clone();
                changed[byte] ^= 1 << bit;
                assert_eq!(sealer.open(WHAT, &changed), Err(SealBroken), "{byte}.{bit}");
            }
            assert_eq!(sealer.open(WHAT, &blob[..byte]), Err(SealBroken));
        }
    }

    #[test]
    fn a45_an_older_key_still_opens_and_a_strange_one_does_not() {
        let old = Sealer::parse(&text(1)).unwrap();
        let blob = old.seal(WHAT, b"secret").unwrap();
        let both = Sealer::parse(&format!("{}, {}", text(2), text(1))).unwrap();
        assert_eq!(both.open(WHAT, &blob).unwrap(), b"secret");
        assert_ne!(both.key_id(), old.key_id());
        let strange = Sealer::parse(&text(3)).unwrap();
        assert_eq!(strange.open(WHAT, &blob), Err(SealBroken));
    }

    #[test]
    fn a_bad_key_is_not_shown() {
        for bad in [
            "",
            "AAAA",
            "nonsense",
            &format!("{},", text(1)),
            &text(1)[1..],
        ] {
            let error = Sealer::parse(bad).unwrap_err();
            assert!(bad.is_empty() || !error.to_string().contains(bad));
        }
        assert_eq!(
            format!("{:?}", Sealer::parse(&derive("shared")).unwrap()),
            "Sealer"
        );
    }
}
