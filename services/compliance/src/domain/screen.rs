//! Screening: a party against the index.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{
    country::Country,
    dictionary::Letters,
    explain,
    fixed::wide,
    index::Index,
    query::{Form, Query},
    score::{self, Found, Match},
    text,
};

/// At most this many hits are reported, best first; the decision does not depend on it.
const REPORTED: usize = 50;

/// Who is screened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Party {
    /// Name of the organization or person.
    pub name: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Postal address.
    pub address: Address,
}

/// A postal address; only the country is evidence so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    /// First line.
    pub line1: String,
    /// Second line.
    pub line2: String,
    /// City.
    pub city: String,
    /// State or province.
    pub state: String,
    /// Postal code.
    pub postal_code: String,
    /// Country, ISO 3166-1 alpha-2.
    pub country: String,
}

/// What screening says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Nothing matches.
    Clear,
    /// A person decides.
    Review,
}

impl Decision {
    /// As the database and the metrics spell it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Review => "review",
        }
    }

    /// Reads what [`Decision::name`] wrote.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Clear, Self::Review]
            .into_iter()
            .find(|decision| decision.name() == name)
    }
}

/// A listed party that matches, or the reason why nothing can be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hit {
    /// Name of the list; empty when the name itself is the reason.
    pub list: String,
    /// Id of the entry on its list.
    pub entry_id: String,
    /// The name that matched.
    pub matched_name: String,
    /// From 0 to 1000.
    pub score: u32,
    /// Why, line by line.
    pub evidence: Vec<String>,
}

/// What screening found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Findings {
    /// The decision.
    pub decision: Decision,
    /// The matches, best first.
    pub hits: Vec<Hit>,
}

/// How listed names that may match are found: by the index, or in tests by looking at all of them.
pub(crate) trait Find {
    /// Words alike to each word of the query.
    fn near(&mut self, index: &Index, query: &Query) -> Vec<Found>;
    /// Names worth scoring.
    fn candidates(&mut self, index: &Index, query: &Query, near: &[Found]) -> Vec<u32>;
    /// Names with the same letters.
    fn joined(&mut self, index: &Index, query: &Query) -> Vec<u32>;
}

/// The index itself; remembers words that occur in several forms of a name.
#[derive(Default)]
struct Indexed(HashMap<Letters, Found>);

impl Find for Indexed {
    fn near(&mut self, index: &Index, query: &Query) -> Vec<Found> {
        let words = query.words.iter().map(|word| {
            let near = self.0.entry(word.letters.clone());
            Arc::clone(near.or_insert_with(|| Arc::new(index.dictionary.near(&word.letters))))
        });
        words.collect()
    }

    fn candidates(&mut self, index: &Index, query: &Query, near: &[Found]) -> Vec<u32> {
        index.candidates(query, near)
    }

    fn joined(&mut self, index: &Index, query: &Query) -> Vec<u32> {
        index.joined(query)
    }
}

/// Screens a party. The index must not be empty.
pub(crate) fn screen(index: &Index, party: &Party) -> Findings {
    screen_by(index, party, &mut Indexed::default())
}

/// Screens a party, finding names by other means.
pub(crate) fn screen_by(index: &Index, party: &Party, find: &mut impl Find) -> Findings {
    let country = Country::parse(&party.address.country);
    let mut best: BTreeMap<u32, (Match, &str, Query)> = BTreeMap::new();
    let mut doubts = Vec::new();
    for name in std::iter::once(&party.name).chain(&party.aliases) {
        let words = text::split(name);
        doubts.extend(explain::doubt(name, &words));
        for query in Query::forms(&index.dictionary, &words) {
            let near = find.near(index, &query);
            let candidates = find.candidates(index, &query, &near);
            let scored = candidates
                .into_iter()
                .filter_map(|id| score::judge(index, &query, &near, id, country));
            let joined = find.joined(index, &query);
            let joined = joined
                .into_iter()
                .map(|id| score::joined(index, id, country));
            for hit in scored.chain(joined.filter(|_| query.form != Form::Divided)) {
                let entry = index.names[wide(hit.name)].entry;
                let better = best
                    .get(&entry)
                    .is_none_or(|(held, _, _)| held.score < hit.score);
                if better {
                    best.insert(entry, (hit, name, query.clone()));
                }
            }
        }
    }
    let mut hits: Vec<Hit> = best
        .values()
        .map(|(hit, name, query)| explain::hit(index, hit, name, query, &party.address.country))
        .collect();
    hits.sort_by(|a, b| {
        let key = |hit: &Hit| {
            (
                std::cmp::Reverse(hit.score),
                hit.list.clone(),
                hit.entry_id.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    hits.truncate(REPORTED);
    hits.extend(doubts);
    let decision = if hits.is_empty() {
        Decision::Clear
    } else {
        Decision::Review
    };
    Findings { decision, hits }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        entry::{Entry, Kind, List},
        script::{self, Script},
    };

    fn index(names: &[&str]) -> Index {
        let entries = names.iter().enumerate().map(|(id, name)| Entry {
            id: id.to_string(),
            kind: Kind::Entity,
            names: vec![(*name).to_owned()],
            countries: BTreeSet::new(),
            source: String::new(),
        });
        Index::build(vec![List {
            name: "LIST".to_owned(),
            entries: entries.collect(),
        }])
    }

    fn party(name: &str) -> Party {
        let address = Address::default();
        Party {
            name: name.to_owned(),
            aliases: Vec::new(),
            address,
        }
    }

    proptest! {
        #[test]
        fn no_name_breaks_it_and_only_scripts_that_can_be_matched_are_cleared(name in ".{0,60}") {
            let index = index(&["Obsidian Gate Trading Ltd", "不知火"]);
            let findings = screen(&index, &party(&name));
            prop_assert_eq!(findings.decision == Decision::Clear, findings.hits.is_empty());
            let letters = text::split(&name).original().concat();
            let foreign = |letter| matches!(script::of(letter), Some(Script::Other(_)));
            if letters.is_empty() || letters.chars().any(foreign) {
                prop_assert_eq!(findings.decision, Decision::Review);
            }
        }

        #[test]
        fn a_listed_name_is_found_whatever_its_letters(name in "\\PC{1,40}") {
            prop_assume!(!text::split(&name).list.is_empty());
            let findings = screen(&index(&["Other Name", &name]), &party(&name));
            prop_assert!(findings.hits.iter().any(|hit| hit.entry_id == "1" && hit.score >= 980));
        }
    }

    #[test]
    fn aliases_are_screened_as_the_name_is() {
        let mut party = party("Green Valley Landscaping");
        party.aliases.push("Obsidian Gate".to_owned());
        let findings = screen(
            &index(&["Obsidian Gate Trading Ltd", "Obsidian Gate"]),
            &party,
        );
        assert_eq!(findings.hits[0].entry_id, "1");
        assert!(findings.hits[0].evidence[0].contains("\"Obsidian Gate\""));
    }
}
