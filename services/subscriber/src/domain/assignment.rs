//! Assignments: who holds which package from when to when.
//!
//! Instants keep their microseconds here and in the events; billing counts in seconds and cuts them
//! off itself, so that the end of one package and the start of the next are cut alike.

use super::{AssignmentId, LocationId, package::Selection};

/// A package held now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// Id of the assignment.
    pub(crate) assignment_id: AssignmentId,
    /// `base`, or the add-on's name.
    pub(crate) slot: String,
    /// The package.
    pub(crate) package: String,
    /// Where the seat is that usage is counted for.
    pub(crate) location_id: Option<LocationId>,
}

/// What turns the packages held into those wanted, all at one instant.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// To end.
    pub(crate) end: Vec<AssignmentId>,
    /// To start: slot and package.
    pub(crate) start: Vec<(String, String)>,
}

impl Change {
    /// From what is held to what is wanted. Usage is reported by location, so a seat that moves
    /// ends every assignment and starts it again.
    pub(crate) fn between(held: &[Held], wanted: &Selection, location: Option<LocationId>) -> Self {
        let stays = |held: &&Held| {
            wanted.slots.get(&held.slot) == Some(&held.package) && held.location_id == location
        };
        Self {
            end: held
                .iter()
                .filter(|held| !stays(held))
                .map(|held| held.assignment_id)
                .collect(),
            start: wanted
                .slots
                .iter()
                .filter(|(slot, _)| !held.iter().any(|held| held.slot == **slot && stays(&held)))
                .map(|(slot, package)| (slot.clone(), package.clone()))
                .collect(),
        }
    }

    /// Nothing to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.end.is_empty() && self.start.is_empty()
    }

    /// The packages that are held by more after the change than before: those that a limit binds.
    pub(crate) fn gained<'a>(&'a self, held: &'a [Held]) -> impl Iterator<Item = &'a str> {
        self.start
            .iter()
            .map(|(_, package)| package.as_str())
            .filter(|package| !held.iter().any(|held| held.package == *package))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn place(number: u8) -> Option<LocationId> {
        (number > 0).then(|| LocationId::from_uuid(Uuid::from_u128(number.into())))
    }

    fn slots() -> impl Strategy<Value = BTreeMap<String, String>> {
        (0..3_u8, proptest::collection::btree_set(0..3_u8, 0..3)).prop_map(|(base, add_ons)| {
            let add_ons = add_ons
                .into_iter()
                .map(|n| (format!("a{n}"), format!("a{n}")));
            add_ons
                .chain([("base".to_owned(), format!("b{base}"))])
                .collect()
        })
    }

    proptest! {
        #[test]
        fn r101_a_change_leaves_exactly_what_is_wanted(
            before in slots(), from in 0..3_u8, after in slots(), to in 0..3_u8,
        ) {
            let held: Vec<Held> = before.iter().enumerate().map(|(n, (slot, package))| Held {
                assignment_id: AssignmentId::from_uuid(Uuid::from_u128(u128::try_from(n).unwrap())),
                slot: slot.clone(),
                package: package.clone(),
                location_id: place(from),
            }).collect();
            let wanted =
                Selection { slots: after.clone(), calling: false, limits: BTreeMap::new() };
            let change = Change::between(&held, &wanted, place(to));

            let mut result: Vec<(String, String)> = held
                .iter()
                .filter(|held| !change.end.contains(&held.assignment_id))
                .map(|held| (held.slot.clone(), held.package.clone()))
                .chain(change.start.iter().cloned())
                .collect();
            result.sort();
            prop_assert_eq!(result, after.clone().into_iter().collect::<Vec<_>>());
            prop_assert_eq!(change.is_empty(), before == after && from == to);
        }
    }
}
