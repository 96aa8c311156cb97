//! A person as a document, and back.

use chrono::{DateTime, SecondsFormat, Utc};
use kit::{access::Role, email::Email, fault::Violations};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Document, Wrong,
    document::is_primary,
    schema::{ENTERPRISE, USER},
};
use crate::domain::member::{Address, Directory, Member, Names, Phone, Profile, Wanted};

/// A person with what only directories tell.
#[derive(Debug, Clone)]
pub(crate) struct User {
    /// The person.
    pub(crate) member: Member,
    /// What only directories tell.
    pub(crate) directory: Directory,
    /// The groups that it is in: id and name.
    pub(crate) groups: Vec<(Uuid, String)>,
}

/// A document as what is wanted of a person.
#[derive(Debug)]
pub(crate) struct Asked {
    /// What is wanted.
    pub(crate) wanted: Wanted,
    /// Roles were not told.
    pub(crate) keep_roles: bool,
}

/// As our documents write a time.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// What every resource says of itself.
pub(super) fn meta(
    kind: &str,
    at: (DateTime<Utc>, DateTime<Utc>),
    location: &str,
    version: i32,
) -> Value {
    json!({
        "resourceType": kind,
        "created": time(at.0),
        "lastModified": time(at.1),
        "location": location,
        "version": tag(version),
    })
}

/// A version as an entity tag.
pub(crate) fn tag(version: i32) -> String {
    format!("W/\"{version}\"")
}

impl User {
    /// The user name.
    fn name(&self) -> &str {
        let own = self.directory.user_name.as_deref();
        own.unwrap_or(&self.member.email)
    }

    /// As a document; `base` is where the organization's resources are.
    pub(crate) fn document(&self, base: &str) -> Document {
        let member = &self.member;
        let profile = &member.profile;
        let mut found = self.directory.rest.clone();
        let mut schemas = vec![USER];
        for (name, text) in [
            ("userName", self.name()),
            ("displayName", &member.names.display),
            ("nickName", &profile.nick_name),
            ("title", &profile.title),
            ("locale", &profile.locale),
            ("timezone", &profile.time_zone),
            ("externalId", &member.external_id),
        ] {
            put(&mut found, name, text);
        }
        let mut names = inner(&found, "name");
        put(&mut names, "givenName", &member.names.first);
        put(&mut names, "familyName", &member.names.last);
        put_inner(&mut found, "name", names);

        let mut work = inner(&found, ENTERPRISE);
        put(&mut work, "department", &profile.department);
        if !profile.manager_id.is_empty() {
            let link = format!("{base}/Users/{}", profile.manager_id);
            let manager = json!({ "value": profile.manager_id, "$ref": link });
            work.insert("manager".to_owned(), manager);
        }
        put_inner(&mut found, ENTERPRISE, work);
        if found.contains_key(ENTERPRISE) {
            schemas.push(ENTERPRISE);
        }

        found.insert("active".to_owned(), member.may_sign_in().into());
        let known = |value: &Value, text: &str| text_at(value, "value").eq_ignore_ascii_case(text);
        if !list(&found, "emails")
            .iter()
            .any(|one| known(one, &member.email))
        {
            let email = json!({ "value": member.email, "type": "work", "primary": true });
            found.insert("emails".to_owned(), vec![email].into());
        }
        if !list(&found, "photos")
            .iter()
            .any(|one| known(one, &profile.avatar))
        {
            found.remove("photos");
            if !profile.avatar.is_empty() {
                let photo = json!({ "value": profile.avatar, "type": "photo" });
                found.insert("photos".to_owned(), vec![photo].into());
            }
        }
        put_list(
            &mut found,
            "phoneNumbers",
            profile.phones.iter().map(phone_out),
        );
        put_list(
            &mut found,
            "addresses",
            profile.addresses.iter().map(address_out),
        );
        let roles = member
            .roles
            .iter()
            .map(|role| json!({ "value": role.code() }));
        put_list(&mut found, "roles", roles);
        let groups = self.groups.iter().map(|(id, name)| {
            json!({ "value": id, "$ref": format!("{base}/Groups/{id}"), "display": name })
        });
        put_list(&mut found, "groups", groups);

        found.insert("schemas".to_owned(), json!(schemas));
        found.insert("id".to_owned(), member.id.to_string().into());
        let location = format!("{base}/Users/{}", member.id);
        let at = (member.created_at, member.changed_at);
        found.insert(
            "meta".to_owned(),
            meta("User", at, &location, member.version),
        );
        found
    }
}

