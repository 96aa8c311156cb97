//! Keys that follow each other: a provider's, as its metadata tells, and our own.

use chrono::{DateTime, TimeDelta, Utc};

use super::certificate::{Certificate, OwnKey};

/// A certificate that metadata tells no more verifies for this long: caches are slow.
const LINGER: TimeDelta = TimeDelta::days(7);
/// Most certificates of a connection, those that linger included.
const MOST: usize = 20;
/// Somebody is told so many days before the last certificate ends.
const NOTICE: [i64; 4] = [0, 1, 7, 30];
/// Our next key is published this long before the one that signs ends.
const AHEAD: TimeDelta = TimeDelta::days(60);
/// It signs after so long, when every provider has had the time to read of it.
const PUBLISHED: TimeDelta = TimeDelta::days(30);

/// What is told now, beside what was told lately.
pub(crate) fn merge(
    known: &[Certificate],
    told: Vec<Certificate>,
    now: DateTime<Utc>,
) -> Vec<Certificate> {
    let mut merged = told;
    for old in known {
        let gone_since = old.gone_since.unwrap_or(now);
        let again = merged.iter().any(|new| new.fingerprint == old.fingerprint);
        if !again && now < gone_since + LINGER {
            merged.push(Certificate {
                gone_since: Some(gone_since),
                ..old.clone()
            });
        }
    }
    merged.truncate(MOST);
    merged
}

/// How many days before the end of the last certificate a notice became due since the last look.
pub(crate) fn notice(
    certificates: &[Certificate],
    last_look: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<i64> {
    let last = certificates.iter().map(|known| known.ends_at).max()?;
    NOTICE.into_iter().find(|days| {
        let due = last - TimeDelta::days(*days);
        last_look < due && due <= now
    })
}

/// What is to be done about our keys. The first of them signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing.
    Nothing,
    /// A key is to be made and put last: it is published, and opens what is encrypted for it.
    Make,
    /// The last one is to sign from now on.
    Promote,
    /// The last one is of no use any more.
    Drop,
}

/// What is to be done about our keys.
pub(crate) fn plan(keys: &[OwnKey], now: DateTime<Utc>) -> Step {
    let due = |yes: bool, step: Step| if yes { step } else { Step::Nothing };
    match keys {
        [] => Step::Make,
        [only] => due(only.ends_at - AHEAD <= now, Step::Make),
        [first, .., last] if last.begins_at > first.begins_at => {
            due(last.begins_at + PUBLISHED <= now, Step::Promote)
        }
        [first, ..] => due(first.begins_at + PUBLISHED + LINGER <= now, Step::Drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i64) -> DateTime<Utc> {
        let first: DateTime<Utc> = "2026-11-21T10:00:00Z".parse().unwrap();
        first + TimeDelta::days(n)
    }

    fn certificate(name: &str, ends_at: DateTime<Utc>) -> Certificate {
        Certificate {
            der: String::new(),
            fingerprint: name.to_owned(),
            subject: String::new(),
            begins_at: day(-100),
            ends_at,
            gone_since: None,
        }
    }

    fn names(certificates: &[Certificate]) -> Vec<&str> {
        certificates
            .iter()
            .map(|c| c.fingerprint.as_str())
            .collect()
    }

    #[test]
    fn certificates_overlap_for_a_week() {
        let (old, new) = (certificate("old", day(30)), certificate("new", day(400)));
        let both = merge(std::slice::from_ref(&old), vec![new.clone()], day(0));
        assert_eq!(names(&both), ["new", "old"]);
        let still = merge(&both, vec![new.clone()], day(6));
        assert_eq!(names(&still), ["new", "old"]);
        assert_eq!(names(&merge(&still, vec![new.clone()], day(7))), ["new"]);
        // told again: it stays
        let again = merge(&still, vec![old, new], day(6));
        assert!(again.iter().all(|c| c.gone_since.is_none()));
    }

    #[test]
    fn s7_somebody_is_told_before_the_last_certificate_ends() {
        let both = [certificate("a", day(10)), certificate("b", day(100))];
        let told: Vec<(i64, i64)> = (0..110)
            .filter_map(|n| Some((n, notice(&both, day(n - 1), day(n))?)))
            .collect();
        assert_eq!(told, [(70, 30), (93, 7), (99, 1), (100, 0)]);
    }

    fn key(begins_at: DateTime<Utc>) -> OwnKey {
        OwnKey {
            private: String::new(),
            certificate: String::new(),
            begins_at,
            ends_at: begins_at + TimeDelta::days(1000),
        }
    }

    #[test]
    fn our_keys_follow_each_other() {
        let (old, new) = (key(day(0)), key(day(940)));
        assert_eq!(plan(&[], day(0)), Step::Make);
        assert_eq!(plan(std::slice::from_ref(&old), day(939)), Step::Nothing);
        assert_eq!(plan(std::slice::from_ref(&old), day(940)), Step::Make);
        let waiting = [old.clone(), new.clone()];
        assert_eq!(plan(&waiting, day(969)), Step::Nothing);
        assert_eq!(plan(&waiting, day(970)), Step::Promote);
        let promoted = [new, old];
        assert_eq!(plan(&promoted, day(976)), Step::Nothing);
        assert_eq!(plan(&promoted, day(977)), Step::Drop);
    }
}
