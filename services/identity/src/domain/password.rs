//! Passwords: how they are read, and which are good enough (NIST SP 800-63B: length counts, rules about
//! kinds of characters do not).

use unicode_normalization::UnicodeNormalization as _;

mod words;

/// Fewest characters.
const SHORTEST: usize = 12;
/// Most characters.
const LONGEST: usize = 128;
/// What is longer than this is not even looked at.
const MOST_BYTES: usize = 1024;
/// A new one has at least this many different characters.
const FEWEST_DIFFERENT: usize = 5;

/// A password in its one form: the same letters, however a keyboard composes them, are the same.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Password(String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password")
    }
}

/// Why a new password is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// Fewer than 12 characters.
    TooShort,
    /// More than 128.
    TooLong,
    /// Among the first that anybody would try.
    TooCommon,
    /// The address, or hardly more.
    Address,
}

impl Unfit {
    /// As pages know it.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::TooShort => "PASSWORD_TOO_SHORT",
            Self::TooLong => "PASSWORD_TOO_LONG",
            Self::TooCommon => "PASSWORD_TOO_COMMON",
            Self::Address => "PASSWORD_IS_ADDRESS",
        }
    }
}

impl Password {
    /// One as it was typed; none when nobody can have it.
    pub(crate) fn typed(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > MOST_BYTES {
            return None;
        }
        let password: String = text.nfkc().collect();
        (password.chars().count() <= LONGEST).then_some(Self(password))
    }

    /// A new one, for the person with this address.
    pub(crate) fn choose(text: &str, email: &str) -> Result<Self, Unfit> {
        if text.is_empty() {
            return Err(Unfit::TooShort);
        }
        let password = Self::typed(text).ok_or(Unfit::TooLong)?;
        if password.0.chars().count() < SHORTEST {
            return Err(Unfit::TooShort);
        }
        let lower = password.0.to_lowercase();
        if is_address(&lower, email) {
            return Err(Unfit::Address);
        }
        let one_time = super::one_time_password::OneTimePassword::parse(&password.0).is_some();
        if one_time || is_monotonous(&lower) || words::are_all_of(&lower) {
            return Err(Unfit::TooCommon);
        }
        Ok(password)
    }

    /// What is hashed.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Whether little is left when the address and its parts are taken out.
fn is_address(lower: &str, email: &str) -> bool {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let mut left = lower.to_owned();
    for part in [email, domain, local] {
        // a short name is found in many a good password
        if part.len() >= 4 {
            left = left.replace(part, "");
        }
    }
    left.len() < lower.len() && left.chars().count() < SHORTEST / 2
}

/// Whether it is made of few characters, or of steps along the alphabet, digits or a keyboard.
fn is_monotonous(lower: &str) -> bool {
    let characters: Vec<char> = lower.chars().collect();
    let mut different = characters.clone();
    different.sort_unstable();
    different.dedup();
    if different.len() < FEWEST_DIFFERENT {
        return true;
    }
    let steps = characters.windows(2);
    let easy = steps.clone().filter(|pair| is_easy(pair[0], pair[1]));
    easy.count() * 4 >= steps.len() * 3
}

const ROWS: [&str; 5] = [
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
];

fn is_easy(one: char, next: char) -> bool {
    let neighbours = |row: &str| {
        let place = |character| row.chars().position(|other| other == character);
        matches!((place(one), place(next)), (Some(a), Some(b)) if a.abs_diff(b) == 1)
    };
    one == next || ROWS.iter().any(|row| neighbours(row))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EMAIL: &str = "ann.example@nordtel.example";

    #[test]
    fn good_ones_are_taken() {
        for text in [
            "correct horse battery",
            "x7#Kq9!mZ2pL",
            "wir essen um sieben Uhr",
            "パスワードは長いほど安全です。",
            "anna likes green tea",
        ] {
            assert!(Password::choose(text, EMAIL).is_ok(), "{text}");
        }
    }

    #[test]
    fn bad_ones_are_refused_with_the_reason() {
        let long = "ab1!".repeat(33);
        let endless = "a".repeat(5000);
        for (text, unfit) in [
            ("", Unfit::TooShort),
            ("x7#Kq9!mZ2p", Unfit::TooShort),
            (&*long, Unfit::TooLong),
            (&*endless, Unfit::TooLong),
            ("aaaaaaaaaaaa", Unfit::TooCommon),
            ("abababababab", Unfit::TooCommon),
            ("123456789012", Unfit::TooCommon),
            ("qwertyuiopasdf", Unfit::TooCommon),
            ("Password1234!", Unfit::TooCommon),
            ("P4ssw0rd!P4ssw0rd!", Unfit::TooCommon),
            ("welcome2026!!", Unfit::TooCommon),
            ("SummerSummer2026", Unfit::TooCommon),
            ("Entrepot-admin-1", Unfit::TooCommon),
            ("abcd-efgh-jkmn-pqrs-tvwx", Unfit::TooCommon),
            (EMAIL, Unfit::Address),
            ("Ann.Example2026", Unfit::Address),
            ("nordtel.example1", Unfit::Address),
        ] {
            assert_eq!(Password::choose(text, EMAIL), Err(unfit), "{text}");
        }
    }

    #[test]
    fn letters_are_the_same_however_they_are_composed() {
        assert_eq!(
            Password::typed("Ma\u{308}rchenerza\u{308}hler"),
            Password::typed("M\u{e4}rchenerz\u{e4}hler")
        );
        assert_eq!(Password::typed(&"x".repeat(1025)), None);
        assert_eq!(Password::typed(""), None);
    }

    proptest! {
        #[test]
        fn what_is_chosen_can_be_typed(text in "\\PC{0,140}") {
            if let Ok(chosen) = Password::choose(&text, EMAIL) {
                prop_assert_eq!(Password::typed(&text), Some(chosen));
            }
        }
    }
}
