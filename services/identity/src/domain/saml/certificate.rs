//! Certificates: those of providers, and our own. None of them is a link of a chain; each is a key with a
//! name and an end.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize, PublicKey},
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use x509_cert::{
    Certificate as X509, TbsCertificate, Version,
    der::{
        Any, Decode, Encode,
        asn1::{BitString, Null},
        oid::ObjectIdentifier,
    },
    name::Name,
    serial_number::SerialNumber,
    spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned},
    time::{Time, Validity},
};

/// RSA with PKCS #1 v1.5 padding and SHA-256.
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
/// RSA.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// Smallest and largest modulus of a provider's key, in bytes.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;
/// Our own certificates are good for this long.
const LIFE: TimeDelta = TimeDelta::days(3 * 365);

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadCertificate {
    /// Not base64 or not X.509.
    #[error("not a certificate")]
    Unreadable,
    /// Not RSA, or too short.
    #[error("not an RSA key of 2048 to 8192 bits")]
    Key,
}

/// A certificate of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Certificate {
    /// DER in base64, in one line.
    pub(crate) der: String,
    /// SHA-256 of the DER, hexadecimal.
    pub(crate) fingerprint: String,
    /// Whose, as it says itself.
    pub(crate) subject: String,
    /// Good from then on.
    pub(crate) begins_at: DateTime<Utc>,
    /// Good until then.
    pub(crate) ends_at: DateTime<Utc>,
    /// Metadata told it no more at this moment; it stays for a while (roll-over).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) gone_since: Option<DateTime<Utc>>,
}

impl Certificate {
    /// Reads what stands in metadata.
    pub(crate) fn parse(base64: &str) -> Result<Self, BadCertificate> {
        let compact: String = base64
            .chars()
            .filter(|c| !c.is_ascii_whitespace())
            .collect();
        let der = STANDARD
            .decode(compact.as_bytes())
            .map_err(|_| BadCertificate::Unreadable)?;
        let x509 = X509::from_der(&der).map_err(|_| BadCertificate::Unreadable)?;
        let tbs = &x509.tbs_certificate;
        let key = &tbs.subject_public_key_info;
        let rsa = key.subject_public_key.as_bytes().unwrap_or_default();
        let modulus = PublicKey::from_der(rsa).map(|key| key.modulus_len());
        if key.algorithm.oid != RSA || !modulus.is_ok_and(|length| MODULUS.contains(&length)) {
            return Err(BadCertificate::Key);
        }
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &der);
        Ok(Self {
            fingerprint: hex::encode(digest),
            subject: printable(&tbs.subject.to_string()),
            begins_at: moment(tbs.validity.not_before)?,
            ends_at: moment(tbs.validity.not_after)?,
            der: STANDARD.encode(&der),
            gone_since: None,
        })
    }

    /// Whether it is good at this moment.
    pub(crate) fn is_good_at(&self, now: DateTime<Utc>) -> bool {
        self.begins_at <= now && now < self.ends_at
    }

    /// Whether this signature over these bytes was made with its key (RSA, SHA-256).
    pub(crate) fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        let Ok(der) = STANDARD.decode(self.der.as_bytes()) else {
            return false;
        };
        X509::from_der(&der).is_ok_and(|x509| {
            let key = &x509.tbs_certificate.subject_public_key_info;
            let bytes = key.subject_public_key.as_bytes().unwrap_or_default();
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, bytes)
                .verify(signed, signature)
                .is_ok()
        })
    }
}

fn moment(time: Time) -> Result<DateTime<Utc>, BadCertificate> {
    i64::try_from(time.to_unix_duration().as_secs())
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .ok_or(BadCertificate::Unreadable)
}

/// Somebody else's text, to be shown.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// A key of ours with its certificate, as it lies sealed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct OwnKey {
    /// PKCS #8, base64.
    pub(crate) private: String,
    /// DER in base64.
    pub(crate) certificate: String,
    /// The certificate is good from then on.
    pub(crate) begins_at: DateTime<Utc>,
    /// The certificate is good until then.
    pub(crate) ends_at: DateTime<Utc>,
}

