//! Keyset pages: a cursor names the last row of the page before.
//!
//! A cursor is opaque but not secret: whoever changes it reaches other rows of the same tenant only.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The last row of a page: its sort key as text, and its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Sort key.
    pub key: String,
    /// Id, which makes the order total.
    pub id: Uuid,
}

impl Cursor {
    /// Reads a token; none when it is not one of ours.
    pub fn parse(token: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()
    }

    /// As a token.
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::json!([self.key, self.id]).to_string())
    }
}

/// The size of a page: what was asked for, the default for none, never above the top.
pub fn size(requested: i32, default: i64, top: i64) -> i64 {
    if requested <= 0 {
        default
    } else {
        i64::from(requested).min(top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_what_it_writes() {
        let cursor = Cursor {
            key: "2026-01-01T00:00:00Z".to_owned(),
            id: Uuid::nil(),
        };
        assert_eq!(Cursor::parse(&cursor.token()), Some(cursor));
        assert_eq!(Cursor::parse("%%%"), None);
        assert_eq!(Cursor::parse("AAAA"), None);
    }

    #[test]
    fn sizes_stay_within_bounds() {
        assert_eq!(size(0, 50, 100), 50);
        assert_eq!(size(7, 50, 100), 7);
        assert_eq!(size(i32::MAX, 50, 100), 100);
    }
}
