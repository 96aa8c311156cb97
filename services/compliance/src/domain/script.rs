//! Which script a letter belongs to, as far as screening has to know.

/// A script that names are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Script {
    /// Matched as written.
    Latin,
    /// Matched by its transliteration.
    Cyrillic,
    /// Matched by its transliteration.
    Greek,
    /// Matched as written and by its transliteration, which says too little to clear a name.
    Other(&'static str),
}

/// Scripts whose transliteration is not enough, by their main ranges. What is not named here is
/// not cleared either.
const OTHERS: &[(u32, u32, &str)] = &[
    (0x0530, 0x058f, "Armenian"),
    (0x0590, 0x05ff, "Hebrew"),
    (0x0600, 0x06ff, "Arabic"),
    (0x0700, 0x074f, "Syriac"),
    (0x0750, 0x077f, "Arabic"),
    (0x08a0, 0x08ff, "Arabic"),
    (0x0900, 0x097f, "Devanagari"),
    (0x0980, 0x09ff, "Bengali"),
    (0x0a00, 0x0a7f, "Gurmukhi"),
    (0x0b80, 0x0bff, "Tamil"),
    (0x0e00, 0x0e7f, "Thai"),
    (0x0e80, 0x0eff, "Lao"),
    (0x1000, 0x109f, "Myanmar"),
    (0x10a0, 0x10ff, "Georgian"),
    (0x1100, 0x11ff, "Hangul"),
    (0x1200, 0x139f, "Ethiopic"),
    (0x1780, 0x17ff, "Khmer"),
    (0x1800, 0x18af, "Mongolian"),
    (0x3040, 0x309f, "Hiragana"),
    (0x30a0, 0x30ff, "Katakana"),
    (0x3100, 0x312f, "Bopomofo"),
    (0x3130, 0x318f, "Hangul"),
    (0x3400, 0x4dbf, "Han"),
    (0x4e00, 0x9fff, "Han"),
    (0xac00, 0xd7ff, "Hangul"),
    (0xf900, 0xfaff, "Han"),
    (0xfb50, 0xfdff, "Arabic"),
    (0xfe70, 0xfeff, "Arabic"),
    (0x2_0000, 0x3_ffff, "Han"),
];

/// The script of a letter; `None` for digits, marks and signs.
pub(crate) fn of(letter: char) -> Option<Script> {
    if !letter.is_alphabetic() {
        return None;
    }
    let code = u32::from(letter);
    Some(match code {
        0x0041..=0x024f
        | 0x0250..=0x02af
        | 0x1e00..=0x1eff
        | 0x2c60..=0x2c7f
        | 0xa720..=0xa7ff
        | 0xab30..=0xab6f
        | 0xfb00..=0xfb06 => Script::Latin,
        0x0370..=0x03ff | 0x1f00..=0x1fff => Script::Greek,
        0x0400..=0x052f | 0x1c80..=0x1c8f | 0xa640..=0xa69f => Script::Cyrillic,
        _ => Script::Other(
            OTHERS
                .iter()
                .find(|(first, last, _)| (*first..=*last).contains(&code))
                .map_or("unknown script", |(_, _, name)| *name),
        ),
    })
}