impl std::fmt::Debug for OwnKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnKey")
            .field("begins_at", &self.begins_at)
            .finish_non_exhaustive()
    }
}

/// A key could not be made or used.
#[derive(Debug, thiserror::Error)]
#[error("our key: {0}")]
pub(crate) struct KeyTrouble(&'static str);

impl OwnKey {
    /// Makes one. This takes some hundred milliseconds.
    pub(crate) fn make(
        name: &str,
        serial: [u8; 16],
        now: DateTime<Utc>,
    ) -> Result<Self, KeyTrouble> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyTrouble("generation"))?;
        let private: Pkcs8V1Der<'static> = pair.as_der().map_err(|_| KeyTrouble("encoding"))?;
        let begins_at = now - TimeDelta::minutes(5);
        let ends_at = now + LIFE;
        let certificate = self_signed(&pair, name, serial, begins_at, ends_at)
            .map_err(|_| KeyTrouble("certificate"))?;
        Ok(Self {
            private: STANDARD.encode(private.as_ref()),
            certificate: STANDARD.encode(certificate),
            begins_at,
            ends_at,
        })
    }

    /// Signs: RSA, SHA-256.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyTrouble> {
        let der = STANDARD
            .decode(self.private.as_bytes())
            .map_err(|_| KeyTrouble("encoding"))?;
        let pair = KeyPair::from_pkcs8(&der).map_err(|_| KeyTrouble("encoding"))?;
        sign(&pair, message).map_err(|_| KeyTrouble("signing"))
    }

    /// The private key as PEM.
    pub(crate) fn pem(&self) -> String {
        let lines: Vec<&str> = self
            .private
            .as_bytes()
            .chunks(64)
            .filter_map(|line| std::str::from_utf8(line).ok())
            .collect();
        format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            lines.join("\n")
        )
    }
}

fn sign(pair: &KeyPair, message: &[u8]) -> Result<Vec<u8>, aws_lc_rs::error::Unspecified> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message,
        &mut signature,
    )?;
    Ok(signature)
}

fn self_signed(
    pair: &KeyPair,
    name: &str,
    serial: [u8; 16],
    begins_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
) -> Result<Vec<u8>, kit::BoxError> {
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der()?;
    let algorithm = AlgorithmIdentifierOwned {
        oid: SHA256_WITH_RSA,
        parameters: Some(Any::from(Null)),
    };
    let name: Name = format!("CN={name}").parse()?;
    let mut serial = serial;
    // positive, and not empty
    serial[0] = (serial[0] & 0x7f) | 0x40;
    let tbs = TbsCertificate {
        version: Version::V3,
        serial_number: SerialNumber::new(&serial)?,
        signature: algorithm.clone(),
        issuer: name.clone(),
        validity: Validity {
            not_before: Time::try_from(std::time::SystemTime::from(begins_at))?,
            not_after: Time::try_from(std::time::SystemTime::from(ends_at))?,
        },
        subject: name,
        subject_public_key_info: SubjectPublicKeyInfoOwned::from_der(public.as_ref())?,
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: None,
    };
    let signature = sign(pair, &tbs.to_der()?)?;
    let certificate = X509 {
        tbs_certificate: tbs,
        signature_algorithm: algorithm,
        signature: BitString::from_bytes(&signature)?,
    };
    Ok(certificate.to_der()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_certificate_says_how_long_it_is_good() {
        let now: DateTime<Utc> = "2026-11-21T10:00:00Z".parse().unwrap();
        let own = OwnKey::make("entrepot", [7; 16], now).unwrap();
        let read = Certificate::parse(&own.certificate).unwrap();
        assert_eq!(read.ends_at, own.ends_at);
        assert!(read.is_good_at(now) && !read.is_good_at(own.ends_at));
        assert_eq!(read.subject, "CN=entrepot");
        let signature = own.sign(b"words").unwrap();
        assert!(read.verifies(b"words", &signature));
        assert!(!read.verifies(b"other words", &signature));
    }
}