/// What a document, read by the table, wants of a person who is there already or not. What a client that
/// replaces leaves out of roles and of the right to sign in stays (`whole`: a change tells all).
pub(crate) fn asked(
    document: Document,
    before: Option<&User>,
    whole: bool,
) -> Result<Asked, Wrong> {
    let mut rest = document;
    let user_name = take(&mut rest, "userName");
    if user_name.trim().is_empty() {
        return Err(Wrong::value("userName", "is required"));
    }
    let email = address(&mut rest, &user_name, before)?;

    let mut names = inner(&rest, "name");
    let (first, last) = (
        take(&mut names, "givenName"),
        take(&mut names, "familyName"),
    );
    let formatted = text_of(&names, "formatted").to_owned();
    put_inner(&mut rest, "name", names);
    let mut display = take(&mut rest, "displayName");
    if display.is_empty() && first.is_empty() && last.is_empty() {
        display = if formatted.is_empty() {
            user_name.clone()
        } else {
            formatted
        };
    }

    let mut work = inner(&rest, ENTERPRISE);
    let mut profile = before
        .map(|user| user.member.profile.clone())
        .unwrap_or_default();
    profile.department = take(&mut work, "department");
    profile.manager_id = manager(work.remove("manager"))?;
    put_inner(&mut rest, ENTERPRISE, work);
    profile.nick_name = take(&mut rest, "nickName");
    profile.title = take(&mut rest, "title");
    profile.locale = take(&mut rest, "locale");
    profile.time_zone = take(&mut rest, "timezone");
    first_photo(&rest).clone_into(&mut profile.avatar);
    profile.phones = taken(&mut rest, "phoneNumbers")
        .iter()
        .map(phone_in)
        .collect();
    profile.addresses = taken(&mut rest, "addresses")
        .iter()
        .map(address_in)
        .collect();

    let told = rest.contains_key("roles");
    let roles = roles(&taken(&mut rest, "roles"))?;
    let may_sign_in = match rest.remove("active") {
        Some(Value::Bool(may)) => Some(may),
        // a new person may, and one whose `active` was taken out
        _ => (before.is_none() || whole).then_some(true),
    };
    let external_id = take(&mut rest, "externalId");
    let (names, profile) = checked(&display, &first, &last, profile)?;
    let user_name = (user_name != email.as_str()).then_some(user_name);
    Ok(Asked {
        wanted: Wanted {
            email: Some(email),
            names,
            may_sign_in,
            profile,
            external_id,
            roles,
            directory: Some(Directory { user_name, rest }),
        },
        keep_roles: !told && !whole,
    })
}

/// The address to sign in with: the primary one of those that are told, or else the user name.
fn address(rest: &mut Document, user_name: &str, before: Option<&User>) -> Result<Email, Wrong> {
    let emails = list(rest, "emails");
    let main = emails
        .iter()
        .find(|email| is_primary(email))
        .or(emails.first());
    let Some(main) = main else {
        let email = Email::parse(user_name);
        return email.ok_or_else(|| Wrong::value("emails", "an e-mail address is required"));
    };
    let email = Email::parse(text_at(main, "value"));
    let email = email.ok_or_else(|| Wrong::value("emails.value", "is no e-mail address"))?;
    // as long as the user name is the address, the address follows it
    if let Some(before) = before
        && email.as_str() == before.member.email
        && before.name().eq_ignore_ascii_case(&before.member.email)
        && !before.name().eq_ignore_ascii_case(user_name)
        && let Some(moved) = Email::parse(user_name)
    {
        rest.remove("emails");
        return Ok(moved);
    }
    Ok(email)
}

