//! What a response must say to be believed, read from the guarded document by our own reader. The library has
//! verified the signatures by then, and has made most of these checks in its own way; both must agree.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    guard::{self, Plain},
    refusal::Refusal,
    settings::{Asserted, Expected, Ours, Provider, Subject, TRANSIENT, UNSPECIFIED},
    xml::{Element, Space},
};

/// How far clocks may be apart (S60).
pub(crate) const SKEW: TimeDelta = TimeDelta::seconds(180);
/// An assertion is of use for this long after it was made, whatever it says (S59).
const LONGEST: TimeDelta = TimeDelta::hours(1);
/// Longest name of a subject.
const LONGEST_NAME: usize = 256;
/// Most attributes, and most values of one.
const MOST: usize = 200;

const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const ENTITY: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";

/// What is signed must be what the connection wants signed, before anything is verified (G4).
pub(crate) fn check_signed(plain: &Plain, provider: &Provider) -> Result<(), Refusal> {
    let response = guard::signature_of(&plain.root)?.is_some();
    let unsigned = provider.response_signed_only && !response;
    let encrypted = plain.root.one(Space::Assertion, "EncryptedAssertion")?;
    if let Some(encrypted) = encrypted {
        if !provider.assertions_encrypted {
            return Err(Refusal::ENCRYPTED);
        }
        guard::encryption(encrypted, response)?;
        // the signature of the assertion is looked at when it can be read
        return if unsigned {
            Err(Refusal::UNSIGNED)
        } else {
            Ok(())
        };
    }
    let Some(assertion) = plain.root.one(Space::Assertion, "Assertion")? else {
        return status(&plain.root).and(Err(Refusal::STRUCTURE));
    };
    if provider.assertions_encrypted {
        return Err(Refusal::NOT_ENCRYPTED);
    }
    if unsigned {
        return Err(Refusal::UNSIGNED);
    }
    check_assertion_signed(response, assertion, provider)
}

/// The same for an assertion that can be read.
pub(crate) fn check_assertion_signed(
    response: bool,
    assertion: &Element,
    provider: &Provider,
) -> Result<(), Refusal> {
    let itself = guard::signature_of(assertion)?.is_some();
    if itself || (provider.response_signed_only && response) {
        Ok(())
    } else {
        Err(Refusal::UNSIGNED)
    }
}

/// Reads who is asserted.
pub(crate) fn read(
    plain: &Plain,
    provider: &Provider,
    ours: &Ours,
    expected: &Expected,
    now: DateTime<Utc>,
) -> Result<Asserted, Refusal> {
    let response = &plain.root;
    version(response)?;
    let response_id = id(response)?;
    issued(response, now)?;
    status(response)?;
    issuer(response, provider)?;
    let signed = guard::signature_of(response)?.is_some();
    match response.attribute("Destination") {
        Some(destination) if destination == ours.acs_url => {}
        // only who signs the response must say where it goes
        None if !signed => {}
        _ => return Err(Refusal::DESTINATION),
    }
    if response.attribute("InResponseTo") != expected.request_id.as_deref() {
        return Err(Refusal::IN_RESPONSE_TO);
    }

    let assertion = response
        .the(Space::Assertion, "Assertion")
        .map_err(|_| Refusal::STRUCTURE)?;
    version(assertion)?;
    let assertion_id = id(assertion)?;
    let made = issued(assertion, now)?;
    issuer(assertion, provider)?;
    if made + LONGEST + SKEW <= now {
        return Err(Refusal::TIME);
    }
    let confirmed_until = confirmation(assertion, ours, expected, now)?;
    conditions(assertion, ours, now)?;
    let authentication = authentication(assertion, expected, now)?;
    Ok(Asserted {
        subject: subject(assertion)?,
        session_index: authentication.session_index,
        session_ends_at: authentication.session_ends_at,
        authenticated_at: authentication.at,
        context_class: authentication.class,
        attributes: attributes(assertion)?,
        response_id,
        assertion_id,
        usable_until: confirmed_until.min(made + LONGEST) + SKEW,
    })
}

/// 2.0 (G7).
pub(crate) fn version(element: &Element) -> Result<(), Refusal> {
    if element.attribute("Version") == Some("2.0") {
        Ok(())
    } else {
        Err(Refusal::VERSION)
    }
}

