//! A hashed password as text: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, the PHC string format.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

/// Length of salts and hashes, in bytes.
const SALT: usize = 16;
const HASH: usize = 32;
/// A row that says more than this is not one of ours, and must not be able to exhaust the memory.
const MOST_KIB: u32 = 64 * 1024;
const MOST_PASSES: u32 = 8;

/// The cost of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Memory in KiB.
    pub(crate) memory: u32,
    /// Passes over it.
    pub(crate) passes: u32,
    /// Lanes.
    pub(crate) lanes: u32,
}

/// What a new hash costs: 19 MiB, two passes, as OWASP recommends.
pub(crate) const COST: Cost = Cost {
    memory: 19 * 1024,
    passes: 2,
    lanes: 1,
};

/// A hashed password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Phc {
    /// What it cost.
    pub(crate) cost: Cost,
    /// Salt.
    pub(crate) salt: [u8; SALT],
    /// Hash.
    pub(crate) hash: [u8; HASH],
}

impl Phc {
    /// What nobody's password matches, at today's cost: compared with when there is none, so that it
    /// takes as long.
    pub(crate) const NOBODY: Self = Self {
        cost: COST,
        salt: [0; SALT],
        hash: [0; HASH],
    };

    /// Reads one; none when it is none of ours.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('$');
        let named = parts.next() == Some("")
            && parts.next() == Some("argon2id")
            && parts.next() == Some("v=19");
        let cost = parse_cost(parts.next()?)?;
        let salt = bytes(parts.next()?)?;
        let hash = bytes(parts.next()?)?;
        (named && parts.next().is_none()).then_some(Self { cost, salt, hash })
    }

    /// Whether it would be made otherwise today.
    pub(crate) fn is_outdated(&self) -> bool {
        self.cost != COST
    }
}

fn parse_cost(text: &str) -> Option<Cost> {
    let mut numbers = text
        .split(',')
        .zip(["m=", "t=", "p="])
        .map(|(part, name)| part.strip_prefix(name)?.parse::<u32>().ok());
    let (memory, passes, lanes) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let fits = (8..=MOST_KIB).contains(&memory) && (1..=MOST_PASSES).contains(&passes);
    (fits && lanes == 1 && text.matches(',').count() == 2).then_some(Cost {
        memory,
        passes,
        lanes,
    })
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD_NO_PAD.decode(text).ok()?.try_into().ok()
}

impl fmt::Display for Phc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cost {
            memory,
            passes,
            lanes,
        } = self.cost;
        let (salt, hash) = (
            STANDARD_NO_PAD.encode(self.salt),
            STANDARD_NO_PAD.encode(self.hash),
        );
        write!(
            f,
            "$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${hash}"
        )
    }
}

impl fmt::Debug for Phc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Phc").field(&self.cost).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let phc = Phc {
            cost: Cost { passes: 3, ..COST },
            salt: [7; SALT],
            hash: [9; HASH],
        };
        assert_eq!(Phc::parse(&phc.to_string()), Some(phc.clone()));
        assert!(phc.is_outdated());
        assert!(!Phc::NOBODY.is_outdated());
    }

    #[test]
    fn what_is_not_ours_is_not_read() {
        let ours = Phc::NOBODY.to_string();
        for text in [
            String::new(),
            ours.replace("argon2id", "argon2i"),
            ours.replace("v=19", "v=16"),
            ours.replace("m=19456", "m=1048576"),
            ours.replace("t=2", "t=0"),
            ours.replace("p=1", "p=4"),
            ours.replace("p=1", "p=1,x=1"),
            format!("{ours}$"),
            ours.replace("$AAA", "$AA"),
        ] {
            assert_eq!(Phc::parse(&text), None, "{text}");
        }
    }
}
