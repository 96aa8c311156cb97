//! Changes to parts of a resource (RFC 7644 section 3.5.2), on its document.

use kit::scim::reason;
use scim_v2::filter::PatchPath;
use serde_json::Value;

use super::{
    Document, Wrong,
    document::{clean, is_primary, member},
    filter::Inner,
    path::{self, Spot},
    schema::{Access, Attribute, Form, Kind},
};

/// The schema of a change.
const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// Most operations of a change.
const MOST: usize = 200;

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Add,
    Replace,
    Remove,
}

/// Applies a change, whole or not at all.
pub(crate) fn apply(kind: Kind, document: Document, change: &Document) -> Result<Document, Wrong> {
    let mut document = document;
    let schemas = member(change, "schemas").and_then(Value::as_array);
    let fits = schemas.is_some_and(|all| all.iter().any(|one| one == SCHEMA));
    if !fits {
        return Err(Wrong::syntax(format!("schemas must name {SCHEMA}")));
    }
    let operations = member(change, "Operations").and_then(Value::as_array);
    let operations = operations.filter(|all| (1..=MOST).contains(&all.len()));
    let operations = operations
        .ok_or_else(|| Wrong::syntax(format!("Operations must be a list of 1 to {MOST}")))?;
    for operation in operations {
        let operation = operation
            .as_object()
            .ok_or_else(|| Wrong::syntax("an operation must be an object"))?;
        let text = |name| member(operation, name).and_then(Value::as_str);
        let verb = match text("op").map(str::to_ascii_lowercase).as_deref() {
            Some("add") => Verb::Add,
            Some("replace") => Verb::Replace,
            Some("remove") => Verb::Remove,
            _ => return Err(Wrong::syntax("op must be add, replace or remove")),
        };
        let value = member(operation, "value");
        match (text("path"), value) {
            (Some(path), value) => at(kind, &mut document, verb, path, value)?,
            (None, Some(Value::Object(values))) if verb != Verb::Remove => {
                for (path, value) in values {
                    at_named(kind, &mut document, verb, path, value)?;
                }
            }
            (None, _) if verb == Verb::Remove => {
                return Err(Wrong::new(reason::NO_TARGET, "remove needs a path"));
            }
            (None, _) => return Err(Wrong::syntax("without a path the value must be an object")),
        }
    }
    Ok(document)
}

/// A member of the value of an operation without a path. Its name may be a path.
fn at_named(
    kind: Kind,
    document: &mut Document,
    verb: Verb,
    name: &str,
    value: &Value,
) -> Result<(), Wrong> {
    // told along, and nobody's to change: what a client read it sends back
    let untouched = ["schemas", "id", "meta"];
    if untouched
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
    {
        return Ok(());
    }
    at(kind, document, verb, name, Some(value))
}

fn at(
    kind: Kind,
    document: &mut Document,
    verb: Verb,
    text: &str,
    value: Option<&Value>,
) -> Result<(), Wrong> {
    if verb != Verb::Remove && value.is_none() {
        return Err(Wrong::syntax(format!("{text}: a value is needed")));
    }
    let value = value.unwrap_or(&Value::Null);
    let nowhere = || Wrong::new(reason::PATH, format!("there is no attribute {text}"));
    // the grammar has no `$`
    if text.ends_with(".$ref") {
        let spot = path::named(kind, text).ok_or_else(nowhere)?;
        return at_spot(document, verb, spot, value);
    }
    match path::parse(text)? {
        PatchPath::Attr(path) => {
            let spot = path::resolve(kind, &path).ok_or_else(nowhere)?;
            at_spot(document, verb, spot, value)
        }
        PatchPath::Value(path) => {
            let spot = path::resolve(kind, &path.attr).ok_or_else(nowhere)?;
            let attribute = spot.attribute.filter(|found| found.many);
            let attribute = attribute.filter(|_| spot.part.is_none());
            let attribute = attribute.ok_or_else(nowhere)?;
            let inner = Inner::bind(attribute.parts(), &path.filter)
                .map_err(|wrong| Wrong::new(reason::PATH, wrong.detail))?;
            let part = match path.sub_attr {
                None => None,
                Some(name) => {
                    let parts = attribute.parts().iter();
                    let mut parts = parts.filter(|part| part.name.eq_ignore_ascii_case(&name));
                    Some(parts.next().ok_or_else(nowhere)?)
                }
            };
            let spot = Spot { part, ..spot };
            writable(&spot, verb)?;
            among(document, verb, &spot, attribute, &inner, value)
        }
    }
}

/// Whether a client may do that there.
fn writable(spot: &Spot, verb: Verb) -> Result<(), Wrong> {
    let fixed = spot.part.is_some() && spot.access() == Access::Once && verb != Verb::Add;
    if spot.access() == Access::Read || fixed {
        return Err(Wrong::mutability(&spot.name()));
    }
    Ok(())
}