/// Its id, of which there is one in the document.
pub(crate) fn id(element: &Element) -> Result<String, Refusal> {
    match element.attribute("ID") {
        Some(id)
            if !id.is_empty() && id.len() <= 256 && id.bytes().all(|b| b.is_ascii_graphic()) =>
        {
            Ok(id.to_owned())
        }
        _ => Err(Refusal::IDENTIFIER),
    }
}

/// When it was made, which has been.
pub(crate) fn issued(element: &Element, now: DateTime<Utc>) -> Result<DateTime<Utc>, Refusal> {
    let at = instant(element, "IssueInstant")?.ok_or(Refusal::TIME)?;
    if at - SKEW > now {
        return Err(Refusal::TIME);
    }
    Ok(at)
}

/// A time of an attribute: in UTC, as SAML wants it.
pub(crate) fn instant(element: &Element, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    element
        .attribute(name)
        .map(|text| {
            if !text.ends_with('Z') || text.len() > 40 {
                return Err(Refusal::TIME);
            }
            DateTime::parse_from_rfc3339(text)
                .map(|at| at.to_utc())
                .map_err(|_| Refusal::TIME)
        })
        .transpose()
}

/// The connection's own provider, in the Response and in the Assertion (G6).
pub(crate) fn issuer(element: &Element, provider: &Provider) -> Result<(), Refusal> {
    let issuer = element
        .one(Space::Assertion, "Issuer")?
        .ok_or(Refusal::ISSUER)?;
    let entity = issuer
        .attribute("Format")
        .is_none_or(|format| format == ENTITY);
    if entity && issuer.leaf() == Some(provider.entity_id.as_str()) {
        Ok(())
    } else {
        Err(Refusal::ISSUER)
    }
}

fn status(response: &Element) -> Result<(), Refusal> {
    let code = response
        .the(Space::Protocol, "Status")?
        .the(Space::Protocol, "StatusCode")?;
    if code.attribute("Value") == Some(SUCCESS) {
        Ok(())
    } else {
        Err(Refusal::STATUS)
    }
}

/// Whether the status of an answer says yes.
pub(crate) fn is_success(response: &Element) -> bool {
    status(response).is_ok()
}

/// Its name.
pub(crate) fn name_id(name: &Element) -> Result<Subject, Refusal> {
    let value = name.leaf().ok_or(Refusal::SUBJECT)?;
    Ok(Subject {
        value: clean(value)?,
        format: name
            .attribute("Format")
            .map_or(Ok(UNSPECIFIED.to_owned()), clean)?,
        name_qualifier: name.attribute("NameQualifier").map(clean).transpose()?,
        sp_name_qualifier: name.attribute("SPNameQualifier").map(clean).transpose()?,
    })
}

/// Something to tell people apart by: no spaces around it, nothing invisible in it.
fn clean(text: &str) -> Result<String, Refusal> {
    let good = !text.is_empty()
        && text.chars().count() <= LONGEST_NAME
        && text.trim() == text
        && !text.chars().any(char::is_control);
    if good {
        Ok(text.to_owned())
    } else {
        Err(Refusal::SUBJECT)
    }
}

fn subject(assertion: &Element) -> Result<Subject, Refusal> {
    let subject = assertion.the(Space::Assertion, "Subject")?;
    let name = subject
        .the(Space::Assertion, "NameID")
        .map_err(|_| Refusal::SUBJECT)?;
    let name = name_id(name)?;
    if name.format == TRANSIENT {
        return Err(Refusal::TRANSIENT);
    }
    Ok(name)
}

