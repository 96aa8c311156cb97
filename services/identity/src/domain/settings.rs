//! Settings of an organization that decide what its own people may do (R-1001 to R-1005).

use kit::{
    access::Set,
    fault::{Violations, reason},
};

use super::organization::Kind;

/// The settings.
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches that do not depend on each other"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Restricted by partner (R-1001).
    pub(crate) restricted_by_partner: bool,
    /// Enterprise settings are restricted (R-1005).
    pub(crate) enterprise_settings_restricted: bool,
    /// Third-party devices are allowed.
    pub(crate) third_party_devices: bool,
    /// It holds another subscription too (R-1005).
    pub(crate) hybrid: bool,
}

impl Settings {
    /// Those of an organization for which none are kept: a customer is restricted.
    pub(crate) fn of(kind: Kind) -> Self {
        Self {
            restricted_by_partner: kind == Kind::Customer,
            enterprise_settings_restricted: false,
            third_party_devices: false,
            hybrid: false,
        }
    }

    /// What is in force for the organization's own people.
    pub(crate) fn restrictions(self, kind: Kind) -> Vec<Set> {
        if kind != Kind::Customer {
            return Vec::new();
        }
        let sets = [
            (self.restricted_by_partner, Set::Partner),
            (self.enterprise_settings_restricted, Set::Enterprise),
            (true, Set::Always),
        ];
        let on = sets.into_iter().filter(|(on, _)| *on);
        on.map(|(_, set)| set).collect()
    }
}

/// What is to change; what is none stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// Restricted by partner.
    pub(crate) restricted_by_partner: Option<bool>,
    /// Enterprise settings are restricted.
    pub(crate) enterprise_settings_restricted: Option<bool>,
    /// Third-party devices are allowed.
    pub(crate) third_party_devices: Option<bool>,
    /// It holds another subscription too.
    pub(crate) hybrid: Option<bool>,
}

impl Change {
    /// The settings after it. Who is no longer hybrid is no longer restricted as such.
    pub(crate) fn apply(self, before: Settings, kind: Kind, wrong: &mut Violations) -> Settings {
        for (field, value) in self.named() {
            wrong.check(
                value != Some(true) || kind == Kind::Customer,
                field,
                reason::INVALID,
                "only customers have this setting",
            );
        }
        let hybrid = self.hybrid.unwrap_or(before.hybrid);
        wrong.check(
            self.enterprise_settings_restricted != Some(true) || hybrid,
            "restrictEnterpriseSettings",
            reason::INVALID,
            "only a customer with another subscription has these settings",
        );
        let enterprise = self
            .enterprise_settings_restricted
            .unwrap_or(before.enterprise_settings_restricted);
        Settings {
            restricted_by_partner: self
                .restricted_by_partner
                .unwrap_or(before.restricted_by_partner),
            enterprise_settings_restricted: enterprise && hybrid,
            third_party_devices: self
                .third_party_devices
                .unwrap_or(before.third_party_devices),
            hybrid,
        }
    }

    /// Whether it decides what somebody may do.
    pub(crate) fn restricts(self) -> bool {
        self.restricted_by_partner.is_some()
            || self.enterprise_settings_restricted.is_some()
            || self.hybrid.is_some()
    }

    /// What it names, as it is told.
    pub(crate) fn details(self) -> impl Iterator<Item = (&'static str, String)> {
        let all = self.named().into_iter();
        all.filter_map(|(name, value)| Some((name, value?.to_string())))
    }

    /// As the public API names them.
    fn named(self) -> [(&'static str, Option<bool>); 4] {
        [
            ("restrictedByPartner", self.restricted_by_partner),
            (
                "restrictEnterpriseSettings",
                self.enterprise_settings_restricted,
            ),
            ("allowThirdPartyDevices", self.third_party_devices),
            ("hybrid", self.hybrid),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(change: Change, before: Settings, kind: Kind) -> Result<Settings, Vec<String>> {
        let mut wrong = Violations::default();
        let after = change.apply(before, kind, &mut wrong);
        if wrong.is_empty() {
            return Ok(after);
        }
        Err(wrong.into_vec().into_iter().map(|one| one.field).collect())
    }

    #[test]
    fn r1001_a_new_customer_is_restricted_and_nobody_else_ever_is() {
        let of = |kind| Settings::of(kind).restrictions(kind);
        assert_eq!(of(Kind::Customer), [Set::Partner, Set::Always]);
        assert!(of(Kind::Partner).is_empty() && of(Kind::Operator).is_empty());
        let on = Change {
            restricted_by_partner: Some(true),
            ..Change::default()
        };
        let partner = Settings::of(Kind::Partner);
        let refused = after(on, partner, Kind::Partner);
        assert_eq!(refused, Err(vec!["restrictedByPartner".to_owned()]));
    }

    #[test]
    fn r1003_something_is_taken_whatever_the_mode() {
        let off = Change {
            restricted_by_partner: Some(false),
            ..Change::default()
        };
        let kind = Kind::Customer;
        let free = after(off, Settings::of(kind), kind).unwrap();
        assert_eq!(free.restrictions(kind), [Set::Always]);
    }

    #[test]
    fn r1005_only_a_hybrid_customers_enterprise_settings_are_restricted() {
        let kind = Kind::Customer;
        let restrict = Change {
            enterprise_settings_restricted: Some(true),
            ..Change::default()
        };
        let refused = after(restrict, Settings::of(kind), kind);
        assert_eq!(refused, Err(vec!["restrictEnterpriseSettings".to_owned()]));
        let both = Change {
            hybrid: Some(true),
            ..restrict
        };
        let hybrid = after(both, Settings::of(kind), kind).unwrap();
        assert!(hybrid.restrictions(kind).contains(&Set::Enterprise));
        let no_more = Change {
            hybrid: Some(false),
            ..Change::default()
        };
        let left = after(no_more, hybrid, kind).unwrap();
        assert_eq!(left, Settings::of(kind), "both ended");
    }
}
