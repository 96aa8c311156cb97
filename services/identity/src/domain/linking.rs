//! Who it is whom a provider asserts (6.4): somebody whom this connection knows by this subject, or somebody
//! of the organizations bound to it who has the address and is not known by another subject. Nobody else, so
//! a provider speaks for its own organizations only (S89 to S91).

use super::sign_in::Account;

/// Somebody of an organization that is bound to the connection.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that do not depend on each other"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Who.
    pub(crate) account: Account,
    /// Signs in at all.
    pub(crate) enabled: bool,
    /// The organization is the partner's own.
    pub(crate) staff: bool,
    /// Holds a role in another organization than its own.
    pub(crate) roles_elsewhere: bool,
    /// The connection knows it already, by whatever subject.
    pub(crate) linked: bool,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It is this one, and known as such.
    Known(Account),
    /// It is this one, to be remembered by the subject from now on.
    Link(Account),
    /// It is nobody.
    Nobody(Why),
}

/// Why it is nobody; for the audit, not for whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Nobody of the organizations of this connection.
    Unknown,
    /// Somebody who may not sign in.
    Disabled,
    /// Somebody whom the connection knows by another subject.
    OtherSubject,
    /// Somebody who may more than people of this connection.
    BeyondConnection,
}

impl Why {
    /// Its name.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Unknown => "NOT_KNOWN_HERE",
            Self::Disabled => "PERSON_DISABLED",
            Self::OtherSubject => "KNOWN_BY_OTHER_SUBJECT",
            Self::BeyondConnection => "BEYOND_CONNECTION",
        }
    }
}

/// Decides, from who is linked to the subject and who has the address.
pub(crate) fn decide(by_subject: Option<Candidate>, by_address: Option<Candidate>) -> Decision {
    let fit = |candidate: Candidate| {
        if !candidate.enabled {
            return Err(Why::Disabled);
        }
        // Whoever may something in other organizations is beyond what a customer's provider may say. The
        // partner's own provider speaks for the partner's own people, whatever they may.
        if candidate.roles_elsewhere && !candidate.staff {
            return Err(Why::BeyondConnection);
        }
        Ok(candidate.account)
    };
    if let Some(known) = by_subject {
        return fit(known).map_or_else(Decision::Nobody, Decision::Known);
    }
    match by_address {
        None => Decision::Nobody(Why::Unknown),
        // an address that is given to somebody new does not bring the old one's rights along
        Some(candidate) if candidate.linked => Decision::Nobody(Why::OtherSubject),
        Some(candidate) => fit(candidate).map_or_else(Decision::Nobody, Decision::Link),
    }
}

#[cfg(test)]
mod tests {
    use kit::id::PartnerId;
    use uuid::Uuid;

    use super::*;
    use crate::domain::{organization::OrganizationId, person::PersonId};

    fn somebody() -> Candidate {
        Candidate {
            account: Account {
                partner: PartnerId::from_uuid(Uuid::from_u128(1)),
                organization: OrganizationId::from_uuid(Uuid::from_u128(2)),
                person: PersonId::from_uuid(Uuid::from_u128(3)),
            },
            enabled: true,
            staff: false,
            roles_elsewhere: false,
            linked: false,
        }
    }

    #[test]
    fn who_is_known_comes_in_and_who_has_the_address_is_linked_once() {
        let one = somebody();
        let linked = Candidate {
            linked: true,
            ..one
        };
        assert_eq!(decide(Some(linked), None), Decision::Known(one.account));
        assert_eq!(decide(None, Some(one)), Decision::Link(one.account));
        assert_eq!(
            decide(None, Some(linked)),
            Decision::Nobody(Why::OtherSubject)
        );
        assert_eq!(decide(None, None), Decision::Nobody(Why::Unknown));
    }

    #[test]
    fn s90_nobody_asserts_who_may_more_elsewhere() {
        let mighty = Candidate {
            roles_elsewhere: true,
            ..somebody()
        };
        let beyond = Decision::Nobody(Why::BeyondConnection);
        assert_eq!(decide(None, Some(mighty)), beyond);
        assert_eq!(decide(Some(mighty), None), beyond);
        let staff = Candidate {
            staff: true,
            ..mighty
        };
        assert_eq!(decide(None, Some(staff)), Decision::Link(staff.account));
        let gone = Candidate {
            enabled: false,
            ..staff
        };
        assert_eq!(decide(Some(gone), None), Decision::Nobody(Why::Disabled));
    }
}
