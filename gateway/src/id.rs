//! Public ids: base64url of `ciscospark://us/<TYPE>/<key>`. The only place that knows the form.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose},
};
use uuid::Uuid;

/// Clients in the field send sloppy last characters. Padding is taken off before, right or wrong.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// Longer than any id we emit.
const LONGEST: usize = 512;

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A wholesale customer.
    Customer,
    /// A subscriber.
    Subscriber,
    /// An organization: partner, sub-partner, customer's.
    Organization,
    /// A person.
    Person,
    /// A location.
    Location,
    /// A licence.
    License,
    /// A role; its key is a word.
    Role,
    /// A billing report.
    Report,
    /// An onboarding template; ours.
    Template,
    /// A screening case; ours.
    Case,
    /// An asynchronous operation; ours.
    Operation,
    /// A group of people; its key begins with its organization.
    Group,
    /// An event of the audit; ours.
    AuditEvent,
    /// An identity provider; ours.
    Provider,
}

impl Kind {
    /// The names in ids; the first is the one we write.
    const fn names(self) -> &'static [&'static str] {
        match self {
            // published examples name a customer both ways
            Self::Customer => &["ENTERPRISE", "CUSTOMER"],
            Self::Subscriber => &["SUBSCRIBER"],
            Self::Organization => &["ORGANIZATION"],
            Self::Person => &["PEOPLE", "PERSON"],
            Self::Location => &["LOCATION"],
            Self::License => &["LICENSE"],
            Self::Role => &["ROLE"],
            Self::Report => &["BILLING_REPORT"],
            Self::Template => &["ONBOARDING_TEMPLATE"],
            Self::Case => &["SCREENING_CASE"],
            Self::Operation => &["OPERATION"],
            Self::Group => &["SCIM_GROUP"],
            Self::AuditEvent => &["AUDIT_EVENT"],
            Self::Provider => &["IDENTITY_PROVIDER"],
        }
    }
}

/// Writes an id; nothing for nothing.
pub(crate) fn encode(kind: Kind, key: &str) -> String {
    if key.is_empty() {
        return String::new();
    }
    let name = kind.names().first().copied().unwrap_or_default();
    general_purpose::URL_SAFE_NO_PAD.encode(format!("ciscospark://us/{name}/{key}"))
}

/// Writes an id that may be absent.
pub(crate) fn encode_optional(kind: Kind, key: &str) -> Option<String> {
    (!key.is_empty()).then(|| encode(kind, key))
}

/// Reads an id of this kind, or a bare UUID; none for everything else.
pub(crate) fn decode(kind: Kind, text: &str) -> Option<Uuid> {
    if let Some(uuid) = bare(text) {
        return Some(uuid);
    }
    let plain = unpack(text)?;
    let (_region, rest) = plain.strip_prefix("ciscospark://")?.split_once('/')?;
    let (name, key) = rest.split_once('/')?;
    let known = kind
        .names()
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name));
    if known { bare(key) } else { None }
}

/// Writes the id of a group.
pub(crate) fn encode_group(organization: &str, group: &str) -> String {
    encode(Kind::Group, &format!("{organization}:{group}"))
}

/// Reads the id of a group: its organization, where the id tells it, and the group.
pub(crate) fn decode_group(text: &str) -> Option<(Option<Uuid>, Uuid)> {
    if let Some(group) = decode(Kind::Group, text) {
        return Some((None, group));
    }
    let plain = unpack(text)?;
    let (_region, rest) = plain.strip_prefix("ciscospark://")?.split_once('/')?;
    let (name, key) = rest.split_once('/')?;
    let (organization, group) = key.split_once(':')?;
    let names = Kind::Group.names();
    let known = names.iter().any(|known| known.eq_ignore_ascii_case(name));
    known.then_some((Some(bare(organization)?), bare(group)?))
}

/// Reads an id of this kind whose key is a word, or the bare word.
pub(crate) fn decode_text(kind: Kind, text: &str) -> Option<String> {
    let is_word = |word: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        !word.is_empty() && word.len() <= 64 && word.bytes().all(known)
    };
    let key = unpack(text).and_then(|plain| {
        let (_region, rest) = plain.strip_prefix("ciscospark://")?.split_once('/')?;
        let (name, key) = rest.split_once('/')?;
        let names = kind.names();
        let known = names.iter().any(|known| known.eq_ignore_ascii_case(name));
        known.then(|| key.to_owned())
    });
    let key = key.unwrap_or_else(|| text.to_owned());
    is_word(&key).then_some(key)
}

