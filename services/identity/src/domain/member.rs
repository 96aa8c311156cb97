//! A person with everything that is told of it.

use chrono::{DateTime, Utc};
use kit::{
    access::Role,
    email::Email,
    fault::{Violations, reason},
    id::PartnerId,
};
use serde::{Deserialize, Serialize};

use super::{organization::OrganizationId, person::PersonId};

/// Whether a person may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Has not signed in yet.
    Invited,
    /// May.
    Active,
    /// May not.
    Disabled,
}

impl State {
    /// As it is stored.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// From what is stored.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Invited, Self::Active, Self::Disabled]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// A person of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// The tenant.
    pub(crate) partner: PartnerId,
    /// The organization.
    pub(crate) organization: OrganizationId,
    /// The person's id.
    pub(crate) id: PersonId,
    /// Address, the platform's only one of its kind.
    pub(crate) email: String,
    /// Names.
    pub(crate) names: Names,
    /// Whether it may sign in.
    pub(crate) state: State,
    /// The rest.
    pub(crate) profile: Profile,
    /// A directory's own id.
    pub(crate) external_id: String,
    /// The roles that it holds in its organization.
    pub(crate) roles: Vec<Role>,
    /// When it was added.
    pub(crate) created_at: DateTime<Utc>,
    /// When it was last changed.
    pub(crate) changed_at: DateTime<Utc>,
    /// Grows with every change.
    pub(crate) version: i32,
}

impl Member {
    /// Whether it may sign in.
    pub(crate) fn may_sign_in(&self) -> bool {
        self.state != State::Disabled
    }
}

/// What a person is called.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Names {
    /// As shown.
    pub(crate) display: String,
    /// Given.
    pub(crate) first: String,
    /// Family.
    pub(crate) last: String,
}

/// What is told of a person and nothing depends on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Profile {
    /// What others call them.
    pub(crate) nick_name: String,
    /// Telephone numbers.
    pub(crate) phones: Vec<Phone>,
    /// Title.
    pub(crate) title: String,
    /// Department.
    pub(crate) department: String,
    /// Manager, as a text.
    pub(crate) manager: String,
    /// Manager, as a person.
    pub(crate) manager_id: String,
    /// IANA time zone.
    pub(crate) time_zone: String,
    /// Locale.
    pub(crate) locale: String,
    /// URL of a picture.
    pub(crate) avatar: String,
    /// Postal addresses.
    pub(crate) addresses: Vec<Address>,
}

/// A telephone number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Phone {
    /// `work`, `mobile`, `fax`, `work_extension`.
    pub(crate) label: String,
    /// Number.
    pub(crate) number: String,
    /// The one to call.
    pub(crate) primary: bool,
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Address {
    /// `work`, `home`.
    pub(crate) label: String,
    /// Street and number.
    pub(crate) street: String,
    /// City.
    pub(crate) locality: String,
    /// State or region.
    pub(crate) region: String,
    /// Postal code.
    pub(crate) postal_code: String,
    /// Country.
    pub(crate) country: String,
}

/// A person as wanted.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Address; none where it could not be read.
    pub(crate) email: Option<Email>,
    /// Names.
    pub(crate) names: Names,
    /// Whether it is to sign in; none leaves it.
    pub(crate) may_sign_in: Option<bool>,
    /// The rest.
    pub(crate) profile: Profile,
    /// A directory's own id.
    pub(crate) external_id: String,
    /// Roles in its organization, each once.
    pub(crate) roles: Vec<Role>,
    /// What only directories tell; none leaves it.
    pub(crate) directory: Option<Directory>,
}

/// What only directories tell of a person, and nothing depends on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Directory {
    /// The user name, where it is not the address.
    pub(crate) user_name: Option<String>,
    /// The rest of the document.
    pub(crate) rest: serde_json::Map<String, serde_json::Value>,
}

const LONGEST_NAME: usize = 128;
const LONGEST_TEXT: usize = 256;
const LONGEST_URL: usize = 2048;
const MOST_ENTRIES: usize = 10;
/// The kinds of telephone numbers.
pub(crate) const PHONES: &[&str] = &[
    "work",
    "work_extension",
    "mobile",
    "fax",
    "home",
    "pager",
    "other",
];

