//! Names of attributes: where in a document they lead.

use kit::scim::reason;
use scim_v2::filter::{AttrPath, PatchPath};
use serde_json::Value;

use super::{
    Document, Wrong,
    schema::{self, Access, Attribute, COMMON, Kind},
};

/// Longest path, and longest filter.
pub(crate) const LONGEST: usize = 4096;

/// A place in a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    /// The extension that it is in.
    pub(crate) extension: Option<&'static str>,
    /// The attribute; none for the whole extension.
    pub(crate) attribute: Option<&'static Attribute>,
    /// The part of the attribute; none for all of it.
    pub(crate) part: Option<&'static Attribute>,
}

/// Where the name of an attribute leads.
pub(crate) fn named(kind: Kind, name: &str) -> Option<Spot> {
    // the grammar has no `$`
    if let Some(above) = name.strip_suffix(".$ref") {
        let spot = named(kind, above)?;
        let part = schema::named(spot.attribute?.parts(), "$ref")?;
        return spot.part.is_none().then_some(Spot {
            part: Some(part),
            ..spot
        });
    }
    match parse(name).ok()? {
        PatchPath::Attr(path) => resolve(kind, &path),
        PatchPath::Value(_) => None,
    }
}

/// Reads a path of a change.
pub(crate) fn parse(text: &str) -> Result<PatchPath, Wrong> {
    let wrong = || Wrong::new(reason::PATH, "the path cannot be read");
    if text.len() > LONGEST {
        return Err(wrong());
    }
    text.trim().parse().map_err(|_| wrong())
}

/// Where a path leads, if anywhere.
pub(crate) fn resolve(kind: Kind, path: &AttrPath) -> Option<Spot> {
    let (name, part) = (path.name.as_str(), path.sub_attr.as_deref());
    let core = kind.core();
    let Some(uri) = path.uri.as_deref() else {
        return of(None, core.attributes, name, part).or_else(|| of(None, COMMON, name, part));
    };
    if uri.eq_ignore_ascii_case(core.id) {
        return of(None, core.attributes, name, part).or_else(|| of(None, COMMON, name, part));
    }
    let whole = format!("{uri}:{name}");
    kind.extensions().iter().find_map(|extension| {
        if uri.eq_ignore_ascii_case(extension.id) {
            return of(Some(extension.id), extension.attributes, name, part);
        }
        let all = part.is_none() && whole.eq_ignore_ascii_case(extension.id);
        all.then_some(Spot {
            extension: Some(extension.id),
            attribute: None,
            part: None,
        })
    })
}

fn of(
    extension: Option<&'static str>,
    attributes: &'static [Attribute],
    name: &str,
    part: Option<&str>,
) -> Option<Spot> {
    let attribute = schema::named(attributes, name)?;
    let part = match part {
        None => None,
        Some(part) => Some(schema::named(attribute.parts(), part)?),
    };
    Some(Spot {
        extension,
        attribute: Some(attribute),
        part,
    })
}

impl Spot {
    /// Its name, for people.
    pub(crate) fn name(&self) -> String {
        let name = |attribute: Option<&'static Attribute>| attribute.map(|found| found.name);
        let parts = [name(self.attribute), name(self.part)];
        let path: Vec<_> = parts.into_iter().flatten().collect();
        match self.extension {
            Some(extension) if path.is_empty() => extension.to_owned(),
            _ => path.join("."),
        }
    }

    /// Whether a client may change it.
    pub(crate) fn access(&self) -> Access {
        let of = |attribute: Option<&'static Attribute>| attribute.map(|found| found.access);
        if of(self.attribute) == Some(Access::Read) {
            return Access::Read;
        }
        of(self.part).unwrap_or(Access::Write)
    }

    /// The id of a resource, which is told whatever is asked for.
    pub(super) fn is_always_told(&self) -> bool {
        self.extension.is_none() && self.attribute.is_some_and(|found| found.name == "id")
    }

