//! A group as a document, and back.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Document, Wrong,
    schema::GROUP,
    user::{meta, put, put_list, referred, take, taken},
};

kit::id! {
    /// A group of people.
    pub(crate) GroupId
}

/// A group.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// Its id.
    pub(crate) id: GroupId,
    /// Its name.
    pub(crate) display_name: String,
    /// The directory's own id.
    pub(crate) external_id: String,
    /// Grows with every change.
    pub(crate) version: i32,
    /// When it was added.
    pub(crate) created_at: DateTime<Utc>,
    /// When it was last changed.
    pub(crate) changed_at: DateTime<Utc>,
    /// The people in it, by id.
    pub(crate) members: Vec<Uuid>,
}

/// A group as wanted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Its name.
    pub(crate) display_name: String,
    /// The directory's own id.
    pub(crate) external_id: String,
    /// The people in it, each once, by id.
    pub(crate) members: Vec<Uuid>,
}

impl Group {
    /// As a document; `base` is where the organization's resources are.
    pub(crate) fn document(&self, base: &str) -> Document {
        let mut found = Document::new();
        found.insert("schemas".to_owned(), json!([GROUP]));
        found.insert("id".to_owned(), self.id.to_string().into());
        put(&mut found, "displayName", &self.display_name);
        put(&mut found, "externalId", &self.external_id);
        let members = self
            .members
            .iter()
            .map(|id| json!({ "value": id, "$ref": format!("{base}/Users/{id}"), "type": "User" }));
        put_list(&mut found, "members", members);
        let location = format!("{base}/Groups/{}", self.id);
        let at = (self.created_at, self.changed_at);
        found.insert(
            "meta".to_owned(),
            meta("Group", at, &location, self.version),
        );
        found
    }
}

/// What a document, read by the table, wants of a group.
pub(crate) fn asked(document: Document) -> Result<Asked, Wrong> {
    let mut rest = document;
    let display_name = take(&mut rest, "displayName").trim().to_owned();
    if display_name.is_empty() {
        return Err(Wrong::value("displayName", "is required"));
    }
    let member = |value: &Value| {
        referred(value).ok_or_else(|| Wrong::value("members.value", "is no id of a user"))
    };
    let members = taken(&mut rest, "members");
    let mut members = members.iter().map(member).collect::<Result<Vec<_>, _>>()?;
    members.sort_unstable();
    members.dedup();
    Ok(Asked {
        display_name,
        external_id: take(&mut rest, "externalId"),
        members,
    })
}
