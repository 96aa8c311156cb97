//! JSON bodies: read once into the wire type. Only when that fails is the text looked at again, to
//! name the field.

use std::fmt::Write as _;

use serde::de::DeserializeOwned;

use crate::failure::{Failure, table};

/// Deeper than anything published.
const DEEPEST: usize = 32;

/// Reads an object.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut walk = Walk::default();
    for byte in bytes {
        walk.step(*byte);
        if walk.levels.len() > DEEPEST {
            return Err(Failure::malformed("the body is nested too deep"));
        }
        if walk.nul {
            let field = walk.path();
            let message = format!("{field} has a control character");
            return Err(Failure::field(&field, kit::fault::reason::INVALID, message));
        }
    }
    match serde_json::from_slice(bytes) {
        Ok(value) => Ok(value),
        Err(error) if error.is_data() => Err(wrong_type(bytes, &error)),
        Err(error) => Err(Failure::malformed(format!(
            "the body is not valid JSON: {error}"
        ))),
    }
}

fn wrong_type(bytes: &[u8], error: &serde_json::Error) -> Failure {
    let mut walk = Walk::default();
    for byte in bytes
        .iter()
        .take(offset(bytes, error.line(), error.column()))
    {
        walk.step(*byte);
    }
    let field = walk.path();
    if field.is_empty() {
        return Failure::malformed("the body must be a JSON object");
    }
    // the position would tell nothing that the field does not
    let text = error.to_string();
    let text = text
        .split_once(" at line ")
        .map_or(text.as_str(), |(text, _)| text);
    Failure::field(&field, table::WRONG_TYPE, format!("{field}: {text}"))
}

/// The byte at a line and column, both from one.
fn offset(bytes: &[u8], line: usize, column: usize) -> usize {
    let lines = bytes
        .split(|byte| *byte == b'\n')
        .take(line.saturating_sub(1));
    lines.map(|line| line.len() + 1).sum::<usize>() + column
}

/// One open object or array.
#[derive(Debug)]
enum Level {
    /// An object, with the key last read.
    Object(String),
    /// An array, with the index.
    Array(usize),
}

/// Walks over JSON text byte by byte and knows where it is. It trusts the text to be JSON; what it
/// says of other text is never used.
#[derive(Debug, Default)]
struct Walk {
    levels: Vec<Level>,
    place: Place,
    /// After a comma or an opening brace of an object.
    expects_key: bool,
    /// The string is a key.
    key: bool,
    /// Seen: the character that PostgreSQL texts cannot hold.
    nul: bool,
    text: Vec<u8>,
}

/// Where in a string the walk is.
#[derive(Debug, Default, Clone, Copy)]
enum Place {
    /// In none.
    #[default]
    Outside,
    /// Between its quotes.
    Inside,
    /// After a backslash.
    Escaped,
    /// Within `\uXXXX`: digits seen, and whether all were zero.
    Unicode(u8, bool),
}

impl Walk {
    fn step(&mut self, byte: u8) {
        if !matches!(self.place, Place::Outside) {
            return self.string(byte);
        }
        match byte {
            b'"' => {
                self.place = Place::Inside;
                self.key = self.expects_key;
                self.expects_key = false;
                self.text.clear();
            }
            b'{' => {
                self.levels.push(Level::Object(String::new()));
                self.expects_key = true;
            }
            b'[' => {
                self.levels.push(Level::Array(0));
                self.expects_key = false;
            }
            b'}' | b']' => {
                self.levels.pop();
                self.expects_key = false;
            }
            b',' => match self.levels.last_mut() {
                Some(Level::Array(index)) => *index += 1,
                Some(Level::Object(_)) => self.expects_key = true,
                None => {}
            },
            _ => {}
        }
    }

    fn string(&mut self, byte: u8) {
        self.place = match (self.place, byte) {
            (Place::Unicode(digits, zero), _) => {
                let zero = zero && byte == b'0';
                self.nul |= zero && digits == 3;
                if digits < 3 {
                    Place::Unicode(digits + 1, zero)
                } else {
                    Place::Inside
                }
            }
            (Place::Escaped, b'u') => Place::Unicode(0, true),
            (Place::Escaped, _) => Place::Inside,
            (_, b'\\') => Place::Escaped,
            (_, b'"') => Place::Outside,
            _ => Place::Inside,
        };
        if matches!(self.place, Place::Outside) {
            if self.key
                && let Some(Level::Object(key)) = self.levels.last_mut()
            {
                *key = String::from_utf8_lossy(&self.text).into_owned();
            }
            return;
        }
        if self.key && self.text.len() < 64 {
            self.text.push(byte);
        }
    }

    /// `provisioningParameters.packages.limits` or `packages[2]`.
    fn path(&self) -> String {
        let mut path = String::new();
        for level in &self.levels {
            match level {
                Level::Object(key) if path.is_empty() => path.push_str(key),
                Level::Object(key) if key.is_empty() => {}
                Level::Object(key) => {
                    path.push('.');
                    path.push_str(key);
                }
                Level::Array(index) => drop(write!(path, "[{index}]")),
            }
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Outer {
        name: Option<String>,
        inner: Option<Inner>,
        list: Option<Vec<String>>,
        counts: Option<BTreeMap<String, u32>>,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Inner {
        deep: Option<BTreeMap<String, bool>>,
    }

    fn field(text: &str) -> Option<String> {
        read::<Outer>(text.as_bytes())
            .unwrap_err()
            .fields()
            .next()
            .map(str::to_owned)
    }

    #[test]
    fn a_wrong_type_names_its_field() {
        assert_eq!(field(r#"{"name": 5}"#).as_deref(), Some("name"));
        assert_eq!(
            field(r#"{"name": "x", "inner": "y"}"#).as_deref(),
            Some("inner")
        );
        assert_eq!(field(r#"{"name": {"a": 1}}"#).as_deref(), Some("name"));
        assert_eq!(
            field(r#"{"list": ["a", "b,\"", 3]}"#).as_deref(),
            Some("list[2]")
        );
        assert_eq!(
            field("{\"name\": \"x\",\n \"inner\":\n {\"deep\": {\"on\": true, \"off\": 0}}}")
                .as_deref(),
            Some("inner.deep.off")
        );
        assert_eq!(
            field(r#"{"x": [{"y": 1}], "counts": {"a": -1}}"#).as_deref(),
            Some("counts.a")
        );
    }

    #[test]
    fn an_escaped_nul_is_refused_with_its_field_and_a_literal_one_is_text() {
        assert_eq!(
            field(r#"{"list": ["a", "\u0000"]}"#).as_deref(),
            Some("list[1]")
        );
        let read = read::<Outer>(br#"{"name": "\\u0000 \u0001"}"#).unwrap();
        assert_eq!(read.name.as_deref(), Some("\\u0000 \u{1}"));
        assert!(read.inner.is_none() && read.list.is_none() && read.counts.is_none());
    }

    #[test]
    fn depth_is_bounded_even_where_fields_are_ignored() {
        let text = format!(
            "{{\"ignored\": {}1{}}}",
            "[".repeat(10_000),
            "]".repeat(10_000)
        );
        assert_eq!(read::<Outer>(text.as_bytes()).unwrap_err().status(), 400);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in r#"[\[\]{}",:\\u0a \n]{0,60}"#) {
            let _ = read::<Outer>(text.as_bytes());
        }
    }
}
