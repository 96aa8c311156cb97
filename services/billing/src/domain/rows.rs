//! From slices of usage to the rows of a report.
//!
//! Slices arrive in one fixed order: owning partner, customer, location, subscriber, start. Rows of
//! every level are groups that are contiguous in it, so one pass with one carry per pool (package
//! on a subscription) makes rows that add up across the levels (R-1409), in memory that does not
//! grow with the number of users. The carry starts anew in each report: a report about one
//! sub-partner adds up in itself, and is the same that the sub-partner gets when it asks.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::quantity::{Carry, Quantity};
use super::report::Level;
use super::usage::{Overflow, Seconds};

/// Who used what for how long, inside the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slice {
    /// The customer and place.
    pub(crate) site: Site,
    /// The user.
    pub(crate) user: User,
    /// What is billed.
    pub(crate) pool: Pool,
    /// For how long.
    pub(crate) seconds: Seconds,
}

/// What a row of the CUSTOMER level is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    /// The customer.
    pub(crate) customer: Uuid,
    /// Its organization.
    pub(crate) organization: Option<Uuid>,
    /// The partner's own id for it.
    pub(crate) external_id: String,
    /// The place.
    pub(crate) location: Option<Uuid>,
}

/// What a row of the USER level is about, besides the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct User {
    /// The subscriber.
    pub(crate) subscriber: Uuid,
    /// The person behind it.
    pub(crate) person: Option<Uuid>,
    /// Or the workspace.
    pub(crate) workspace: Option<Uuid>,
}

/// All usage of one package on one subscription.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pool {
    /// The subscription.
    pub(crate) subscription_id: String,
    /// The package.
    pub(crate) package: String,
}

/// One row of a report. A row of the PARTNER level has no site, one of the CUSTOMER level no user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// The customer and place.
    pub(crate) site: Option<Site>,
    /// The user.
    pub(crate) user: Option<User>,
    /// What is billed.
    pub(crate) pool: Pool,
    /// How much.
    pub(crate) quantity: Quantity,
}

/// The group that is being added up, and the carries.
#[derive(Debug)]
pub(crate) struct Rows {
    level: Level,
    site: Option<Site>,
    user: Option<User>,
    sums: BTreeMap<Pool, Seconds>,
    carries: BTreeMap<Pool, Carry>,
}

impl Rows {
    /// Rows of a level.
    pub(crate) fn new(level: Level) -> Self {
        Self {
            level,
            site: None,
            user: None,
            sums: BTreeMap::new(),
            carries: BTreeMap::new(),
        }
    }

    /// Takes the next slice; hands the rows of the group that it ends to `emit`.
    pub(crate) fn push<E: From<Overflow>>(
        &mut self,
        slice: Slice,
        emit: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        if slice.seconds == Seconds::default() {
            return Ok(());
        }
        let site = (self.level >= Level::Customer).then_some(slice.site);
        let user = (self.level >= Level::User).then_some(slice.user);
        if self.site != site || self.user != user {
            self.finish(emit)?;
            (self.site, self.user) = (site, user);
        }
        let sum = self.sums.entry(slice.pool).or_default();
        *sum = sum.plus(slice.seconds)?;
        Ok(())
    }

    /// Hands over the rows of the last group.
    pub(crate) fn finish<E: From<Overflow>>(
        &mut self,
        mut emit: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        for (pool, seconds) in std::mem::take(&mut self.sums) {
            let quantity = self
                .carries
                .entry(pool.clone())
                .or_default()
                .take(seconds)?;
            emit(Row {
                site: self.site.clone(),
                user: self.user,
                pool,
                quantity,
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
