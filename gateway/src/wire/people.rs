//! People.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value, json};

use super::{Schema, wire};

wire! {
    /// A person.
    struct PersonBody {
        /// Its id.
        id: Option<String>,
        /// Its address, one.
        emails: Option<Vec<String>>,
        /// Its telephone numbers.
        phone_numbers: Option<Vec<PersonPhone>>,
        /// Its extension.
        extension: Option<String>,
        /// Its location; not kept here.
        location_id: Option<String>,
        /// Its name as shown.
        display_name: Option<String>,
        /// What others call it.
        nick_name: Option<String>,
        /// Its given name.
        first_name: Option<String>,
        /// Its family name.
        last_name: Option<String>,
        /// URL of its picture.
        avatar: Option<String>,
        /// Its organization.
        org_id: Option<String>,
        /// Ids of its roles. Left out of a change, they stay.
        roles: Option<Vec<String>>,
        /// Its licences; given by packages and not here.
        licenses: Option<Vec<String>>,
        /// Its department.
        department: Option<String>,
        /// Its manager, as a text.
        manager: Option<String>,
        /// Its manager, as a person.
        manager_id: Option<String>,
        /// Its title.
        title: Option<String>,
        /// Its addresses.
        addresses: Option<Vec<PersonAddress>>,
        /// When it was added.
        created: Option<String>,
        /// When it was last changed.
        last_modified: Option<String>,
        /// Its time zone.
        timezone: Option<String>,
        /// Whether it has not signed in yet.
        invite_pending: Option<Flag>,
        /// Whether it may sign in.
        login_enabled: Option<Flag>,
        /// `person`.
        #[serde(rename = "type")]
        kind: Option<String>,
    }

    /// A telephone number.
    struct PersonPhone {
        /// `work`, `work_extension`, `mobile` or `fax`.
        #[serde(rename = "type")]
        kind: Option<String>,
        /// The number.
        value: Option<String>,
        /// The one to call.
        primary: Option<bool>,
    }

    /// A postal address.
    struct PersonAddress {
        /// `work` or `home`.
        #[serde(rename = "type")]
        kind: Option<String>,
        /// Country.
        country: Option<String>,
        /// City.
        locality: Option<String>,
        /// State or region.
        region: Option<String>,
        /// Street and number.
        street_address: Option<String>,
        /// Postal code.
        postal_code: Option<String>,
    }

    /// A page of people.
    struct PersonList {
        /// The people.
        items: Vec<PersonBody>,
        /// Of the ids that were asked for those that name nobody.
        not_found_ids: Option<Vec<String>>,
    }
}

/// Yes or no. Published answers hold it as text, published requests as a boolean; both are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flag(pub(crate) bool);

impl Schema for Flag {
    fn schema(_: &mut Map<String, Value>) -> Value {
        json!({"type": "string", "enum": ["true", "false"]})
    }
}

impl Serialize for Flag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.0 { "true" } else { "false" })
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl de::Visitor<'_> for Either {
            type Value = Flag;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("true or false")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Flag, E> {
                Ok(Flag(value))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Flag, E> {
                match text {
                    "true" => Ok(Flag(true)),
                    "false" => Ok(Flag(false)),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_any(Either)
    }
}
