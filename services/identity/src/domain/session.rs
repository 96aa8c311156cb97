//! A person who is signed in with a browser.

use chrono::{DateTime, TimeDelta, Utc};

use super::{person::PersonId, sign_in::Account};

kit::id! {
    /// A session.
    pub(crate) SessionId
}

/// Nobody stays signed in for longer.
pub(crate) const LIFE: TimeDelta = TimeDelta::hours(12);
/// Nobody stays signed in who is away for longer.
pub(crate) const IDLE: TimeDelta = TimeDelta::minutes(60);
/// How exactly the last use is kept.
const PRECISION: TimeDelta = TimeDelta::minutes(5);
/// Longest user agent that is kept.
const LONGEST_AGENT: usize = 200;
/// Longest address that is kept.
const LONGEST_ADDRESS: usize = 64;

/// One session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// Its id.
    pub(crate) id: SessionId,
    /// Whose it is.
    pub(crate) account: Account,
    /// How the person proved who it is (RFC 8176).
    pub(crate) methods: Vec<String>,
    /// When.
    pub(crate) authenticated_at: DateTime<Utc>,
    /// When it was last used, more or less.
    pub(crate) seen_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub(crate) ends_at: DateTime<Utc>,
    /// Address it began from.
    pub(crate) address: String,
    /// User agent it began with.
    pub(crate) agent: String,
}

impl Session {
    /// Whether it is good.
    pub(crate) fn is_live(&self, now: DateTime<Utc>) -> bool {
        now < self.ends_at && now < self.seen_at + IDLE
    }

    /// Whether this use is to be written down.
    pub(crate) fn is_to_be_noted(&self, now: DateTime<Utc>) -> bool {
        now >= self.seen_at + PRECISION
    }

    /// The person.
    pub(crate) fn person(&self) -> PersonId {
        self.account.person
    }
}

/// Where a browser is, for the list of sessions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    /// Address of the peer.
    pub(crate) address: String,
    /// User agent.
    pub(crate) agent: String,
}

impl Place {
    /// What is kept of what a browser says.
    pub(crate) fn of(address: &str, agent: &str) -> Self {
        let cut = |text: &str, longest: usize| -> String {
            let plain = text.chars().filter(|character| !character.is_control());
            plain.take(longest).collect()
        };
        Self {
            address: cut(address, LONGEST_ADDRESS),
            agent: cut(agent, LONGEST_AGENT),
        }
    }
}

#[cfg(test)]
mod tests {
    use kit::id::{Ids, PartnerId, Random};
    use kit::time::Clock;

    use super::*;
    use crate::domain::organization::OrganizationId;

    #[test]
    fn a_session_ends_by_age_and_by_idleness() {
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let ids = Ids::new(Clock::manual(start), Random::seeded(1));
        let session = Session {
            id: SessionId::new(&ids),
            account: Account {
                partner: PartnerId::new(&ids),
                organization: OrganizationId::new(&ids),
                person: PersonId::new(&ids),
            },
            methods: Vec::new(),
            authenticated_at: start,
            seen_at: start,
            ends_at: start + LIFE,
            address: String::new(),
            agent: String::new(),
        };
        let moment = TimeDelta::microseconds(1);
        assert!(session.is_live(start + IDLE - moment));
        assert!(!session.is_live(start + IDLE));
        let used = Session {
            seen_at: start + LIFE - moment,
            ..session.clone()
        };
        assert!(used.is_live(start + LIFE - moment));
        assert!(!used.is_live(start + LIFE));
        assert!(!session.is_to_be_noted(start + TimeDelta::minutes(4)));
        assert!(session.is_to_be_noted(start + TimeDelta::minutes(5)));
    }

    #[test]
    fn what_a_browser_says_is_cut() {
        let place = Place::of("::1\n", &"ä\u{7}".repeat(500));
        assert_eq!(place.address, "::1");
        assert_eq!(place.agent, "ä".repeat(200));
    }
}
