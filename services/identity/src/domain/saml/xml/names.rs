//! Which names, and names of namespaces, are read.

use super::super::refusal::Refusal;

/// An ASCII name without a colon.
pub(super) fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

/// `ID`, `Id`, `AssertionID` and what else a parser might resolve a reference with.
pub(super) fn is_identifier(local: &str) -> bool {
    local.eq_ignore_ascii_case("id") || local.eq_ignore_ascii_case("assertionid")
}

/// Absolute and written in one way: canonicalization of relative ones differs between parsers.
pub(super) fn check_namespace(raw: &str, value: &str) -> Result<(), Refusal> {
    let absolute = value
        .split_once(':')
        .is_some_and(|(scheme, rest)| is_name(scheme) && !rest.is_empty());
    let plain = raw == value && value.bytes().all(|b| b.is_ascii_graphic());
    if absolute && plain {
        Ok(())
    } else {
        Err(Refusal::NAMESPACE)
    }
}
