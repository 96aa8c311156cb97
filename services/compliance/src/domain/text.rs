//! From a name as somebody wrote it to words that can be compared.
//!
//! Compatibility forms are unified (NFKC), case is folded, invisible characters and apostrophes go,
//! other punctuation separates words, and each word is kept twice: in its own script and in ASCII.

use std::collections::BTreeSet;

use any_ascii::any_ascii;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::script::{self, Script};

/// A word of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Lower case, in its own script.
    pub original: String,
    /// Lower-case ASCII letters and digits; empty when nothing can be made of it.
    pub ascii: String,
}

/// A name in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    /// The words in order.
    pub list: Vec<Word>,
    /// Scripts that cannot be cleared, by name.
    pub unmatched: BTreeSet<&'static str>,
    /// Whether a word mixes scripts, as a look-alike letter does.
    pub mixed: bool,
}

impl Words {
    /// The ASCII forms, without words that have none.
    pub(crate) fn ascii(&self) -> Vec<String> {
        let words = self.list.iter().map(|word| &word.ascii);
        words.filter(|word| !word.is_empty()).cloned().collect()
    }

    /// The forms in their own script.
    pub(crate) fn original(&self) -> Vec<String> {
        self.list.iter().map(|word| word.original.clone()).collect()
    }
}

/// Splits a name.
pub(crate) fn split(name: &str) -> Words {
    let letters: Vec<char> = name.nfkc().flat_map(char::to_lowercase).nfc().collect();
    let mut words = Words::default();
    let mut word = String::new();
    for (at, &letter) in letters.iter().enumerate() {
        match class(letter) {
            Class::Letter => word.push(letter),
            Class::Nothing => {}
            Class::Dot if !separates(&letters, at) => {}
            Class::Dot | Class::Separator => words.push(&mut word),
        }
    }
    words.push(&mut word);
    words
}

impl Words {
    fn push(&mut self, word: &mut String) {
        if word.is_empty() {
            return;
        }
        let original = std::mem::take(word);
        let mut scripts = BTreeSet::new();
        for script in original.chars().filter_map(script::of) {
            if let Script::Other(name) = script {
                self.unmatched.insert(name);
            }
            scripts.insert(script);
        }
        self.mixed |= scripts.len() > 1;
        let mut ascii = any_ascii(&original);
        ascii.retain(|letter| letter.is_ascii_alphanumeric());
        ascii.make_ascii_lowercase();
        self.list.push(Word { original, ascii });
    }
}

enum Class {
    Letter,
    Nothing,
    Dot,
    Separator,
}

fn class(letter: char) -> Class {
    match letter {
        '.' => Class::Dot,
        '\'' | '`' | '\u{b4}' | '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{2b0}'..='\u{2ff}' => {
            Class::Nothing
        }
        // Invisible: they would hide a name from the list.
        '\u{ad}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e01ef}'
        // Accents, and vowel points that most writers leave out.
        | '\u{300}'..='\u{36f}'
        | '\u{591}'..='\u{5c7}'
        | '\u{64b}'..='\u{65f}'
        | '\u{670}'
        | '\u{640}' => Class::Nothing,
        _ if letter.is_alphanumeric() || is_combining_mark(letter) => Class::Letter,
        _ => Class::Separator,
    }
}

/// A dot ends a word between longer runs (`Co.Ltd`) and beside digits, but not in `S.A.` or `Ltd.`.
fn separates(letters: &[char], at: usize) -> bool {
    let run = |letters: &mut dyn Iterator<Item = &char>| {
        letters
            .take_while(|letter| letter.is_alphanumeric())
            .take(2)
            .count()
    };
    let before = letters.get(..at).unwrap_or_default();
    let after = letters.get(at + 1..).unwrap_or_default();
    let digit = |letter: Option<&char>| letter.is_some_and(|letter| letter.is_numeric());
    let long = run(&mut before.iter().rev()) > 1 && run(&mut after.iter()) > 1;
    long || digit(before.last()) || digit(after.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascii(name: &str) -> String {
        split(name).ascii().join(" ")
    }

    #[test]
    fn names_become_comparable() {
        assert_eq!(
            ascii("  Société  GÉNÉRALE, S.A.R.L. "),
            "societe generale sarl"
        );
        assert_eq!(ascii("O\u{2019}Brien & Sons"), "obrien sons");
        assert_eq!(ascii("Шостакович"), "shostakovich");
        assert_eq!(ascii("Ελλάδα"), "ellada");
        assert_eq!(ascii("ＡＣＭＥ　Ｃｏ．，Ｌｔｄ"), "acme co ltd");
        assert_eq!(ascii("Beijing Co.Ltd."), "beijing co ltd");
        assert_eq!(ascii("11420 CORP."), "11420 corp");
        assert_eq!(ascii("İstanbul Straße"), "istanbul strasse");
    }

    #[test]
    fn invisible_letters_do_not_hide_a_name() {
        assert_eq!(ascii("Vik\u{200b}tor Bo\u{ad}ut"), "viktor bout");
        assert_eq!(ascii("V\u{301}iktor"), "viktor");
        assert_eq!(ascii("𝐕𝐢𝐤𝐭𝐨𝐫"), "viktor");
    }

    #[test]
    fn scripts_are_noticed() {
        assert!(split("Viktor Бут Ωμέγα").unmatched.is_empty());
        assert_eq!(split("田中 Ltd").unmatched, ["Han"].into());
        assert_eq!(split("김철수").unmatched, ["Hangul"].into());
        assert_eq!(split("محمد").unmatched, ["Arabic"].into());
        assert_eq!(split("תל אביב").unmatched, ["Hebrew"].into());
        assert_eq!(split("ไทย").unmatched, ["Thai"].into());
        assert!(split("Нuawei").mixed);
        assert!(!split("Газпром Bank").mixed);
    }
}
