//! What compliance knows: names, lists, scores, cases. Pure: no database, no network, no clock.

pub(crate) mod audit;
pub(crate) mod case;
pub(crate) mod country;
pub(crate) mod dictionary;
pub(crate) mod distance;
pub(crate) mod entry;
pub(crate) mod explain;
pub(crate) mod fixed;
pub(crate) mod index;
pub(crate) mod list;
#[cfg(test)]
mod oracle;
pub(crate) mod query;
pub(crate) mod score;
pub(crate) mod screen;
pub(crate) mod script;
pub(crate) mod text;
pub(crate) mod words;
