//! What a customer may assign, and choosing from it.
//!
//! No package is known by name here: all knowledge comes with the entitlement.

use std::collections::{BTreeMap, BTreeSet};

use kit::fault::{Violations, reason};
use serde::{Deserialize, Serialize};

/// The slot of the base package. Every add-on has a slot of its own, with its name.
pub(crate) const BASE_SLOT: &str = "base";

/// Not among the customer's packages.
pub(crate) const PACKAGE_NOT_ENTITLED: &str = "PACKAGE_NOT_ENTITLED";
/// Belongs to the customer as a whole or to its workspaces.
pub(crate) const PACKAGE_NOT_ASSIGNABLE: &str = "PACKAGE_NOT_ASSIGNABLE";
/// None of the packages that an add-on needs is held as well.
pub(crate) const PACKAGE_DEPENDENCY: &str = "PACKAGE_DEPENDENCY";
/// Not exactly one base package.
pub(crate) const BASE_PACKAGE_COUNT: &str = "BASE_PACKAGE_COUNT";
/// Named twice.
pub(crate) const DUPLICATE: &str = "DUPLICATE";
/// All units of the customer's limit are assigned.
pub(crate) const PACKAGE_LIMIT_REACHED: &str = "PACKAGE_LIMIT_REACHED";

/// A package that a customer is entitled to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Package {
    /// Name.
    pub(crate) name: String,
    /// A subscriber has exactly one of these; otherwise it is an add-on.
    pub(crate) base: bool,
    /// Needs a location, and a number or extension.
    pub(crate) calling: bool,
    /// May be given to a person.
    pub(crate) assignable: bool,
    /// At least one of these must be held as well; none means no dependency.
    pub(crate) requires_any: Vec<String>,
    /// Most units; 0 means no bound.
    pub(crate) unit_limit: i32,
}

/// A choice that keeps the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selection {
    /// The package in each slot.
    pub(crate) slots: BTreeMap<String, String>,
    /// Whether it holds a calling seat.
    pub(crate) calling: bool,
    /// The bounded packages of it, with their limit.
    pub(crate) limits: BTreeMap<String, i32>,
}

impl Selection {
    /// The base package.
    pub(crate) fn base(&self) -> &str {
        self.slots.get(BASE_SLOT).map_or("", String::as_str)
    }

    /// Whether these are the packages, in any order.
    pub(crate) fn is(&self, packages: &[String]) -> bool {
        let mine: BTreeSet<&String> = self.slots.values().collect();
        mine == packages.iter().collect()
    }
}

/// The public API takes one `package` or several `packages`; problems are told under the one that
/// fits what came.
pub(crate) fn field(wanted: &[String]) -> &'static str {
    if wanted.len() > 1 {
        "packages"
    } else {
        "package"
    }
}

/// Chooses from an entitlement; what is wrong is noted.
pub(crate) fn choose(
    entitlement: &[Package],
    wanted: &[String],
    violations: &mut Violations,
) -> Option<Selection> {
    let field = field(wanted);
    if wanted.is_empty() {
        violations.add(field, reason::MISSING, "a package is required");
        return None;
    }
    let names: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
    let mut sound = violations.check(
        names.len() == wanted.len(),
        field,
        DUPLICATE,
        "a package is named more than once",
    );
    let mut chosen = Vec::new();
    for name in &names {
        match entitlement.iter().find(|package| package.name == *name) {
            None => {
                let text = format!("the customer is not entitled to {name}");
                violations.add(field, PACKAGE_NOT_ENTITLED, text);
                sound = false;
            }
            Some(package) if !package.assignable => {
                let text = format!("{name} is not assigned to subscribers");
                violations.add(field, PACKAGE_NOT_ASSIGNABLE, text);
                sound = false;
            }
            Some(package) => chosen.push(package),
        }
    }
    let bases = chosen.iter().filter(|package| package.base).count();
    // an unknown name may have been meant as the base package
    if bases > 1 || (bases == 0 && chosen.len() == names.len()) {
        let text = format!("exactly one base package is required, not {bases}");
        violations.add(field, BASE_PACKAGE_COUNT, text);
        sound = false;
    }
    for package in &chosen {
        let needs = &package.requires_any;
        if !needs.is_empty() && !needs.iter().any(|need| names.contains(need.as_str())) {
            let text = format!("{} needs one of {}", package.name, needs.join(", "));
            violations.add(field, PACKAGE_DEPENDENCY, text);
            sound = false;
        }
    }
    sound.then(|| Selection {
        calling: chosen.iter().any(|package| package.calling),
        limits: chosen
            .iter()
            .filter(|package| package.unit_limit > 0)
            .map(|package| (package.name.clone(), package.unit_limit))
            .collect(),
        slots: chosen
            .into_iter()
            .map(|package| (slot(package), package.name.clone()))
            .collect(),
    })
}

