//! JSON bodies exactly as published: one struct for each object, one file for each resource.
//!
//! [`wire!`] declares a struct once for three uses: to read it (objects only, unknown fields ignored,
//! all fields optional – the contexts say what is missing, all at once), to write it (absent fields
//! omitted), and to describe it in the API description.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value, json};

pub(crate) mod audit;
pub(crate) mod billing_reports;
pub(crate) mod catalog;
pub(crate) mod clients;
pub(crate) mod common;
pub(crate) mod customers;
pub(crate) mod discovery;
pub(crate) mod groups;
pub(crate) mod identity_providers;
pub(crate) mod one_time_passwords;
pub(crate) mod operations;
pub(crate) mod organizations;
pub(crate) mod people;
pub(crate) mod roles;
pub(crate) mod scim;
pub(crate) mod screening;
pub(crate) mod settings;
pub(crate) mod signing_keys;
pub(crate) mod sub_partners;
pub(crate) mod subscribers;
pub(crate) mod subscriptions;
pub(crate) mod templates;
pub(crate) mod tokens;

/// A type that can be described as JSON Schema.
pub(crate) trait Schema {
    /// Its schema.
    fn schema(seen: &mut Map<String, Value>) -> Value;
    /// True when the value is left out of a body.
    fn absent(&self) -> bool {
        false
    }
}

macro_rules! scalar {
    ($($kind:ty => $schema:expr;)*) => {$(
        impl Schema for $kind {
            fn schema(_: &mut Map<String, Value>) -> Value {
                $schema
            }
        }
    )*};
}

scalar! {
    String => json!({"type": "string"});
    bool => json!({"type": "boolean"});
    i32 => json!({"type": "integer"});
    i64 => json!({"type": "integer"});
    Number => json!({"type": "number"});
}

impl<T: Schema> Schema for Option<T> {
    fn schema(seen: &mut Map<String, Value>) -> Value {
        T::schema(seen)
    }
    fn absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Schema> Schema for Vec<T> {
    fn schema(seen: &mut Map<String, Value>) -> Value {
        json!({"type": "array", "items": T::schema(seen)})
    }
}

impl<T: Schema> Schema for BTreeMap<String, T> {
    fn schema(seen: &mut Map<String, Value>) -> Value {
        json!({"type": "object", "additionalProperties": T::schema(seen)})
    }
}

/// Gives a deserializer's map to a struct, and nothing else: a derived struct would also take an array.
pub(crate) struct OnlyObject<T>(std::marker::PhantomData<T>);

impl<T> OnlyObject<T> {
    pub(crate) fn new() -> Self {
        Self(std::marker::PhantomData)
    }
}

impl<'de, T: FromMap<'de>> serde::de::Visitor<'de> for OnlyObject<T> {
    type Value = T;
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::from_map(map)
    }
}

/// The derived half of reading a struct.
pub(crate) trait FromMap<'de>: Sized {
    /// Reads the fields.
    fn from_map<A: serde::de::MapAccess<'de>>(map: A) -> Result<Self, A::Error>;
}

/// The JSON key of a field: what serde makes of its name and options, for the description.
pub(crate) fn key(name: &str, options: &[(&str, &str)]) -> String {
    if let Some((_, renamed)) = options.iter().find(|(option, _)| *option == "rename") {
        return (*renamed).to_owned();
    }
    let mut upper = false;
    let mut text = String::new();
    for character in name.chars() {
        match character {
            '_' => upper = true,
            _ if upper => {
                upper = false;
                text.push(character.to_ascii_uppercase());
            }
            _ => text.push(character),
        }
    }
    text
}

/// See the module.
macro_rules! wire {
    ($(
        $(#[doc = $about:literal])+
        struct $name:ident {
            $( $(#[doc = $doc:literal])+ $(#[serde($option:ident = $text:literal)])? $field:ident : $kind:ty, )+
        }
    )+) => {$(
        $(#[doc = $about])+
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", default, remote = "Self")]
        pub(crate) struct $name {
            $(
                $(#[doc = $doc])+
                #[serde(skip_serializing_if = "crate::wire::Schema::absent" $(, $option = $text)?)]
                pub(crate) $field: $kind,
            )+
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }

        impl<'de> crate::wire::FromMap<'de> for $name {
            fn from_map<A: serde::de::MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
                Self::deserialize(serde::de::value::MapAccessDeserializer::new(map))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_map(crate::wire::OnlyObject::new())
            }
        }

        impl crate::wire::Schema for $name {
            fn schema(seen: &mut serde_json::Map<String, serde_json::Value>) -> serde_json::Value {
                let name = stringify!($name);
                if !seen.contains_key(name) {
                    seen.insert(name.to_owned(), serde_json::Value::Null);
                    let mut properties = serde_json::Map::new();
                    $({
                        let mut property = <$kind as crate::wire::Schema>::schema(seen);
                        if let Some(property) = property.as_object_mut() {
                            let doc = concat!($($doc),+).trim();
                            property.insert("description".to_owned(), doc.into());
                        }
                        let options: &[(&str, &str)] = &[$( (stringify!($option), $text) )?];
                        properties.insert(crate::wire::key(stringify!($field), options), property);
                    })+
                    seen.insert(name.to_owned(), serde_json::json!({
                        "type": "object",
                        "description": concat!($($about),+).trim(),
                        "properties": properties,
                    }));
                }
                serde_json::json!({"$ref": format!("#/components/schemas/{name}")})
            }
        }
    )+};
}
pub(crate) use wire;

#[cfg(test)]
mod tests {
    use super::*;

    wire! {
        /// Outer.
        struct Outer {
            /// A name.
            first_name: Option<String>,
            /// A link.
            #[serde(rename = "tempURL")]
            temp_url: Option<String>,
            /// More.
            inner: Option<Inner>,
        }

        /// Inner.
        struct Inner {
            /// A list.
            list: Vec<String>,
        }
    }

    #[test]
    fn one_declaration_reads_writes_and_describes() {
        let text = r#"{"firstName":"A","tempURL":"u","inner":{"list":["x"]}}"#;
        let outer: Outer = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&outer).unwrap(), text);
        assert_eq!(serde_json::to_string(&Outer::default()).unwrap(), "{}");
        let mut seen = Map::new();
        Outer::schema(&mut seen);
        assert_eq!(seen["Outer"]["properties"]["tempURL"]["type"], "string");
        assert_eq!(
            seen["Inner"]["properties"]["list"]["items"]["type"],
            "string"
        );
    }

    #[test]
    fn an_array_is_no_object() {
        assert!(serde_json::from_str::<Outer>("[]").is_err());
        assert!(serde_json::from_str::<Outer>(r#"{"inner":[["x"]]}"#).is_err());
    }

    #[test]
    fn an_explicit_null_is_as_absent() {
        let outer: Outer = serde_json::from_str(r#"{"firstName":null,"new":{"x":1}}"#).unwrap();
        assert_eq!(outer, Outer::default());
    }
}
