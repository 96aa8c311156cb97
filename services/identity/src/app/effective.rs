//! What a caller may do in an organization, and what was taken away by which rule (R-1002).

use kit::access::{RESTRICTIONS, Restriction, Set};

use crate::app::enter::Entered;

impl Entered {
    /// What was taken away, feature by feature.
    pub(crate) fn withheld(&self) -> impl Iterator<Item = &'static Restriction> {
        let taken = |row: &&Restriction| {
            self.restrictions.contains(&row.set) && self.left.masked.contains(row.takes)
        };
        RESTRICTIONS.iter().filter(taken)
    }

    /// Whether the partner restricts the caller: a hub says so with a banner.
    pub(crate) fn is_restricted(&self) -> bool {
        self.withheld().any(|row| row.set != Set::Always)
    }
}
