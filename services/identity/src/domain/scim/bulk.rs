//! Several operations in one request (RFC 7644 section 3.7).

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    Document, Wrong,
    discovery::MOST_OPERATIONS,
    document::{member, object},
    schema::Kind,
    user::text_at,
};

const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
/// Stands before the name of a resource that an earlier operation makes.
const REFERENCE: &str = "bulkId:";

/// A request.
#[derive(Debug)]
pub(crate) struct Bulk {
    /// Stop after so many failures; never when there is no number.
    pub(crate) fail_on_errors: Option<u64>,
    /// What to do, in order.
    pub(crate) operations: Vec<Operation>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Adds a resource.
    Post,
    /// Replaces one.
    Put,
    /// Changes parts of one.
    Patch,
    /// Deletes one.
    Delete,
}

impl Verb {
    /// As it is sent.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// One operation.
#[derive(Debug)]
pub(crate) struct Operation {
    /// What it does.
    pub(crate) verb: Verb,
    /// To what.
    pub(crate) kind: Kind,
    /// The resource; empty for a new one.
    pub(crate) id: String,
    /// Its name within the request.
    pub(crate) bulk_id: String,
    /// The version that was read.
    pub(crate) version: String,
    /// The document.
    pub(crate) data: Document,
}

/// Reads a request.
pub(crate) fn parse(text: &str) -> Result<Bulk, Wrong> {
    let request = object(text)?;
    let schemas = member(&request, "schemas").and_then(Value::as_array);
    if !schemas.is_some_and(|all| all.iter().any(|one| one == REQUEST)) {
        return Err(Wrong::syntax(format!("schemas must name {REQUEST}")));
    }
    let told = member(&request, "Operations").and_then(Value::as_array);
    let told = told.filter(|all| !all.is_empty() && all.len() <= MOST_OPERATIONS);
    let told = told.ok_or_else(|| {
        let detail = format!("Operations must be a list of 1 to {MOST_OPERATIONS}");
        Wrong::syntax(detail)
    })?;
    let fail_on_errors = member(&request, "failOnErrors").and_then(Value::as_u64);
    Ok(Bulk {
        fail_on_errors: fail_on_errors.filter(|most| *most > 0),
        operations: told.iter().map(operation).collect::<Result<_, _>>()?,
    })
}

fn operation(told: &Value) -> Result<Operation, Wrong> {
    let told = told
        .as_object()
        .ok_or_else(|| Wrong::syntax("an operation must be an object"))?;
    let text = |name| {
        member(told, name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let verb = match text("method").to_ascii_uppercase().as_str() {
        "POST" => Verb::Post,
        "PUT" => Verb::Put,
        "PATCH" => Verb::Patch,
        "DELETE" => Verb::Delete,
        _ => return Err(Wrong::syntax("method must be POST, PUT, PATCH or DELETE")),
    };
    let path = text("path").trim_matches('/');
    let (first, id) = path.split_once('/').unwrap_or((path, ""));
    let kind = Kind::ALL.into_iter().find(|kind| {
        kind.endpoint()
            .trim_matches('/')
            .eq_ignore_ascii_case(first)
    });
    let kind = kind.ok_or_else(|| Wrong::syntax("path must lead to Users or Groups"))?;
    let bulk_id = text("bulkId").to_owned();
    if (verb == Verb::Post) != id.is_empty() || id.contains('/') {
        return Err(Wrong::syntax(
            "POST needs a path without an id, the others one with it",
        ));
    }
    if verb == Verb::Post && bulk_id.is_empty() {
        return Err(Wrong::syntax("POST needs a bulkId"));
    }
    let data = match member(told, "data") {
        None | Some(Value::Null) => Document::new(),
        Some(Value::Object(data)) => data.clone(),
        Some(Value::String(text)) => object(text)?,
        Some(_) => return Err(Wrong::syntax("data must be an object")),
    };
    Ok(Operation {
        verb,
        kind,
        id: id.to_owned(),
        bulk_id,
        version: text("version").to_owned(),
        data,
    })
}

impl Operation {
    /// Puts the ids of what was made before in the place of its names.
    pub(crate) fn resolve(&mut self, made: &HashMap<String, String>) -> Result<(), Wrong> {
        if let Some(name) = self.id.strip_prefix(REFERENCE) {
            self.id = id_of(made, name)?;
        }
        let values = self.data.iter_mut().map(|(_, value)| value);
        values
            .into_iter()
            .try_for_each(|value| resolve(value, made))
    }

    /// What became of it.
    pub(crate) fn answer(&self, status: u16, location: Option<String>) -> Value {
        let mut answer = json!({ "method": self.verb.name(), "status": status.to_string() });
        if !self.bulk_id.is_empty() {
            answer["bulkId"] = self.bulk_id.clone().into();
        }
        if let Some(location) = location {
            answer["location"] = location.into();
        }
        answer
    }
}

fn resolve(value: &mut Value, made: &HashMap<String, String>) -> Result<(), Wrong> {
    match value {
        Value::String(text) => {
            if let Some(name) = text.strip_prefix(REFERENCE) {
                *text = id_of(made, name)?;
            }
            Ok(())
        }
        Value::Array(values) => values.iter_mut().try_for_each(|value| resolve(value, made)),
        Value::Object(inner) => {
            let values = inner.iter_mut().map(|(_, value)| value);
            values
                .into_iter()
                .try_for_each(|value| resolve(value, made))
        }
        _ => Ok(()),
    }
}

fn id_of(made: &HashMap<String, String>, name: &str) -> Result<String, Wrong> {
    let found = made.get(name).cloned();
    found.ok_or_else(|| {
        let detail = "no operation before this one has made it";
        Wrong::value(&format!("{REFERENCE}{name}"), detail)
    })
}

/// What became of all.
pub(crate) fn response(answers: &[Value]) -> Value {
    debug_assert!(
        answers
            .iter()
            .all(|answer| !text_at(answer, "status").is_empty())
    );
    json!({ "schemas": [RESPONSE], "Operations": answers })
}