fn checked(
    display: &str,
    first: &str,
    last: &str,
    mut profile: Profile,
) -> Result<(Names, Profile), Wrong> {
    let mut wrong = Violations::default();
    let names = Names::parse(&mut wrong, display, first, last);
    profile.check(&mut wrong);
    match wrong.into_vec().into_iter().next() {
        Some(first) => Err(Wrong::value(&first.field, &first.description)),
        None => Ok((names, profile)),
    }
}

fn roles(told: &[Value]) -> Result<Vec<Role>, Wrong> {
    let role = |one: &Value| {
        let code = text_at(one, "value");
        let role = Role::parse(&code.to_ascii_lowercase());
        role.ok_or_else(|| Wrong::value("roles.value", "there is no such role"))
    };
    let mut roles = told.iter().map(role).collect::<Result<Vec<_>, _>>()?;
    roles.sort_unstable();
    roles.dedup();
    Ok(roles)
}

/// Whom a value or a link names.
pub(super) fn referred(value: &Value) -> Option<Uuid> {
    let link = text_at(value, "$ref").rsplit('/').next();
    let text = Some(text_at(value, "value")).filter(|text| !text.is_empty());
    text.or(link)?.parse().ok()
}

fn manager(value: Option<Value>) -> Result<String, Wrong> {
    let Some(value) = value else {
        return Ok(String::new());
    };
    let id = referred(&value).ok_or_else(|| Wrong::value("manager.value", "is no id of a user"))?;
    Ok(id.to_string())
}

fn first_photo(rest: &Document) -> &str {
    let photos = list(rest, "photos");
    photos.first().map_or("", |photo| text_at(photo, "value"))
}

fn phone_out(phone: &Phone) -> Value {
    json!({ "value": phone.number, "type": phone.label, "primary": phone.primary })
}

fn phone_in(value: &Value) -> Phone {
    let label = text_at(value, "type");
    let label = if label.is_empty() { "work" } else { label };
    Phone {
        label: label.to_owned(),
        number: text_at(value, "value").to_owned(),
        primary: is_primary(value),
    }
}

fn address_out(address: &Address) -> Value {
    let mut found = Document::new();
    for (name, text) in [
        ("type", &address.label),
        ("streetAddress", &address.street),
        ("locality", &address.locality),
        ("region", &address.region),
        ("postalCode", &address.postal_code),
        ("country", &address.country),
    ] {
        put(&mut found, name, text);
    }
    found.into()
}

fn address_in(value: &Value) -> Address {
    let text = |name| text_at(value, name).to_owned();
    Address {
        label: text("type"),
        street: text("streetAddress"),
        locality: text("locality"),
        region: text("region"),
        postal_code: text("postalCode"),
        country: text("country"),
    }
}

/// A text of a value; empty when there is none.
pub(super) fn text_at<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn text_of<'a>(object: &'a Document, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Takes a text out; empty when there is none.
pub(super) fn take(object: &mut Document, name: &str) -> String {
    match object.remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    }
}

/// Takes a list out.
pub(super) fn taken(object: &mut Document, name: &str) -> Vec<Value> {
    match object.remove(name) {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    }
}

fn list<'a>(object: &'a Document, name: &str) -> &'a [Value] {
    let found = object.get(name).and_then(Value::as_array);
    found.map(Vec::as_slice).unwrap_or_default()
}

pub(super) fn put(object: &mut Document, name: &str, text: &str) {
    if text.is_empty() {
        object.remove(name);
    } else {
        object.insert(name.to_owned(), text.into());
    }
}

pub(super) fn put_list(object: &mut Document, name: &str, values: impl Iterator<Item = Value>) {
    let values: Vec<Value> = values.collect();
    if values.is_empty() {
        object.remove(name);
    } else {
        object.insert(name.to_owned(), values.into());
    }
}

fn inner(object: &Document, name: &str) -> Document {
    let found = object.get(name).and_then(Value::as_object);
    found.cloned().unwrap_or_default()
}

fn put_inner(object: &mut Document, name: &str, inner: Document) {
    if inner.is_empty() {
        object.remove(name);
    } else {
        object.insert(name.to_owned(), inner.into());
    }
}
