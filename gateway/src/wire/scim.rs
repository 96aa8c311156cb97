//! SCIM. Its documents are described by the standard and by `/Schemas`, and pass through unread.

use serde_json::{Map, Value, json};

use super::{Schema, wire};

/// A document of SCIM.
#[derive(Debug)]
pub(crate) struct Document;

impl Schema for Document {
    fn schema(_: &mut Map<String, Value>) -> Value {
        json!({"type": "object", "description": "a document of SCIM 2.0 (RFC 7643)"})
    }
}

wire! {
    /// A search whose parameters stand in the body.
    struct SearchRequest {
        /// Names of the attributes that are wanted.
        attributes: Option<Vec<String>>,
        /// Names of the attributes that are not.
        excluded_attributes: Option<Vec<String>>,
        /// A filter (RFC 7644 section 3.4.2.2).
        filter: Option<String>,
        /// The attribute to sort by.
        sort_by: Option<String>,
        /// `ascending` or `descending`.
        sort_order: Option<String>,
        /// The first one, from 1 on.
        start_index: Option<i64>,
        /// Resources at most.
        count: Option<i64>,
    }
}
