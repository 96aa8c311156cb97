//! The name that is screened, in the forms in which it is looked up.

use std::collections::BTreeSet;

use super::{
    dictionary::{Dictionary, Letters},
    entry::Kind,
    index::{is_joined_key, letters},
    text::Words,
    words,
};

/// At most this many other divisions into words are tried.
const DIVISIONS: usize = 12;

/// A name in one form.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    /// Its words in order.
    pub words: Vec<Asked>,
    /// Weight of its core words together.
    pub total: u32,
    /// How many core words it has.
    pub core: usize,
    /// Whether it has a legal form.
    pub legal: bool,
    /// How it came from what was written.
    pub form: Form,
}

/// How a form came from what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As written or transliterated.
    Plain,
    /// In its own script.
    Original,
    /// Two words taken as one, or one as two.
    Divided,
}

/// A word that is looked up.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Its letters.
    pub letters: Letters,
    /// Whether it tells who is named.
    pub core: bool,
    weight: u32,
}

impl Asked {
    /// What it counts: nothing unless it tells who is named.
    pub(crate) fn weight(&self) -> u32 {
        if self.core { self.weight } else { 0 }
    }

    /// As text.
    pub(crate) fn text(&self) -> String {
        self.letters.iter().collect()
    }
}

impl Query {
    fn new(dictionary: &Dictionary, words: &[String], form: Form) -> Self {
        let roles = words::roles(words, Kind::Unknown);
        let asked = words.iter().zip(&roles.core).map(|(word, &core)| {
            let letters = letters(word);
            let weight = dictionary.weight_of(&letters);
            Asked {
                letters,
                core,
                weight,
            }
        });
        let words: Vec<Asked> = asked.collect();
        Self {
            total: words.iter().map(Asked::weight).sum(),
            core: words.iter().filter(|word| word.core).count(),
            legal: roles.legal,
            words,
            form,
        }
    }

    /// All forms of a name: plain, in its own script where that cannot be cleared, and with words
    /// joined or split where the lists know such a word.
    pub(crate) fn forms(dictionary: &Dictionary, words: &Words) -> Vec<Self> {
        let plain = words.ascii();
        let mut forms = Vec::new();
        if !plain.is_empty() {
            forms.push(Self::new(dictionary, &plain, Form::Plain));
        }
        if !words.unmatched.is_empty() || plain.is_empty() {
            forms.push(Self::new(dictionary, &words.original(), Form::Original));
        }
        for divided in divisions(dictionary, &plain) {
            forms.push(Self::new(dictionary, &divided, Form::Divided));
        }
        forms
    }

    /// The letters without spaces: all words, and core words.
    pub(crate) fn joined_keys(&self) -> BTreeSet<String> {
        let all: String = self.words.iter().map(Asked::text).collect();
        let core = self
            .words
            .iter()
            .filter(|word| word.core)
            .map(Asked::text)
            .collect();
        let mut keys = BTreeSet::from([all, core]);
        keys.retain(|key| is_joined_key(key));
        keys
    }
}

fn divisions(dictionary: &Dictionary, plain: &[String]) -> Vec<Vec<String>> {
    let knows = |word: &str| dictionary.id(&letters(word)).is_some();
    let mut divisions = Vec::new();
    for (at, pair) in plain.windows(2).enumerate() {
        let one = pair.concat();
        if knows(&one) {
            let mut words = plain.to_vec();
            words.splice(at..at + 2, [one]);
            divisions.push(words);
        }
    }
    for (at, word) in plain.iter().enumerate() {
        // Words are ASCII here, so each byte is a letter. Two letters would be anybody's.
        for cut in 3..word.len().saturating_sub(2) {
            let (head, tail) = word.split_at(cut);
            if !knows(word) && knows(head) && knows(tail) {
                let mut words = plain.to_vec();
                words.splice(at..=at, [head.to_owned(), tail.to_owned()]);
                divisions.push(words);
            }
        }
    }
    divisions.truncate(DIVISIONS);
    divisions
}
