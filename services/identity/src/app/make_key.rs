//! New keys. Their randomness is the library's own: a key must not hang on a seed that was handed in.

use aws_lc_rs::{
    digest,
    error::Unspecified,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};

use crate::{domain::key::KeyAlgorithm, error::Error};

/// A key that was just made.
pub(crate) struct Made {
    /// Named by what it is, so that two keys never share a name.
    pub(crate) key_id: String,
    /// PKCS #8.
    pub(crate) private_key: Vec<u8>,
    /// The public point: 32 bytes of Ed25519, 65 of P-256 (both coordinates).
    pub(crate) public_key: Vec<u8>,
}

/// Makes a key.
pub(crate) fn make(algorithm: KeyAlgorithm) -> Result<Made, Error> {
    let made = match algorithm {
        KeyAlgorithm::EdDsa => ed25519(),
        KeyAlgorithm::Es256 => p256(),
    };
    let (private_key, public_key) =
        made.map_err(|Unspecified| Error::Signing("no key could be made".into()))?;
    let digest = digest::digest(&digest::SHA256, &public_key);
    Ok(Made {
        key_id: hex::encode(digest.as_ref().get(..8).unwrap_or_default()),
        private_key,
        public_key,
    })
}

fn ed25519() -> Result<(Vec<u8>, Vec<u8>), Unspecified> {
    let pair = Ed25519KeyPair::generate()?;
    let document = pair.to_pkcs8()?;
    Ok((
        document.as_ref().to_vec(),
        pair.public_key().as_ref().to_vec(),
    ))
}

fn p256() -> Result<(Vec<u8>, Vec<u8>), Unspecified> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
    let document = pair.to_pkcs8v1()?;
    Ok((
        document.as_ref().to_vec(),
        pair.public_key().as_ref().to_vec(),
    ))
}
