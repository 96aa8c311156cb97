//! Words that say little: legal forms, stop words, titles. Data stands in `lists/words.txt`.

use std::{collections::HashMap, sync::LazyLock};

use super::entry::Kind;

/// The table, by first word, longest phrase first.
static PHRASES: LazyLock<HashMap<&'static str, Vec<Phrase>>> = LazyLock::new(|| {
    let mut phrases: HashMap<_, Vec<Phrase>> = HashMap::new();
    for line in include_str!("../../lists/words.txt").lines() {
        let mut words = line.split_ascii_whitespace();
        let role = match words.next() {
            Some("legal") => Role::Legal,
            Some("stop") => Role::Stop,
            Some("title") => Role::Title,
            _ => continue,
        };
        let words: Vec<_> = words.collect();
        if let Some(first) = words.first().copied() {
            phrases
                .entry(first)
                .or_default()
                .push(Phrase { words, role });
        }
    }
    for of_word in phrases.values_mut() {
        of_word.sort_by_key(|phrase| std::cmp::Reverse(phrase.words.len()));
    }
    phrases
});

struct Phrase {
    words: Vec<&'static str>,
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Legal,
    Stop,
    Title,
}

/// What the words of a name are good for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Roles {
    /// For each word whether it tells who is named. At least one does: a name of nothing but legal
    /// forms and stop words is taken as it is.
    pub core: Vec<bool>,
    /// Whether a legal form is among them, as in a company's name.
    pub legal: bool,
}

/// Tells names from decoration. Ships and aircraft carry none.
pub(crate) fn roles(words: &[String], kind: Kind) -> Roles {
    let mut core = vec![true; words.len()];
    let mut legal = false;
    let mut at = 0;
    while at < words.len() {
        let found = PHRASES
            .get(words[at].as_str())
            .into_iter()
            .flatten()
            .find(|phrase| {
                applies(phrase.role, kind)
                    && words[at..].len() >= phrase.words.len()
                    && phrase.words.iter().zip(&words[at..]).all(|(a, b)| a == b)
            });
        let Some(phrase) = found else {
            at += 1;
            continue;
        };
        legal |= phrase.role == Role::Legal;
        core[at..at + phrase.words.len()].fill(false);
        at += phrase.words.len();
    }
    if !core.contains(&true) {
        core.fill(true);
    }
    Roles { core, legal }
}

fn applies(role: Role, kind: Kind) -> bool {
    match kind {
        Kind::Person => role == Role::Title,
        Kind::Entity => role != Role::Title,
        Kind::Unknown => true,
        Kind::Vessel | Kind::Aircraft => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn core(name: &str, kind: Kind) -> String {
        let words: Vec<String> = name.split(' ').map(str::to_owned).collect();
        let roles = roles(&words, kind);
        let kept = words.iter().zip(&roles.core).filter(|(_, core)| **core);
        kept.map(|(word, _)| word.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn decoration_is_told_from_names() {
        assert_eq!(
            core("the obsidian gate trading co ltd", Kind::Entity),
            "obsidian gate trading"
        );
        assert_eq!(
            core("open joint stock company severny veter", Kind::Entity),
            "severny veter"
        );
        assert_eq!(core("dr viktor sa", Kind::Person), "viktor sa");
        assert_eq!(core("11420 corp", Kind::Entity), "11420");
    }

    #[test]
    fn a_name_is_never_emptied() {
        assert_eq!(core("the company ltd", Kind::Entity), "the company ltd");
        assert_eq!(core("ag", Kind::Unknown), "ag");
    }
}