fn slot(package: &Package) -> String {
    if package.base {
        BASE_SLOT.to_owned()
    } else {
        package.name.clone()
    }
}

/// What a customer began with, as far as its administrators are bound to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Beginning {
    /// The base packages.
    pub(crate) packages: Vec<String>,
    /// Whether each of them has a calling seat.
    pub(crate) calling: bool,
}

impl Beginning {
    /// Of an entitlement that is the customer's first.
    pub(crate) fn of(entitlement: &[Package]) -> Self {
        let bases = || {
            entitlement
                .iter()
                .filter(|package| package.base && package.assignable)
        };
        Self {
            packages: bases().map(|package| package.name.clone()).collect(),
            calling: bases().next().is_some() && bases().all(|package| package.calling),
        }
    }

    /// Whether an administrator who holds this stays on the level of the beginning.
    ///
    /// The catalogue orders packages by nothing but the calling seat. So this refuses what is
    /// certainly lower, no calling seat in an organization that began with calling only, and leaves
    /// all other changes alone.
    pub(crate) fn keeps_level(&self, selection: &Selection) -> bool {
        !self.calling
            || selection.calling
            || self
                .packages
                .iter()
                .any(|package| package == selection.base())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, base: bool, calling: bool) -> Package {
        Package {
            name: name.to_owned(),
            base,
            calling,
            assignable: true,
            requires_any: Vec::new(),
            unit_limit: 0,
        }
    }

    fn entitlement() -> Vec<Package> {
        vec![
            package("voice", true, true),
            package("rooms", true, false),
            Package {
                requires_any: vec!["voice".to_owned()],
                ..package("desk", false, false)
            },
            Package {
                assignable: false,
                ..package("lobby", true, true)
            },
        ]
    }

    fn reasons(wanted: &[&str]) -> Result<Selection, Vec<String>> {
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        let mut violations = Violations::default();
        let selection = choose(&entitlement(), &wanted, &mut violations);
        assert_eq!(selection.is_none(), !violations.is_empty());
        selection.ok_or_else(|| {
            violations
                .into_vec()
                .into_iter()
                .map(|v| v.reason)
                .collect()
        })
    }

    #[test]
    fn r101_exactly_one_base_package() {
        assert_eq!(reasons(&["rooms"]).unwrap().base(), "rooms");
        assert_eq!(
            reasons(&["rooms", "voice"]).unwrap_err(),
            ["BASE_PACKAGE_COUNT"]
        );
        assert_eq!(reasons(&[]).unwrap_err(), ["MISSING"]);
        assert_eq!(reasons(&["voice", "voice"]).unwrap_err(), ["DUPLICATE"]);
    }

    #[test]
    fn r103_an_add_on_needs_what_it_builds_on() {
        let selection = reasons(&["desk", "voice"]).unwrap();
        assert!(selection.calling);
        assert_eq!(selection.slots["desk"], "desk");
        assert_eq!(selection.slots["base"], "voice");
        assert_eq!(
            reasons(&["desk", "rooms"]).unwrap_err(),
            ["PACKAGE_DEPENDENCY"]
        );
        assert_eq!(
            reasons(&["desk"]).unwrap_err(),
            ["BASE_PACKAGE_COUNT", "PACKAGE_DEPENDENCY"]
        );
    }

    #[test]
    fn r104_only_what_the_customer_is_entitled_to() {
        assert_eq!(reasons(&["gold"]).unwrap_err(), ["PACKAGE_NOT_ENTITLED"]);
        assert_eq!(
            reasons(&["gold", "lobby", "desk"]).unwrap_err(),
            [
                "PACKAGE_NOT_ENTITLED",
                "PACKAGE_NOT_ASSIGNABLE",
                "PACKAGE_DEPENDENCY"
            ]
        );
    }

    #[test]
    fn r403_an_administrator_keeps_the_calling_seat_of_the_beginning() {
        let began = Beginning::of(&[package("voice", true, true), package("desk", false, false)]);
        assert!(began.keeps_level(&reasons(&["voice"]).unwrap()));
        assert!(!began.keeps_level(&reasons(&["rooms"]).unwrap()));
        assert!(Beginning::of(&entitlement()).keeps_level(&reasons(&["rooms"]).unwrap()));
        assert!(Beginning::of(&[]).keeps_level(&reasons(&["rooms"]).unwrap()));
    }
}
