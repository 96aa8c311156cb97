//! The index against a reference that looks at every name: nothing may be lost.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use super::{
    dictionary::Letters,
    distance::similarity,
    entry::{Entry, Kind, List},
    fixed::narrow,
    index::Index,
    list::{Format, parse},
    query::Query,
    score::Found,
    screen::{Address, Decision, Find, Party, screen, screen_by},
};

/// Compares with every word, scores every name. Words that come again are remembered.
#[derive(Default)]
struct EveryName(HashMap<Letters, Found>);

impl Find for EveryName {
    fn near(&mut self, index: &Index, query: &Query) -> Vec<Found> {
        let all = |letters: &[char]| -> Found {
            let ids = 0..narrow(index.dictionary.len());
            let alike = ids.map(|id| (id, similarity(letters, index.dictionary.word(id))));
            Arc::new(alike.filter(|(_, alike)| *alike > 0).collect())
        };
        let near = query.words.iter().map(|word| {
            let known = self.0.entry(word.letters.clone());
            Arc::clone(known.or_insert_with(|| all(&word.letters)))
        });
        near.collect()
    }

    fn candidates(&mut self, index: &Index, _: &Query, _: &[Found]) -> Vec<u32> {
        (0..narrow(index.names.len())).collect()
    }

    fn joined(&mut self, index: &Index, query: &Query) -> Vec<u32> {
        let keys = query.joined_keys();
        let names = index.names.iter().enumerate();
        let same = names.filter(|(_, name)| !index.joined_keys_of(name).is_disjoint(&keys));
        same.map(|(id, _)| narrow(id)).collect()
    }
}

fn data(file: &str) -> Vec<u8> {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/rpl"
    ));
    let path = path.join(file);
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "this test needs the published lists: {} ({error})",
            path.display()
        )
    })
}

fn csl() -> Vec<Entry> {
    parse(Format::Csl, &[data("us/csl_consolidated_2022-07.csv.gz")]).unwrap()
}

fn party(name: &str, country: &str) -> Party {
    Party {
        name: name.to_owned(),
        aliases: Vec::new(),
        address: Address {
            country: country.to_owned(),
            ..Address::default()
        },
    }
}

/// Swaps, drops, replaces or joins, always the same way for the same number.
fn misspell(name: &str, number: usize) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let places: Vec<usize> = (1..letters.len().saturating_sub(1))
        .filter(|at| letters[*at].is_alphabetic() && letters[at + 1].is_alphabetic())
        .collect();
    let Some(&at) = places.get(number * 7919 % places.len().max(1)) else {
        return name.to_owned();
    };
    match number % 6 {
        0 => letters.swap(at, at + 1),
        1 => drop(letters.remove(at)),
        2 => letters[at] = 'x',
        3 => letters.insert(at, letters[at]),
        4 => letters.retain(|letter| *letter != ' '),
        _ => {}
    }
    letters.into_iter().collect()
}

/// Fewer names in a debug build, where looking at every one of them takes its time; the queries are
/// as many.
const EVERY: usize = if cfg!(debug_assertions) { 16 } else { 1 };

#[test]
fn r600_the_index_finds_what_a_look_at_every_name_finds() {
    let all = csl();
    let entries: Vec<Entry> = all.iter().step_by(EVERY).cloned().collect();
    let indexed = entries
        .iter()
        .flat_map(|entry| &entry.names)
        .step_by(64 / EVERY);
    let any = all.iter().flat_map(|entry| &entry.names).step_by(59);
    let queries: Vec<(String, &str)> = indexed
        .chain(any)
        .enumerate()
        .map(|(number, name)| {
            let country = ["", "RU", "DE", "IR", "CN"][number % 5];
            (misspell(name, number), country)
        })
        .collect();
    let index = Index::build(vec![List {
        name: "CSL".to_owned(),
        entries,
    }]);
    assert!(queries.len() >= 1000, "{} queries only", queries.len());
    let half = queries.len() / 2;
    let found = std::thread::scope(|scope| {
        let parts = [&queries[..half], &queries[half..]];
        let parts = parts.map(|part| scope.spawn(|| compare(&index, part)));
        parts.map(|part| part.join().unwrap())
    });
    // A comparison of nothing with nothing would prove nothing.
    assert!(found.iter().sum::<usize>() > 400, "{found:?}");
}

fn compare(index: &Index, queries: &[(String, &str)]) -> usize {
    let (mut found, mut every) = (0, EveryName::default());
    for (name, country) in queries {
        let party = party(name, country);
        let fast = screen(index, &party);
        assert_eq!(
            fast,
            screen_by(index, &party, &mut every),
            "{name:?} {country:?}"
        );
        found += usize::from(fast.decision == Decision::Review);
    }
    found
}

#[test]
fn r603_misspelt_listed_names_are_found() {
    let entries = csl();
    let index = Index::build(vec![List {
        name: "CSL".to_owned(),
        entries: entries.clone(),
    }]);
    let (mut right, mut asked) = (0, 0);
    let persons = entries.iter().filter(|entry| entry.kind == Kind::Person);
    for (number, entry) in persons.enumerate().step_by(11) {
        let name = misspell(&entry.names[0], number);
        asked += 1;
        let hits = screen(&index, &party(&name, "")).hits;
        right += usize::from(hits.iter().any(|hit| hit.entry_id == entry.id));
    }
    assert!(right * 1000 >= asked * 980, "{right} of {asked}");
}

#[test]
fn r602_ordinary_people_are_cleared() {
    let index = Index::build(vec![List {
        name: "CSL".to_owned(),
        entries: csl(),
    }]);
    let bytes = data("labelled/yente_cand_negatives_us.csv.gz");
    let reader = csv::Reader::from_reader(flate2::read::MultiGzDecoder::new(bytes.as_slice()));
    let rows = reader.into_records().map(Result::unwrap).take(3000);
    let (mut alerts, mut asked) = (0, 0);
    for row in rows {
        let hits = screen(&index, &party(&row[0], &row[7])).hits;
        // A script that cannot be matched is another matter.
        if hits.iter().all(|hit| !hit.list.is_empty()) {
            asked += 1;
            alerts += usize::from(!hits.is_empty());
        }
    }
    assert!(asked > 2000);
    assert!(alerts * 1000 <= asked * 10, "{alerts} of {asked}");
}