/// Writes a provisioning id: base64 of a bare UUID.
pub(crate) fn encode_provisioning(key: &str) -> String {
    general_purpose::URL_SAFE_NO_PAD.encode(key)
}

/// Reads a provisioning id, or a bare UUID.
pub(crate) fn decode_provisioning(text: &str) -> Option<Uuid> {
    bare(text).or_else(|| bare(&unpack(text)?))
}

/// A UUID in its usual form, and in no other.
fn bare(text: &str) -> Option<Uuid> {
    if text.len() == 36 {
        Uuid::try_parse(text).ok()
    } else {
        None
    }
}

fn unpack(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let text = text.trim_end_matches('=');
    let standard = |byte| matches!(byte, '+' | '/');
    let bytes = if text.contains(standard) {
        LENIENT.decode(text.replace('+', "-").replace('/', "_"))
    } else {
        LENIENT.decode(text)
    };
    String::from_utf8(bytes.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KINDS: [Kind; 12] = [
        Kind::Customer,
        Kind::Subscriber,
        Kind::Organization,
        Kind::Person,
        Kind::Location,
        Kind::License,
        Kind::Report,
        Kind::Template,
        Kind::Case,
        Kind::Operation,
        Kind::AuditEvent,
        Kind::Provider,
    ];

    proptest! {
        #[test]
        fn an_id_reads_what_it_writes_in_every_alphabet_and_padding(value: u128, which in 0usize..11) {
            let uuid = Uuid::from_u128(value);
            let kind = KINDS[which];
            let text = encode(kind, &uuid.to_string());
            prop_assert!(!text.contains('='));
            prop_assert_eq!(decode(kind, &text), Some(uuid));
            let plain = format!("ciscospark://us/{}/{uuid}", kind.names()[0]);
            prop_assert_eq!(decode(kind, &general_purpose::STANDARD.encode(&plain)), Some(uuid));
            prop_assert_eq!(decode(kind, &general_purpose::STANDARD_NO_PAD.encode(&plain)), Some(uuid));
            prop_assert_eq!(decode(kind, &general_purpose::URL_SAFE.encode(&plain)), Some(uuid));
            prop_assert_eq!(decode(kind, &uuid.to_string()), Some(uuid));
            for other in KINDS.into_iter().filter(|other| *other != kind) {
                prop_assert_eq!(decode(other, &text), None);
            }
        }

        #[test]
        fn a_provisioning_id_reads_what_it_writes(value: u128) {
            let uuid = Uuid::from_u128(value);
            let text = encode_provisioning(&uuid.to_string());
            prop_assert_eq!(decode_provisioning(&text), Some(uuid));
            prop_assert_eq!(decode_provisioning(&format!("{text}==")), Some(uuid));
            prop_assert_eq!(decode_provisioning(&uuid.to_string()), Some(uuid));
        }

        #[test]
        fn garbage_is_no_id_and_no_panic(text: String) {
            for kind in KINDS {
                prop_assert_eq!(decode(kind, &text), None);
            }
            prop_assert_eq!(decode_provisioning(&text), None);
        }
    }

    #[test]
    fn published_examples_are_read() {
        let id =
            "Y2lzY29zcGFyazovL3VzL0VOVEVSUFJJU0UvNTJjZjU3NmQtNjBhOC00MDdhLWIyMmMtNDY3YzUxNTkxOTA4";
        let uuid = Uuid::try_parse("52cf576d-60a8-407a-b22c-467c51591908").unwrap();
        assert_eq!(decode(Kind::Customer, id), Some(uuid));
        assert_eq!(encode(Kind::Customer, &uuid.to_string()), id);
        let organization = "Y2lzY29zcGFyazovL3VzL09yZ2FuaXphdGlvbi81MmNmNTc2ZC02MGE4LTQwN2EtYjIyYy00NjdjNTE1OTE5MDk";
        assert!(decode(Kind::Organization, organization).is_some());
        assert!(decode_provisioning("ZjViMzYxODctYzhkZC00NzI3LThiMmYtZjljNDQ3ZjI5MDQ2").is_some());
    }

    #[test]
    fn other_spellings_of_a_uuid_are_no_id() {
        for text in [
            "",
            "urn:uuid:52cf576d-60a8-407a-b22c-467c51591908",
            "52cf576d60a8407ab22c467c51591908",
        ] {
            assert_eq!(decode(Kind::Customer, text), None, "{text}");
        }
    }
}