/// At least one bearer confirmation, and every one of them good; until when.
fn confirmation(
    assertion: &Element,
    ours: &Ours,
    expected: &Expected,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Refusal> {
    let subject = assertion.the(Space::Assertion, "Subject")?;
    let mut until: Option<DateTime<Utc>> = None;
    let bearers = subject
        .all(Space::Assertion, "SubjectConfirmation")
        .filter(|confirmation| confirmation.attribute("Method") == Some(BEARER));
    for bearer in bearers {
        let data = bearer
            .one(Space::Assertion, "SubjectConfirmationData")?
            .ok_or(Refusal::CONFIRMATION)?;
        let ends = instant(data, "NotOnOrAfter")?.ok_or(Refusal::CONFIRMATION)?;
        let begins = instant(data, "NotBefore")?;
        if ends + SKEW <= now || begins.is_some_and(|begins| begins - SKEW > now) {
            return Err(Refusal::TIME);
        }
        if data.attribute("Recipient") != Some(ours.acs_url.as_str()) {
            return Err(Refusal::RECIPIENT);
        }
        if data.attribute("InResponseTo") != expected.request_id.as_deref() {
            return Err(Refusal::IN_RESPONSE_TO);
        }
        until = Some(until.map_or(ends, |earlier| earlier.min(ends)));
    }
    until.ok_or(Refusal::CONFIRMATION)
}

fn conditions(assertion: &Element, ours: &Ours, now: DateTime<Utc>) -> Result<(), Refusal> {
    let conditions = assertion
        .one(Space::Assertion, "Conditions")?
        .ok_or(Refusal::AUDIENCE)?;
    let known = ["AudienceRestriction", "OneTimeUse", "ProxyRestriction"];
    let understood = conditions.children.iter().all(|condition| {
        condition.space == Space::Assertion && known.contains(&condition.name.as_str())
    });
    if !understood {
        return Err(Refusal::CONDITION);
    }
    let begins = instant(conditions, "NotBefore")?;
    let ends = instant(conditions, "NotOnOrAfter")?;
    if begins.is_some_and(|begins| begins - SKEW > now)
        || ends.is_some_and(|ends| ends + SKEW <= now)
    {
        return Err(Refusal::TIME);
    }
    // each restriction must let us in, and there must be one (S62, S63)
    let mut restrictions = conditions
        .all(Space::Assertion, "AudienceRestriction")
        .peekable();
    let lets_us_in = |restriction: &Element| {
        restriction
            .all(Space::Assertion, "Audience")
            .any(|audience| audience.leaf() == Some(ours.entity_id.as_str()))
    };
    if restrictions.peek().is_some() && restrictions.all(lets_us_in) {
        Ok(())
    } else {
        Err(Refusal::AUDIENCE)
    }
}

/// How the person proved itself.
struct Authentication {
    at: DateTime<Utc>,
    class: Option<String>,
    session_index: Option<String>,
    session_ends_at: Option<DateTime<Utc>>,
}

fn authentication(
    assertion: &Element,
    expected: &Expected,
    now: DateTime<Utc>,
) -> Result<Authentication, Refusal> {
    let statement = assertion
        .one(Space::Assertion, "AuthnStatement")
        .ok()
        .flatten()
        .ok_or(Refusal::AUTHENTICATION)?;
    let at = instant(statement, "AuthnInstant")?.ok_or(Refusal::AUTHENTICATION)?;
    if at - SKEW > now || expected.fresh_since.is_some_and(|since| at + SKEW < since) {
        return Err(Refusal::AUTHENTICATION);
    }
    let session_ends_at = instant(statement, "SessionNotOnOrAfter")?;
    if session_ends_at.is_some_and(|ends| ends + SKEW <= now) {
        return Err(Refusal::SESSION_OVER);
    }
    let context = statement
        .one(Space::Assertion, "AuthnContext")?
        .ok_or(Refusal::AUTHENTICATION)?;
    let class = context
        .one(Space::Assertion, "AuthnContextClassRef")?
        .and_then(Element::leaf);
    Ok(Authentication {
        at,
        class: class.map(clean).transpose()?,
        session_index: statement.attribute("SessionIndex").map(clean).transpose()?,
        session_ends_at,
    })
}

/// Names and values that are text. Values of other shapes are nothing that we know.
fn attributes(assertion: &Element) -> Result<Vec<(String, Vec<String>)>, Refusal> {
    let mut attributes: Vec<(String, Vec<String>)> = Vec::new();
    let told = assertion
        .all(Space::Assertion, "AttributeStatement")
        .flat_map(|statement| statement.all(Space::Assertion, "Attribute"));
    for attribute in told {
        let name = clean(attribute.attribute("Name").unwrap_or_default())?;
        let values: Vec<String> = attribute
            .all(Space::Assertion, "AttributeValue")
            .filter_map(Element::leaf)
            .map(|value| value.trim().to_owned())
            .collect();
        if attributes.len() >= MOST || values.len() > MOST {
            return Err(Refusal::TOO_LARGE);
        }
        match attributes.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => known.extend(values),
            None => attributes.push((name, values)),
        }
    }
    Ok(attributes)
}
