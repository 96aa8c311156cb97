//! What is told about an act that matters for security: who did what to whom.
//!
//! A use case appends it to the feed of its context, in the transaction and with the statement that
//! tells the act itself, so none is lost and none is told that did not happen. The compliance context
//! follows all feeds and lays a chain of hashes over them.

use proto::common::v1::{AuditDetail, AuditEvent, AuditOutcome};
use uuid::Uuid;

use crate::auth::{Caller, CallerKind};

/// Every action that is told: its name, its category, and what it is in words.
pub const ACTIONS: &[(&str, &str, &str)] = &[
    ("client.created", CLIENTS, "A client was registered"),
    (
        "client.secret_renewed",
        CLIENTS,
        "A client got another secret",
    ),
    ("case.decided", COMPLIANCE, "A screening case was decided"),
    (
        "case.expired",
        COMPLIANCE,
        "The time of a screening case ran out",
    ),
    (
        "list.imported",
        COMPLIANCE,
        "A restricted-party list was imported",
    ),
    (
        "one_time_password.created",
        CREDENTIALS,
        "A password that is good once was made for somebody",
    ),
    ("password.chosen", CREDENTIALS, "Somebody chose a password"),
    (
        "signing_key.created",
        CREDENTIALS,
        "A key that signs tokens was made",
    ),
    (
        "signing_key.retired",
        CREDENTIALS,
        "A key that signs tokens was taken out of use",
    ),
    ("customer.created", CUSTOMERS, "A customer was accepted"),
    ("customer.deleted", CUSTOMERS, "A customer was deleted"),
    ("customer.updated", CUSTOMERS, "A customer was changed"),
    ("session.ended", LOGINS, "Sessions of somebody ended"),
    ("session.started", LOGINS, "Somebody signed in"),
    ("sign_in.refused", LOGINS, "A sign-in was refused"),
    (
        "organization.updated",
        ORGANIZATIONS,
        "An organization was changed",
    ),
    ("partner.created", ORGANIZATIONS, "A partner was created"),
    (
        "partner.resumed",
        ORGANIZATIONS,
        "The suspension of a sub-partner was lifted",
    ),
    (
        "partner.suspended",
        ORGANIZATIONS,
        "A sub-partner was suspended",
    ),
    (
        "identity_provider.activated",
        SSO,
        "An identity provider was put into use",
    ),
    (
        "identity_provider.certificate_ends",
        SSO,
        "The last certificate of an identity provider ends soon or has ended",
    ),
    (
        "identity_provider.created",
        SSO,
        "An identity provider was registered",
    ),
    (
        "identity_provider.deleted",
        SSO,
        "An identity provider was deleted",
    ),
    (
        "identity_provider.disabled",
        SSO,
        "An identity provider was taken out of use",
    ),
    (
        "identity_provider.key_changed",
        SSO,
        "Our keys for an identity provider follow each other",
    ),
    (
        "identity_provider.refresh_failed",
        SSO,
        "The metadata of an identity provider could not be read again",
    ),
    (
        "identity_provider.refreshed",
        SSO,
        "The certificates of an identity provider follow its metadata",
    ),
    (
        "identity_provider.tested",
        SSO,
        "A test sign-in with an identity provider went well",
    ),
    (
        "identity_provider.updated",
        SSO,
        "An identity provider was changed",
    ),
    ("report.created", REPORTS, "A billing report was ordered"),
    ("report.deleted", REPORTS, "A billing report was deleted"),
    (
        "report.downloaded",
        REPORTS,
        "A billing report was downloaded",
    ),
    ("role.granted", ROLES, "Somebody was given a role"),
    ("role.withdrawn", ROLES, "A role was taken from somebody"),
    (
        "settings.updated",
        SETTINGS,
        "What restricts an organization was changed",
    ),
    ("subscriber.created", SUBSCRIBERS, "A subscriber was added"),
    (
        "subscriber.deleted",
        SUBSCRIBERS,
        "A subscriber was deleted",
    ),
    (
        "subscriber.updated",
        SUBSCRIBERS,
        "A subscriber was changed",
    ),
    (
        "subscription.created",
        SUBSCRIPTIONS,
        "A subscription was added",
    ),
    (
        "template.created",
        TEMPLATES,
        "An onboarding template was created",
    ),
    (
        "template.deleted",
        TEMPLATES,
        "An onboarding template was deleted",
    ),
    (
        "template.updated",
        TEMPLATES,
        "An onboarding template was changed",
    ),
    (
        "token.exchanged",
        TOKENS,
        "A token to act for a sub-partner was issued",
    ),
    ("token.revoked", TOKENS, "Tokens were taken back"),
    ("group.created", USERS, "A group was added"),
    ("group.deleted", USERS, "A group was deleted"),
    ("group.updated", USERS, "A group was changed"),
    ("person.deleted", USERS, "A person was deleted"),
    ("person.enrolled", USERS, "A person joined an organization"),
    ("person.updated", USERS, "A person was changed"),
];

