//! A listed party.

use std::collections::BTreeSet;

use super::country::Country;

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A human being.
    Person,
    /// A company, an organization, a state body.
    Entity,
    /// A ship.
    Vessel,
    /// An aircraft.
    Aircraft,
    /// The list does not say.
    Unknown,
}

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The publisher's id.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// The names, the principal one first; never empty.
    pub names: Vec<String>,
    /// Countries of addresses, nationalities, flags; empty when unknown.
    pub countries: BTreeSet<Country>,
    /// Where the publisher took it from; empty when the list is its own source.
    pub source: String,
}

impl Entry {
    /// Adds what another row of the same party says.
    pub(crate) fn merge(&mut self, other: Self) {
        for name in other.names {
            self.name(name);
        }
        self.countries.extend(other.countries);
        if !other.source.is_empty() && !self.source.contains(&other.source) {
            self.source = format!("{}; {}", self.source, other.source);
        }
    }

    /// Adds another name unless it stands there already.
    pub(crate) fn name(&mut self, name: String) {
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }
}

/// A list in use.
#[derive(Clone, Debug)]
pub(crate) struct List {
    /// Name, for example `SDN`.
    pub name: String,
    /// Its entries.
    pub entries: Vec<Entry>,
}