fn at_spot(document: &mut Document, verb: Verb, spot: Spot, value: &Value) -> Result<(), Wrong> {
    writable(&spot, verb)?;
    let Some(attribute) = spot.attribute else {
        return at_extension(document, verb, spot, value);
    };
    if verb == Verb::Remove {
        if attribute.many && matches!(value, Value::Array(_) | Value::Object(_)) {
            return without(document, spot, attribute, value);
        }
        spot.remove(document);
        return Ok(());
    }
    let above = match spot.part {
        Some(_) => format!("{}.", attribute.name),
        None => String::new(),
    };
    let Some(value) = clean(spot.part.unwrap_or(attribute), &above, value)? else {
        spot.remove(document);
        return Ok(());
    };
    let Some(holder) = spot.holder_made(document) else {
        return Ok(());
    };
    let old = holder.get_mut(attribute.name);
    let new = match (spot.part, old) {
        (Some(part), Some(Value::Array(old))) => {
            for one in old.iter_mut().filter_map(Value::as_object_mut) {
                one.insert(part.name.to_owned(), value.clone());
            }
            return Ok(());
        }
        (Some(part), Some(Value::Object(old))) => {
            old.insert(part.name.to_owned(), value);
            return Ok(());
        }
        (Some(part), _) => {
            let made = Value::from(Document::from_iter([(part.name.to_owned(), value)]));
            if attribute.many {
                vec![made].into()
            } else {
                made
            }
        }
        (None, Some(Value::Array(old))) if verb == Verb::Add => {
            append(old, value);
            return Ok(());
        }
        (None, Some(Value::Object(old))) if matches!(attribute.form, Form::Parts(_)) => {
            if let Value::Object(mut new) = value {
                old.append(&mut new);
            }
            return Ok(());
        }
        (None, _) => value,
    };
    holder.insert(attribute.name.to_owned(), new);
    Ok(())
}

/// Adds values that are not there yet. A new primary one takes the place of the old.
fn append(old: &mut Vec<Value>, new: Value) {
    let Value::Array(new) = new else {
        return;
    };
    for value in new {
        if old.contains(&value) {
            continue;
        }
        if is_primary(&value) {
            for other in old.iter_mut().filter_map(Value::as_object_mut) {
                other.remove("primary");
            }
        }
        old.push(value);
    }
}

fn at_extension(
    document: &mut Document,
    verb: Verb,
    spot: Spot,
    value: &Value,
) -> Result<(), Wrong> {
    if verb != Verb::Add {
        spot.remove(document);
    }
    if verb == Verb::Remove {
        return Ok(());
    }
    let name = spot.name();
    let Value::Object(values) = value else {
        return Err(Wrong::value(&name, "must be an object"));
    };
    let attributes = spot.extension_attributes();
    for (name, value) in values {
        let found = attributes
            .iter()
            .find(|attribute| attribute.name.eq_ignore_ascii_case(name));
        let Some(attribute) = found else {
            continue;
        };
        let inner = Spot {
            attribute: Some(attribute),
            ..spot
        };
        at_spot(document, verb, inner, value)?;
    }
    Ok(())
}

/// Takes some values out, as directories of the field ask for it: those that are told, by their `value`.
fn without(
    document: &mut Document,
    spot: Spot,
    attribute: &Attribute,
    told: &Value,
) -> Result<(), Wrong> {
    let told = clean(attribute, "", told)?.unwrap_or_default();
    let told = told.as_array().map(Vec::as_slice).unwrap_or_default();
    keep(document, spot, attribute, |value| {
        let same = |told: &Value| told.get("value") == value.get("value");
        !told.iter().any(same)
    });
    Ok(())
}

fn keep(
    document: &mut Document,
    spot: Spot,
    attribute: &Attribute,
    wanted: impl Fn(&Value) -> bool,
) {
    let Some(holder) = spot.holder_made(document) else {
        return;
    };
    if let Some(Value::Array(values)) = holder.get_mut(attribute.name) {
        values.retain(|value| wanted(value));
        if values.is_empty() {
            holder.remove(attribute.name);
        }
    }
}

/// Changes those values of an attribute that a filter means.
fn among(
    document: &mut Document,
    verb: Verb,
    spot: &Spot,
    attribute: &'static Attribute,
    inner: &Inner,
    value: &Value,
) -> Result<(), Wrong> {
    if verb == Verb::Remove {
        match spot.part {
            None => keep(document, *spot, attribute, |value| !inner.holds(value)),
            Some(part) => each(document, spot, attribute, inner, |found| {
                found.remove(part.name);
            }),
        }
        return Ok(());
    }
    let above = format!("{}.", attribute.name);
    let new = match spot.part {
        Some(part) => {
            let value = clean(part, &above, value)?;
            let value = value.ok_or_else(|| Wrong::value(&spot.name(), "a value is needed"))?;
            Document::from_iter([(part.name.to_owned(), value)])
        }
        None => match clean(attribute, "", value)? {
            Some(Value::Array(mut values)) if values.len() == 1 => match values.pop() {
                Some(Value::Object(value)) => value,
                _ => return Err(Wrong::value(&spot.name(), "must be an object")),
            },
            _ => return Err(Wrong::value(&spot.name(), "must be one value")),
        },
    };
    let mut met = false;
    each(document, spot, attribute, inner, |found| {
        met = true;
        if spot.part.is_none() && verb == Verb::Replace {
            found.clear();
        }
        found.append(&mut new.clone());
    });
    if met {
        return Ok(());
    }
    // directories of the field add to a value that is not there yet, and describe it by the filter
    let described = inner.described().filter(|_| verb == Verb::Add);
    let mut made = described.ok_or_else(|| {
        let detail = format!("{} has no such value", attribute.name);
        Wrong::new(reason::NO_TARGET, detail)
    })?;
    made.append(&mut new.clone());
    let whole = Spot {
        part: None,
        ..*spot
    };
    let list = Value::from(vec![Value::from(made)]);
    at_spot(document, Verb::Add, whole, &list)
}

fn each(
    document: &mut Document,
    spot: &Spot,
    attribute: &Attribute,
    inner: &Inner,
    mut change: impl FnMut(&mut Document),
) {
    let Some(holder) = spot.holder_made(document) else {
        return;
    };
    let values = holder.get_mut(attribute.name).and_then(Value::as_array_mut);
    for value in values.into_iter().flatten() {
        if inner.holds(value)
            && let Value::Object(found) = value
        {
            change(found);
        }
    }
}
