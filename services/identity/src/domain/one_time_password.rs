//! Passwords that are good once: an administrator hands one over, and it leads to choosing one's own.

use chrono::TimeDelta;
use kit::id::Random;

use super::secret::SecretHash;

/// Long enough to be handed over, not for long.
pub(crate) const LIFE: TimeDelta = TimeDelta::hours(24);

/// Crockford's 32 characters: none is taken for another when it is read aloud or typed.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const GROUPS: usize = 5;
const GROUP: usize = 4;

/// Five groups of four characters, 100 random bits: nothing to guess, so a plain hash keeps it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct OneTimePassword(String);

impl std::fmt::Debug for OneTimePassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OneTimePassword")
    }
}

impl OneTimePassword {
    /// A new one.
    pub(crate) fn generate(random: &Random) -> Self {
        let characters: Vec<u8> = random
            .bytes::<{ GROUPS * GROUP }>()
            .iter()
            .map(|byte| ALPHABET[usize::from(byte % 32)])
            .collect();
        let groups: Vec<_> = characters
            .chunks(GROUP)
            .map(String::from_utf8_lossy)
            .collect();
        Self(groups.join("-"))
    }

    /// One as it was typed, whatever its case; none when the text does not look like one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let shaped = text.len() == GROUPS * (GROUP + 1) - 1
            && text.split('-').count() == GROUPS
            && text.split('-').all(|group| group.len() == GROUP);
        if !shaped {
            return None;
        }
        let read = |character: char| match character.to_ascii_lowercase() {
            '-' => Some('-'),
            'o' => Some('0'),
            'i' | 'l' => Some('1'),
            character => {
                let known = u8::try_from(character).is_ok_and(|byte| ALPHABET.contains(&byte));
                known.then_some(character)
            }
        };
        text.chars().map(read).collect::<Option<_>>().map(Self)
    }

    /// What is stored.
    pub(crate) fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }

    /// Its text, to be shown once.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

/// What a password that is good once is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The person has no password yet.
    First,
    /// It replaces one.
    Reset,
}

impl Purpose {
    /// As it is stored.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Reset => "reset",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_generated_is_read_back_however_it_is_typed() {
        let random = Random::seeded(1);
        for _ in 0..100 {
            let made = OneTimePassword::generate(&random);
            let text = made.clone().into_text();
            assert_eq!(text.len(), 24);
            assert_eq!(OneTimePassword::parse(&text), Some(made.clone()));
            let shouted = format!(
                " {}\n",
                text.to_uppercase().replace('0', "O").replace('1', "L")
            );
            assert_eq!(OneTimePassword::parse(&shouted), Some(made));
        }
    }

    #[test]
    fn nothing_else_looks_like_one() {
        for text in [
            "",
            "----",
            "abcd-abcd-abcd-abcd",
            "abcd-abcd-abcd-abcd-abcd-abcd",
            "abcde-abc-abcd-abcd-abcd",
            "abcd-abcd-abcd-abcd-abcu",
            "abcd-abcd-abcd-abcd-äbc",
            "abcd abcd abcd abcd abcd",
        ] {
            assert_eq!(OneTimePassword::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_fails_badly(text in "\\PC{0,40}") {
            if let Some(read) = OneTimePassword::parse(&text) {
                prop_assert_eq!(OneTimePassword::parse(&read.0), Some(read));
            }
        }
    }
}
