//! Whose page it is: a name and a colour. The policy of pages lets no style in that is not in the sheet,
//! so the colour is an attribute of a drawing.

use proto::identity::v1::Brand;

/// The mark at the top of a page.
pub(super) struct Mark<'a> {
    pub(super) name: &'a str,
    pub(super) letter: String,
    pub(super) color: &'a str,
    /// Readable on the colour.
    pub(super) ink: &'static str,
}

const NAME: &str = "Entrepot";
const COLOR: &str = "#0066d1";

impl Default for Mark<'_> {
    fn default() -> Self {
        Self::new(NAME, COLOR)
    }
}

impl<'a> Mark<'a> {
    pub(super) fn of(brand: Option<&'a Brand>) -> Self {
        let Some(brand) = brand else {
            return Self::default();
        };
        let name = brand.display_name.trim();
        Self::new(if name.is_empty() { NAME } else { name }, &brand.color)
    }

    fn new(name: &'a str, color: &'a str) -> Self {
        let (color, bright) = match brightness(color) {
            Some(bright) => (color, bright),
            None => (COLOR, 0),
        };
        let first = name.chars().next().unwrap_or('E');
        Self {
            name,
            letter: first.to_uppercase().collect(),
            color,
            ink: if bright > 150 { "#16181d" } else { "#ffffff" },
        }
    }
}

/// How bright `#rrggbb` looks, of 255; none for anything else.
fn brightness(color: &str) -> Option<u32> {
    let digits = color.strip_prefix('#')?;
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let part = |at: usize| u32::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some((299 * part(0)? + 587 * part(2)? + 114 * part(4)?) / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_a_colour_and_its_letter_can_be_read() {
        assert_eq!(Mark::new("nordlicht", "#ffffff").ink, "#16181d");
        assert_eq!(Mark::new("nordlicht", "#000080").ink, "#ffffff");
        assert_eq!(Mark::new("nordlicht", "#000080").letter, "N");
        for odd in ["", "red", "#12345", "#1234567", "#ärger", "\"/><script>"] {
            assert_eq!(Mark::new("x", odd).color, COLOR, "{odd}");
        }
    }
}
