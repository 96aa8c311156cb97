//! The lists in the shape that screening reads: built once, then never changed.

use std::collections::{BTreeSet, HashMap};

use super::{
    dictionary::{Dictionary, Letters},
    entry::{Entry, Kind, List},
    fixed::{FULL, narrow, wide},
    query::Query,
    score::{self, Found},
    text, words,
};

/// Shorter names are not compared with their words joined; they would match by accident.
const JOINED: usize = 5;

/// See the module.
pub(crate) struct Index {
    /// The entries of all lists.
    pub entries: Vec<Listed>,
    /// Their names, in every form.
    pub names: Vec<Name>,
    /// Their words.
    pub dictionary: Dictionary,
    /// For each word the names it is a core word of.
    postings: Vec<Vec<u32>>,
    /// Names by their letters without spaces.
    joined: HashMap<String, Vec<u32>>,
}

/// An entry and where it stands.
pub(crate) struct Listed {
    /// Name of its list.
    pub list: std::sync::Arc<str>,
    /// The entry.
    pub entry: Entry,
}

/// One form of one name of an entry.
pub(crate) struct Name {
    /// Which entry.
    pub entry: u32,
    /// Which of its names; 0 is the principal one.
    pub number: u32,
    /// Its words in order.
    pub words: Vec<Held>,
    /// Weight of its core words together.
    pub total: u32,
    /// How many core words it has.
    pub core: usize,
    /// Whether it has a legal form.
    pub legal: bool,
}

/// A word of a listed name.
#[derive(Clone, Copy)]
pub(crate) struct Held {
    /// In the dictionary.
    pub id: u32,
    /// Whether it tells who is named.
    pub core: bool,
}

impl Index {
    /// Builds the index of all lists.
    pub(crate) fn build(lists: Vec<List>) -> Self {
        let mut index = Self {
            entries: Vec::new(),
            names: Vec::new(),
            dictionary: Dictionary::default(),
            postings: Vec::new(),
            joined: HashMap::new(),
        };
        for list in lists {
            let name: std::sync::Arc<str> = list.name.into();
            for entry in list.entries {
                index.add(Listed {
                    list: std::sync::Arc::clone(&name),
                    entry,
                });
            }
        }
        index.weigh();
        index
    }

    /// Whether there is nothing to screen against.
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The entry of a name.
    pub(crate) fn listed(&self, name: &Name) -> &Listed {
        &self.entries[wide(name.entry)]
    }

    fn add(&mut self, listed: Listed) {
        let entry = narrow(self.entries.len());
        for (number, name) in listed.entry.names.iter().enumerate() {
            let split = text::split(name);
            let mut forms = vec![split.ascii()];
            if !split.unmatched.is_empty() || forms[0].is_empty() {
                forms.push(split.original());
            }
            for form in forms.into_iter().filter(|form| !form.is_empty()) {
                self.add_form(entry, narrow(number), name, &form, listed.entry.kind);
            }
        }
        self.entries.push(listed);
    }

    fn add_form(&mut self, entry: u32, number: u32, name: &str, form: &[String], kind: Kind) {
        let id = narrow(self.names.len());
        let roles = words::roles(form, kind);
        for key in joined_keys(name, form, &roles.core) {
            let names = self.joined.entry(key).or_default();
            if names.last() != Some(&id) {
                names.push(id);
            }
        }
        let words = form.iter().zip(&roles.core);
        let words = words
            .map(|(word, &core)| Held {
                id: self.dictionary.intern(word),
                core,
            })
            .collect();
        let core = roles.core.iter().filter(|core| **core).count();
        self.names.push(Name {
            entry,
            number,
            words,
            total: 0,
            core,
            legal: roles.legal,
        });
    }