    /// The object that holds the attribute, if it is there.
    pub(super) fn holder<'a>(&self, document: &'a Document) -> Option<&'a Document> {
        match self.extension {
            None => Some(document),
            Some(extension) => document.get(extension)?.as_object(),
        }
    }

    /// The object that holds the attribute, made where it is missing.
    pub(super) fn holder_made<'a>(&self, document: &'a mut Document) -> Option<&'a mut Document> {
        match self.extension {
            None => Some(document),
            Some(extension) => document
                .entry(extension)
                .or_insert_with(|| Document::new().into())
                .as_object_mut(),
        }
    }

    /// All values there.
    pub(super) fn values<'a>(&self, document: &'a Document) -> Vec<&'a Value> {
        let found = self.attribute.and_then(|attribute| {
            let holder = self.holder(document)?;
            holder.get(attribute.name)
        });
        let found: Vec<&Value> = match found {
            None => Vec::new(),
            Some(Value::Array(values)) => values.iter().collect(),
            Some(value) => vec![value],
        };
        match self.part {
            None => found,
            Some(part) => found
                .into_iter()
                .filter_map(|value| value.get(part.name))
                .collect(),
        }
    }

    /// What the extension consists of.
    pub(super) fn extension_attributes(&self) -> &'static [Attribute] {
        let all = Kind::ALL.iter().flat_map(|kind| kind.extensions());
        let mut found = all.filter(|schema| Some(schema.id) == self.extension);
        found
            .next()
            .map(|schema| schema.attributes)
            .unwrap_or_default()
    }

    /// What to sort by: the value, in lower case where case does not count; what has none comes last.
    pub(crate) fn order_key(&self, document: &Document) -> (bool, String) {
        let attribute = self.part.or(self.attribute);
        let values = self.values(document);
        let text = values.first().map(|value| match value {
            Value::String(text) => text.clone(),
            value => value.get("value").unwrap_or(value).to_string(),
        });
        let exact = attribute.is_some_and(|found| found.exact);
        let text = text.map(|text| if exact { text } else { text.to_lowercase() });
        (text.is_none(), text.unwrap_or_default())
    }

    /// Takes it out; an extension of which nothing is left goes as well.
    pub(super) fn remove(&self, document: &mut Document) {
        let Some(extension) = self.extension else {
            return self.remove_from(document);
        };
        if self.attribute.is_none() {
            document.remove(extension);
            return;
        }
        if let Some(Value::Object(inner)) = document.get_mut(extension) {
            self.remove_from(inner);
            if inner.is_empty() {
                document.remove(extension);
            }
        }
    }

    fn remove_from(&self, holder: &mut Document) {
        let Some(attribute) = self.attribute else {
            return;
        };
        let Some(part) = self.part else {
            holder.remove(attribute.name);
            return;
        };
        let Some(value) = holder.get_mut(attribute.name) else {
            return;
        };
        match value {
            Value::Array(values) => {
                for value in values.iter_mut() {
                    if let Value::Object(inner) = value {
                        inner.remove(part.name);
                    }
                }
                values.retain(|value| value.as_object().is_none_or(|inner| !inner.is_empty()));
                if values.is_empty() {
                    holder.remove(attribute.name);
                }
            }
            Value::Object(inner) => {
                inner.remove(part.name);
                if inner.is_empty() {
                    holder.remove(attribute.name);
                }
            }
            _ => {}
        }
    }

    /// Copies it to another document.
    pub(super) fn copy(&self, from: &Document, to: &mut Document) {
        let Some(source) = self.holder(from) else {
            return;
        };
        let Some(attribute) = self.attribute else {
            if let Some(extension) = self.extension {
                to.insert(extension.to_owned(), source.clone().into());
            }
            return;
        };
        let Some(value) = source.get(attribute.name) else {
            return;
        };
        let Some(target) = self.holder_made(to) else {
            return;
        };
        let Some(part) = self.part else {
            target.insert(attribute.name.to_owned(), value.clone());
            return;
        };
        match value {
            Value::Array(values) => {
                let made = target
                    .entry(attribute.name)
                    .or_insert_with(|| vec![Value::Object(Document::new()); values.len()].into());
                let made = made.as_array_mut().into_iter().flatten();
                for (made, value) in made.zip(values) {
                    copy_part(part, value, made);
                }
            }
            value => {
                let made = target
                    .entry(attribute.name)
                    .or_insert_with(|| Document::new().into());
                copy_part(part, value, made);
            }
        }
    }
}

fn copy_part(part: &Attribute, from: &Value, to: &mut Value) {
    if let (Some(value), Some(to)) = (from.get(part.name), to.as_object_mut()) {
        to.insert(part.name.to_owned(), value.clone());
    }
}
