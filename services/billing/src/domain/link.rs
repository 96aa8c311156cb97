//! Download links of reports (R-1407): a path, an expiry, a signature.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use kit::id::PartnerId;
use uuid::Uuid;

use super::ReportId;

/// How long a link works after the request that returned it.
const LIFE: TimeDelta = TimeDelta::minutes(30);

/// Whoever holds the key can make links; it never leaves this context.
pub(crate) struct LinkKey {
    key_id: String,
    key: hmac::Key,
}

impl LinkKey {
    /// A key from its secret.
    pub(crate) fn new(key_id: String, secret: &[u8]) -> Self {
        Self {
            key_id,
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
        }
    }

    /// Path and query of a link that works for half an hour.
    pub(crate) fn path(&self, partner: PartnerId, report: ReportId, now: DateTime<Utc>) -> String {
        let (partner, report) = (partner.uuid(), report.uuid());
        let expires = (now + LIFE).timestamp();
        let tag = hmac::sign(&self.key, &message(partner, report, expires));
        let signature = URL_SAFE_NO_PAD.encode(tag);
        format!(
            "/reports/{partner}/WHOLESALE/{report}.csv\
             ?Expires={expires}&Signature={signature}&Key-Pair-Id={}",
            self.key_id
        )
    }

    /// Whether the link is ours and still alive. The comparison takes the same time for every
    /// signature.
    pub(crate) fn allows(
        &self,
        partner: PartnerId,
        report: ReportId,
        expires: i64,
        signature: &str,
        now: DateTime<Utc>,
    ) -> bool {
        let Ok(tag) = URL_SAFE_NO_PAD.decode(signature) else {
            return false;
        };
        let message = message(partner.uuid(), report.uuid(), expires);
        hmac::verify(&self.key, &message, &tag).is_ok() && now.timestamp() < expires
    }
}

/// What is signed: fixed width, so no two links share it.
fn message(partner: Uuid, report: Uuid, expires: i64) -> Vec<u8> {
    let mut message = b"entrepot report link 1".to_vec();
    message.extend_from_slice(partner.as_bytes());
    message.extend_from_slice(report.as_bytes());
    message.extend_from_slice(&expires.to_be_bytes());
    message
}
