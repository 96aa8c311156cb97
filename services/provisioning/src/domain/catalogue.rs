//! The catalogue of packages. No package is named here: what a package is, its
//! row says.

use std::collections::BTreeSet;

use kit::fault::{Violations, reason::MISSING};

use crate::{domain::names, error::reason};

names! {
    /// What a package is assigned to.
    PackageKind {
        /// A subscriber has exactly one of these.
        Base = "base",
        /// Comes on top of a base package.
        AddOn = "add_on",
        /// Belongs to the customer or its workspaces.
        Customer = "customer",
    }
}

/// One package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) sku: String,
    pub(crate) description: String,
    pub(crate) kind: PackageKind,
    pub(crate) calling: bool,
    pub(crate) meetings: bool,
    pub(crate) requires_any: Vec<String>,
    pub(crate) aliases: Vec<String>,
}

/// All packages, in their fixed order.
#[derive(Debug, Clone)]
pub(crate) struct Catalogue(Vec<Package>);

impl Catalogue {
    /// From its rows.
    pub(crate) fn new(packages: Vec<Package>) -> Self {
        Self(packages)
    }

    /// All packages.
    pub(crate) fn packages(&self) -> &[Package] {
        &self.0
    }

    /// A package by its name or by another accepted spelling.
    pub(crate) fn find(&self, name: &str) -> Option<&Package> {
        self.0
            .iter()
            .find(|package| package.name == name || package.aliases.iter().any(|a| a == name))
    }

    /// The packages that a list of names asks for, in the order of the catalogue; everything wrong
    /// with the list is noted.
    pub(crate) fn choose(&self, names: &[String], violations: &mut Violations) -> Vec<&Package> {
        const FIELD: &str = "packages";
        if names.is_empty() {
            violations.add(FIELD, MISSING, "at least one package is required");
        }
        let mut chosen = BTreeSet::new();
        for name in names {
            match self.find(name.trim()) {
                None => {
                    violations.add(FIELD, reason::UNKNOWN_PACKAGE, format!("no package {name}"));
                }
                Some(package) if !chosen.insert(package.name.as_str()) => violations.add(
                    FIELD,
                    reason::DUPLICATE_PACKAGE,
                    format!("package {} is named more than once", package.name),
                ),
                Some(_) => {}
            }
        }
        let packages: Vec<&Package> = self
            .0
            .iter()
            .filter(|package| chosen.contains(package.name.as_str()))
            .collect();
        for package in &packages {
            let needs = &package.requires_any;
            if !needs.is_empty() && !needs.iter().any(|need| chosen.contains(need.as_str())) {
                violations.add(
                    FIELD,
                    reason::PACKAGE_DEPENDENCY,
                    format!("package {} needs one of {}", package.name, needs.join(", ")),
                );
            }
        }
        packages
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    fn package(name: &str, kind: PackageKind) -> Package {
        Package {
            name: name.to_owned(),
            title: name.to_owned(),
            sku: name.to_uppercase(),
            description: String::new(),
            kind,
            calling: false,
            meetings: false,
            requires_any: Vec::new(),
            aliases: Vec::new(),
        }
    }

    /// A catalogue that shares no name with the one that is sold: the rules live off features.
    pub(crate) fn catalogue() -> Catalogue {
        Catalogue::new(vec![
            Package {
                calling: true,
                aliases: vec!["old_talk".to_owned()],
                ..package("talk", PackageKind::Base)
            },
            Package {
                meetings: true,
                ..package("meet", PackageKind::Base)
            },
            Package {
                requires_any: vec!["talk".to_owned()],
                ..package("desk", PackageKind::AddOn)
            },
            package("robot", PackageKind::Customer),
        ])
    }

    fn reasons(names: &[&str]) -> Vec<String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut violations = Violations::default();
        catalogue().choose(&names, &mut violations);
        violations
            .into_vec()
            .into_iter()
            .map(|violation| violation.reason)
            .collect()
    }

    #[test]
    fn r103_a_missing_dependency_is_named() {
        assert_eq!(reasons(&["meet", "desk"]), [reason::PACKAGE_DEPENDENCY]);
        assert!(reasons(&["talk", "desk"]).is_empty());
    }

    #[test]
    fn all_that_is_wrong_is_noted_at_once() {
        assert_eq!(
            reasons(&["desk", "meet", "meet", "nothing"]),
            [
                reason::DUPLICATE_PACKAGE,
                reason::UNKNOWN_PACKAGE,
                reason::PACKAGE_DEPENDENCY
            ]
        );
        assert_eq!(reasons(&[]), ["MISSING"]);
    }

    #[test]
    fn r102_another_spelling_is_the_same_package() {
        assert!(reasons(&["old_talk", "desk"]).is_empty());
        assert_eq!(reasons(&["old_talk", "talk"]), [reason::DUPLICATE_PACKAGE]);
    }

    proptest! {
        #[test]
        fn the_order_of_the_request_does_not_matter(names in proptest::sample::subsequence(vec!["talk", "meet", "desk", "robot"], 0..=4).prop_shuffle()) {
            let catalogue = catalogue();
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            let mut sorted = names.clone();
            sorted.sort();
            let (mut a, mut b) = (Violations::default(), Violations::default());
            prop_assert_eq!(catalogue.choose(&names, &mut a), catalogue.choose(&sorted, &mut b));
            prop_assert_eq!(a.into_vec(), b.into_vec());
        }
    }
}
