//! Reading documents by the table of attributes, and leaving out what was not asked for.

use kit::scim::reason;
use serde_json::{Value, json};

use super::{
    Document, Wrong, path,
    schema::{Access, Attribute, COMMON, Form, Kind, named},
};

/// Longest text.
const LONGEST: usize = 256;
/// Longest URL.
const LONGEST_LINK: usize = 2048;
/// Most values of an attribute of a user.
const MOST: usize = 50;
/// Most members of a group.
pub(crate) const MOST_MEMBERS: usize = 2000;

/// A JSON object.
pub(crate) fn object(text: &str) -> Result<Document, Wrong> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Wrong::syntax("the document must be a JSON object")),
        Err(error) => Err(Wrong::syntax(format!("the document is no JSON: {error}"))),
    }
}

/// A member of an object, whatever the case of its name.
pub(crate) fn member<'a>(object: &'a Document, name: &str) -> Option<&'a Value> {
    let found = object.get(name);
    found.or_else(|| {
        let mut all = object.iter();
        all.find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

/// What a client may say in a document of this kind, named as in the table. What nobody may change and
/// what we do not know is left out.
pub(crate) fn read(kind: Kind, object: &Document) -> Result<Document, Wrong> {
    if let Some(schemas) = member(object, "schemas") {
        let is_of = |value: &Value| {
            let id = value.as_str().unwrap_or_default();
            id.eq_ignore_ascii_case(kind.core().id)
        };
        let fits = schemas.as_array().is_some_and(|all| all.iter().any(is_of));
        if !fits {
            let id = kind.core().id;
            return Err(Wrong::syntax(format!("schemas must name {id}")));
        }
    }
    let mut found = clean_parts(kind.core().attributes, "", object)?;
    found.append(&mut clean_parts(COMMON, "", object)?);
    for schema in kind.extensions() {
        let Some(Value::Object(inner)) = member(object, schema.id) else {
            continue;
        };
        let inner = clean_parts(schema.attributes, "", inner)?;
        if !inner.is_empty() {
            found.insert(schema.id.to_owned(), inner.into());
        }
    }
    Ok(found)
}

fn clean_parts(
    attributes: &'static [Attribute],
    above: &str,
    object: &Document,
) -> Result<Document, Wrong> {
    let mut found = Document::new();
    for attribute in attributes {
        if attribute.access == Access::Read {
            continue;
        }
        let Some(value) = member(object, attribute.name) else {
            continue;
        };
        if let Some(value) = clean(attribute, above, value)? {
            found.insert(attribute.name.to_owned(), value);
        }
    }
    Ok(found)
}

/// A value of an attribute as we keep it; none where it unsets the attribute.
pub(crate) fn clean(
    attribute: &Attribute,
    above: &str,
    value: &Value,
) -> Result<Option<Value>, Wrong> {
    let name = format!("{above}{}", attribute.name);
    if value.is_null() {
        return Ok(None);
    }
    if !attribute.many {
        return clean_one(attribute, &name, value);
    }
    let one = [value.clone()];
    let values = value.as_array().map_or(one.as_slice(), Vec::as_slice);
    let most = if attribute.name == "members" {
        MOST_MEMBERS
    } else {
        MOST
    };
    if values.len() > most {
        return Err(Wrong::value(&name, &format!("at most {most} values")));
    }
    let mut found = Vec::with_capacity(values.len());
    for value in values {
        if let Some(value) = clean_one(attribute, &name, value)?
            && !found.contains(&value)
        {
            found.push(value);
        }
    }
    let primaries = found.iter().filter(|value| is_primary(value)).count();
    if primaries > 1 {
        return Err(Wrong::value(&name, "at most one value is the primary one"));
    }
    Ok((!found.is_empty()).then(|| found.into()))
}

/// Whether a value is the one to use.
pub(crate) fn is_primary(value: &Value) -> bool {
    value.get("primary") == Some(&Value::Bool(true))
}

fn clean_one(attribute: &Attribute, name: &str, value: &Value) -> Result<Option<Value>, Wrong> {
    match attribute.form {
        // there is no number and no time that a client may tell
        Form::Text | Form::Time | Form::Number => {
            Ok(Some(clean_text(attribute, name, value, LONGEST)?.into()))
        }
        Form::Link(to) => {
            let link = clean_text(attribute, name, value, LONGEST_LINK)?;
            if to == ["external"] && !link.starts_with("https://") {
                return Err(Wrong::value(name, "must be an https URL"));
            }
            Ok(Some(link.into()))
        }
        Form::Flag => {
            let flag = value.as_bool().or_else(|| {
                // a directory of the field sends texts
                let text = value.as_str()?.to_ascii_lowercase();
                text.parse().ok()
            });
            let flag = flag.ok_or_else(|| Wrong::value(name, "must be true or false"))?;
            Ok(Some(flag.into()))
        }
        Form::Parts(parts) => {
            let short = value
                .as_str()
                .map(|text| Document::from_iter([("value".to_owned(), text.into())]));
            let object = value.as_object().or(short.as_ref());
            let object = object.ok_or_else(|| Wrong::value(name, "must be an object"))?;
            let found = clean_parts(parts, &format!("{name}."), object)?;
            if found.is_empty() {
                return Ok(None);
            }
            let link = named(parts, "$ref").map(|part| part.name);
            let missing = parts.iter().find(|part| {
                // what a link leads to says the same
                let told = link.is_some_and(|link| found.contains_key(link));
                part.required && !found.contains_key(part.name) && !told
            });
            match missing {
                Some(part) => Err(Wrong::value(
                    &format!("{name}.{}", part.name),
                    "is required",
                )),
                None => Ok(Some(found.into())),
            }
        }
    }
}

fn clean_text(
    attribute: &Attribute,
    name: &str,
    value: &Value,
    longest: usize,
) -> Result<String, Wrong> {
    let text = value
        .as_str()
        .ok_or_else(|| Wrong::value(name, "must be a text"))?;
    if text.chars().count() > longest {
        let detail = format!("at most {longest} characters");
        return Err(Wrong::value(name, &detail));
    }
    if text.chars().any(char::is_control) {
        return Err(Wrong::value(name, "has a control character"));
    }
    let known = attribute.known;
    if known.is_empty() {
        return Ok(text.to_owned());
    }
    let found = known.iter().find(|known| known.eq_ignore_ascii_case(text));
    found.map(|found| (*found).to_owned()).ok_or_else(|| {
        let detail = format!("must be one of {}", known.join(", "));
        Wrong::value(name, &detail)
    })
}

/// What of a document is wanted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    only: Vec<path::Spot>,
    without: Vec<path::Spot>,
}

impl Selection {
    /// From the names of attributes: of those that are wanted, or of those that are not.
    pub(crate) fn parse(kind: Kind, only: &[String], without: &[String]) -> Result<Self, Wrong> {
        if !only.is_empty() && !without.is_empty() {
            let detail = "attributes and excludedAttributes exclude each other";
            return Err(Wrong::new(reason::VALUE, detail));
        }
        // what we do not know is never told anyhow
        let spots = |names: &[String]| -> Vec<path::Spot> {
            let names = names.iter().map(|name| name.trim());
            names.filter_map(|name| path::named(kind, name)).collect()
        };
        let without = spots(without)
            .into_iter()
            .filter(|spot| !spot.is_always_told());
        Ok(Self {
            without: without.collect(),
            only: if only.is_empty() {
                Vec::new()
            } else {
                let always = ["id", "schemas"].map(str::to_owned);
                spots(&[only, &always].concat())
            },
        })
    }

    /// Leaves out what is not wanted.
    pub(crate) fn of(&self, document: Document) -> Document {
        if !self.only.is_empty() {
            let mut found = Document::new();
            if let Some(schemas) = document.get("schemas") {
                found.insert("schemas".to_owned(), schemas.clone());
            }
            for spot in &self.only {
                spot.copy(&document, &mut found);
            }
            return found;
        }
        let mut document = document;
        for spot in &self.without {
            spot.remove(&mut document);
        }
        document
    }
}

/// A list (RFC 7644 section 3.4.2).
pub(crate) fn list(resources: &[Value], total: usize, start: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}
