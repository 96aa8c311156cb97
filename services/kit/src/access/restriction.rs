//! What a customer's own administrators lose (R-1001 to R-1005).

use super::permission::{Permission as P, Permissions};

/// A set of restrictions that is on or off for an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Set {
    /// *Restricted by partner* (R-1002).
    Partner,
    /// *Restrict access to enterprise settings*, for those who hold another subscription too (R-1005).
    Enterprise,
    /// Whatever the mode (R-1003).
    Always,
    /// One that this release does not know. It may take anything, so it takes all writing.
    Unknown,
}

/// What is left of what was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It is not there any more.
    Denied,
    /// It can be looked at.
    ReadOnly,
    /// It is not even shown.
    Hidden,
}

/// One thing that is taken away.
#[derive(Debug)]
pub struct Restriction {
    /// By what.
    pub set: Set,
    /// What people call it.
    pub feature: &'static str,
    /// What one may no longer do.
    pub takes: P,
    /// What is left.
    pub effect: Effect,
    /// The rule that says so.
    pub rule: &'static str,
}

/// Changes whenever [`RESTRICTIONS`] does, and stands in tokens.
pub const VERSION: u32 = 1;

const fn row(
    set: Set,
    takes: P,
    effect: Effect,
    feature: &'static str,
    rule: &'static str,
) -> Restriction {
    Restriction {
        set,
        feature,
        takes,
        effect,
        rule,
    }
}

/// Every restriction. Names and primary addresses of people are never among them.
#[rustfmt::skip]
pub const RESTRICTIONS: &[Restriction] = &[
    row(Set::Partner, P::PeopleWrite, Effect::Denied, "add and modify users by hand", "R-1002"),
    row(Set::Partner, P::PeopleWrite, Effect::Denied, "add and modify users by CSV", "R-1002"),
    row(Set::Partner, P::PeopleClaim, Effect::Denied, "claim users", "R-1002"),
    row(Set::Partner, P::PeopleLicenses, Effect::Denied, "automatic licence assignment", "R-1002"),
    row(Set::Partner, P::PeopleSync, Effect::Denied, "directory synchronisation settings", "R-1002"),
    row(Set::Partner, P::PeoplePackageType, Effect::Denied, "reset of package type", "R-1002"),
    row(Set::Partner, P::ServicesWrite, Effect::Denied, "editing of services", "R-1002"),
    row(Set::Partner, P::ServicesStatus, Effect::Hidden, "full service status", "R-1002"),
    row(Set::Partner, P::PeopleWorkNumber, Effect::ReadOnly, "primary work number", "R-1002"),
    row(Set::Partner, P::OrganizationName, Effect::ReadOnly, "company name", "R-1002"),
    row(Set::Partner, P::OrganizationAuthentication, Effect::Denied, "authentication and SSO", "R-1002"),
    row(Set::Partner, P::OrganizationDomains, Effect::ReadOnly, "domains", "R-1002"),
    row(Set::Partner, P::MailWrite, Effect::ReadOnly, "mail settings: admin-invite suppression", "R-1002"),
    row(Set::Partner, P::MailWrite, Effect::ReadOnly, "mail settings: mail locale", "R-1002"),
    row(Set::Partner, P::CallingClientSettings, Effect::ReadOnly, "calling: client settings", "R-1002"),
    row(Set::Partner, P::CallingClientSettings, Effect::ReadOnly, "calling: app call options", "R-1002"),
    row(Set::Partner, P::CallingBehaviour, Effect::ReadOnly, "calling behaviour", "R-1002"),
    row(Set::Partner, P::PstnLocalGateway, Effect::Hidden, "PSTN choice: local gateway", "R-1002"),
    row(Set::Partner, P::PstnOperator, Effect::Hidden, "PSTN choice: operator PSTN", "R-1002"),
    row(Set::Partner, P::Migrations, Effect::Denied, "migrations", "R-1002"),
    row(Set::Partner, P::ConnectedUc, Effect::Denied, "connected UC", "R-1002"),
    row(Set::Always, P::CallingOptionPriority, Effect::ReadOnly, "app call-option priority", "R-1003"),
    row(Set::Always, P::LocationCalling, Effect::Hidden, "calling settings of a location", "R-1003"),
    row(Set::Always, P::Pstn, Effect::Denied, "PSTN management", "R-1003"),
    row(Set::Always, P::CallRecording, Effect::Denied, "call recording", "R-1003"),
    row(Set::Always, P::Numbers, Effect::Denied, "number management", "R-1003"),
    row(Set::Enterprise, P::Numbers, Effect::Denied, "numbers", "R-1005"),
    row(Set::Enterprise, P::Pstn, Effect::Denied, "PSTN", "R-1005"),
    row(Set::Enterprise, P::CallingClientSettings, Effect::Denied, "app call options", "R-1005"),
    row(Set::Enterprise, P::CallRecording, Effect::Denied, "recording provider", "R-1005"),
];

impl Set {
    /// Those that can be in force.
    pub const ALL: [Self; 3] = [Self::Partner, Self::Enterprise, Self::Always];

    /// As it stands in a token, `<name>.<version>`.
    pub fn code(self) -> String {
        format!("{}.{VERSION}", self.name())
    }

    /// From a token. The version does not count: the set as this release knows it applies.
    pub fn parse(code: &str) -> Self {
        let name = code.split_once('.').map_or(code, |(name, _)| name);
        let found = Self::ALL.into_iter().find(|set| set.name() == name);
        found.unwrap_or(Self::Unknown)
    }

    /// What it takes.
    pub fn takes(self) -> Permissions {
        if self == Self::Unknown {
            let all = P::ALL.iter().copied();
            return all.filter(|permission| permission.writes()).collect();
        }
        let rows = RESTRICTIONS.iter().filter(|row| row.set == self);
        rows.map(|row| row.takes).collect()
    }

    fn name(self) -> &'static str {
        match self {
            Self::Partner => "partner",
            Self::Enterprise => "enterprise",
            Self::Always => "always",
            Self::Unknown => "unknown",
        }
    }
}