const CLIENTS: &str = "CLIENTS";
const COMPLIANCE: &str = "COMPLIANCE";
const CREDENTIALS: &str = "CREDENTIALS";
const CUSTOMERS: &str = "CUSTOMERS";
const LOGINS: &str = "LOGINS";
const ORGANIZATIONS: &str = "ORGANIZATIONS";
const REPORTS: &str = "REPORTS";
const ROLES: &str = "ROLES";
const SETTINGS: &str = "SETTINGS";
const SSO: &str = "SSO";
const SUBSCRIBERS: &str = "SUBSCRIBERS";
const SUBSCRIPTIONS: &str = "SUBSCRIPTIONS";
const TEMPLATES: &str = "TEMPLATES";
const TOKENS: &str = "TOKENS";
const USERS: &str = "USERS";

/// The category of an action, and what it is in words; none for one that is not in the list.
pub fn about(action: &str) -> Option<(&'static str, &'static str)> {
    let found = ACTIONS.iter().find(|(known, _, _)| *known == action);
    found.map(|(_, category, text)| (*category, *text))
}

/// The categories there are, in the order of the alphabet.
pub fn categories() -> Vec<&'static str> {
    let mut all: Vec<_> = ACTIONS.iter().map(|(_, category, _)| *category).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The actions of a category.
pub fn actions_of(category: &str) -> impl Iterator<Item = &'static str> {
    let of = move |(_, known, _): &&(&str, &str, &str)| *known == category;
    ACTIONS.iter().filter(of).map(|(action, _, _)| *action)
}

/// Longest text of a detail, in letters.
const LONGEST: usize = 1024;

/// An act that is being described; it becomes an event of a context by `into`.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry(AuditEvent);

/// An act of a caller.
pub fn by(caller: &Caller, action: &'static str) -> Entry {
    let mut entry = nobody(action);
    let event = &mut entry.0;
    event.actor_id.clone_from(&caller.subject);
    event.client_id.clone_from(&caller.client);
    event.actor_organization_id = caller.organization.to_string();
    event.session_id = text(caller.session);
    if caller.kind != CallerKind::Service {
        event.actor_partner_id = caller.partner.to_string();
    }
    if let Some(actor) = &caller.actor {
        event.acting_id.clone_from(&actor.sub);
        event.acting_organization_id = actor.org.to_string();
        if event.session_id.is_empty() {
            event.session_id = text(actor.sid);
        }
    }
    entry
}

fn text(id: Option<Uuid>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

/// An act before anybody is known.
pub fn nobody(action: &'static str) -> Entry {
    debug_assert!(about(action).is_some(), "{action} is not in the list");
    Entry(AuditEvent {
        action: action.to_owned(),
        outcome: AuditOutcome::Done.into(),
        ..AuditEvent::default()
    })
}

/// An act of a context by itself.
pub fn system(context: &'static str, action: &'static str) -> Entry {
    let mut entry = nobody(action);
    entry.0.actor_id = format!("svc-{context}");
    entry
}

impl Entry {
    /// The organization that it was done to.
    #[must_use]
    pub fn organization(mut self, id: Uuid) -> Self {
        self.0.organization_id = id.to_string();
        self
    }

    /// The thing that it was done to.
    #[must_use]
    pub fn target(mut self, kind: &'static str, id: impl std::fmt::Display) -> Self {
        kind.clone_into(&mut self.0.target_kind);
        self.0.target_id = clean(&id.to_string());
        self
    }

    /// It was refused, for this reason.
    #[must_use]
    pub fn refused(mut self, reason: &str) -> Self {
        self.0.outcome = AuditOutcome::Refused.into();
        self.0.reason = clean(reason);
        self
    }

    /// Where the peer is.
    #[must_use]
    pub fn address(mut self, text: &str) -> Self {
        self.0.address = clean(text);
        self
    }

    /// The actor, when it is no caller yet.
    #[must_use]
    pub fn person(mut self, id: impl std::fmt::Display, organization: Uuid) -> Self {
        self.0.actor_id = clean(&id.to_string());
        self.0.actor_organization_id = organization.to_string();
        self
    }

    /// One more thing to know; never a secret.
    #[must_use]
    pub fn detail(mut self, name: &'static str, text: impl Into<String>) -> Self {
        let name = name.to_owned();
        let text = clean(&text.into());
        self.0.details.push(AuditDetail { name, text });
        self
    }

    /// As it goes out.
    pub fn into_event(self) -> AuditEvent {
        self.0
    }
}

/// No more than fits, and nothing that could break a line of a log.
fn clean(text: &str) -> String {
    let visible = text.chars().filter(|letter| !letter.is_control());
    visible.take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_action_is_listed_once_under_a_noun_and_a_participle() {
        let names: BTreeSet<_> = ACTIONS.iter().map(|(name, _, _)| *name).collect();
        assert_eq!(names.len(), ACTIONS.len());
        for (name, category, text) in ACTIONS {
            let (noun, done) = name.split_once('.').unwrap_or_default();
            assert!(!noun.is_empty() && !done.is_empty(), "{name}");
            assert!(category.chars().all(|c| c.is_ascii_uppercase()), "{name}");
            assert!(text.contains(' '), "{name}");
            assert_eq!(about(name), Some((*category, *text)));
            assert!(actions_of(category).any(|action| action == *name));
        }
        assert!(categories().is_sorted());
    }

    #[test]
    fn a_detail_is_short_and_on_one_line() {
        let event = nobody("client.created")
            .detail("name", format!("a\r\nb{}", "x".repeat(2000)))
            .into_event();
        let text = &event.details[0].text;
        assert!(text.starts_with("abx"));
        assert_eq!(text.chars().count(), LONGEST);
    }
}