impl Names {
    /// Checks what was sent: something to show is needed, and made of the rest when it is not there.
    pub(crate) fn parse(wrong: &mut Violations, display: &str, first: &str, last: &str) -> Self {
        let first = wrong.optional_text("firstName", first, LONGEST_NAME);
        let last = wrong.optional_text("lastName", last, LONGEST_NAME);
        let both = format!("{first} {last}");
        let display = match wrong.optional_text("displayName", display, LONGEST_TEXT) {
            display if display.is_empty() => both.trim().to_owned(),
            display => display,
        };
        wrong.check(
            !display.is_empty(),
            "displayName",
            reason::MISSING,
            "one of displayName, firstName and lastName is required",
        );
        Self {
            display,
            first,
            last,
        }
    }
}

impl Profile {
    /// Checks what was sent.
    pub(crate) fn check(&mut self, wrong: &mut Violations) {
        for (field, text) in [
            ("nickName", &mut self.nick_name),
            ("title", &mut self.title),
            ("department", &mut self.department),
            ("manager", &mut self.manager),
            ("managerId", &mut self.manager_id),
            ("timezone", &mut self.time_zone),
            ("locale", &mut self.locale),
        ] {
            *text = wrong.optional_text(field, text, LONGEST_TEXT);
        }
        self.avatar = wrong.optional_text("avatar", &self.avatar, LONGEST_URL);
        wrong.check(
            self.avatar.is_empty() || self.avatar.starts_with("https://"),
            "avatar",
            reason::INVALID,
            "a picture is an https URL",
        );
        let few = |count| count <= MOST_ENTRIES;
        wrong.check(
            few(self.phones.len()),
            "phoneNumbers",
            reason::TOO_LONG,
            "at most 10 numbers",
        );
        wrong.check(
            few(self.addresses.len()),
            "addresses",
            reason::TOO_LONG,
            "at most 10 addresses",
        );
        for (n, phone) in self.phones.iter_mut().enumerate().take(MOST_ENTRIES) {
            let field = format!("phoneNumbers[{n}].type");
            let known = PHONES.contains(&phone.label.as_str());
            wrong.check(known, &field, reason::INVALID, "no such kind of number");
            let field = format!("phoneNumbers[{n}].value");
            phone.number = wrong.text(&field, &phone.number, 64);
        }
        for (n, address) in self.addresses.iter_mut().enumerate().take(MOST_ENTRIES) {
            for (name, text) in [
                ("type", &mut address.label),
                ("streetAddress", &mut address.street),
                ("locality", &mut address.locality),
                ("region", &mut address.region),
                ("postalCode", &mut address.postal_code),
                ("country", &mut address.country),
            ] {
                let field = format!("addresses[{n}].{name}");
                *text = wrong.optional_text(&field, text, LONGEST_TEXT);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_to_show_is_needed() {
        let mut wrong = Violations::default();
        assert_eq!(Names::parse(&mut wrong, "", "Ann", "").display, "Ann");
        assert_eq!(
            Names::parse(&mut wrong, "", "Ann", "Lee").display,
            "Ann Lee"
        );
        assert_eq!(Names::parse(&mut wrong, " X ", "Ann", "").display, "X");
        assert!(wrong.is_empty());
        Names::parse(&mut wrong, " ", "", "");
        assert_eq!(wrong.into_vec()[0].field, "displayName");
    }

    #[test]
    fn r408_everything_that_is_wrong_is_reported() {
        let mut wrong = Violations::default();
        let mut profile = Profile {
            avatar: "javascript:alert(1)".to_owned(),
            title: "x".repeat(300),
            phones: vec![Phone {
                label: "pigeon".to_owned(),
                ..Phone::default()
            }],
            ..Profile::default()
        };
        profile.check(&mut wrong);
        let wrong = wrong.into_vec();
        let fields: Vec<_> = wrong.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "title",
                "avatar",
                "phoneNumbers[0].type",
                "phoneNumbers[0].value"
            ]
        );
    }
}