    fn weigh(&mut self) {
        let mut occurrences = vec![0_u32; self.dictionary.len()];
        let mut last_entry = vec![u32::MAX; self.dictionary.len()];
        self.postings = vec![Vec::new(); self.dictionary.len()];
        for (name_id, name) in self.names.iter().enumerate() {
            for held in &name.words {
                let word = wide(held.id);
                if last_entry[word] != name.entry {
                    last_entry[word] = name.entry;
                    occurrences[word] += 1;
                }
                let name_id = narrow(name_id);
                if held.core && self.postings[word].last() != Some(&name_id) {
                    self.postings[word].push(name_id);
                }
            }
        }
        self.dictionary.finish(&occurrences, self.entries.len());
        for name in &mut self.names {
            let core = name.words.iter().filter(|held| held.core);
            name.total = core.map(|held| self.dictionary.weight(held.id)).sum();
        }
    }

    /// Names with the same letters, whatever the spaces.
    pub(crate) fn joined(&self, query: &Query) -> Vec<u32> {
        let mut names = BTreeSet::new();
        for key in query.joined_keys() {
            names.extend(self.joined.get(&key).into_iter().flatten().copied());
        }
        names.into_iter().collect()
    }

    /// The names that could reach the lowest threshold, given the words alike to each word of the
    /// query. What is added up here is never less than what the scorer will count.
    pub(crate) fn candidates(&self, query: &Query, near: &[Found]) -> Vec<u32> {
        let mut asked = vec![0_u32; self.names.len()];
        let mut listed = vec![0_u32; self.names.len()];
        let mut touched = Vec::new();
        for (word, near) in query.words.iter().zip(near) {
            for &(id, alike) in near.iter() {
                let of_asked = word.weight() * alike;
                let of_listed = self.dictionary.weight(id) * alike;
                for &name in &self.postings[wide(id)] {
                    let at = wide(name);
                    if listed[at] == 0 {
                        touched.push(name);
                    }
                    asked[at] = asked[at].saturating_add(of_asked);
                    listed[at] = listed[at].saturating_add(of_listed);
                }
            }
        }
        touched.retain(|&name| {
            let at = wide(name);
            let q = (asked[at] / query.total.max(1)).min(FULL);
            let e = (listed[at] / self.names[at].total.max(1)).min(FULL);
            score::could_reach(q, e)
        });
        touched.sort_unstable();
        touched
    }

    /// The word of a listed name as text.
    pub(crate) fn spell(&self, held: Held) -> String {
        self.dictionary.word(held.id).iter().collect()
    }
}

/// The letters of a listed name without spaces: all words, core words, and for `LAST, First` also
/// the other way round.
fn joined_keys(name: &str, form: &[String], core: &[bool]) -> BTreeSet<String> {
    let core: Vec<&String> = form
        .iter()
        .zip(core)
        .filter(|(_, core)| **core)
        .map(|(word, _)| word)
        .collect();
    let mut keys = BTreeSet::from([
        form.concat(),
        core.iter().map(|word| word.as_str()).collect(),
    ]);
    if let Some((last, first)) = name.split_once(", ") {
        let turned = text::split(&format!("{first} {last}"));
        keys.insert(turned.ascii().concat());
        keys.insert(turned.original().concat());
    }
    keys.retain(|key| is_joined_key(key));
    keys
}

/// Whether joined letters are long enough to be compared.
pub(crate) fn is_joined_key(key: &str) -> bool {
    key.chars().count() >= JOINED
}

/// The letters of a word.
pub(crate) fn letters(word: &str) -> Letters {
    word.chars().collect()
}

#[cfg(test)]
impl Index {
    /// The joined forms of a listed name, recomputed for the reference scorer.
    pub(crate) fn joined_keys_of(&self, name: &Name) -> BTreeSet<String> {
        let text = &self.listed(name).entry.names[wide(name.number)];
        let form: Vec<String> = name.words.iter().map(|held| self.spell(*held)).collect();
        let core: Vec<bool> = name.words.iter().map(|held| held.core).collect();
        joined_keys(text, &form, &core)
    }
}
