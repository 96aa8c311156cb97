//! List files: formats, and the gates that a file passes before it replaces the one in use.

mod csl;
mod ofac;
mod operator;
mod table;

use std::collections::HashMap;

use super::entry::Entry;

/// Format of a list file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// US Consolidated Screening List.
    Csl,
    /// OFAC: primary, alias and address file.
    Ofac,
    /// The operator's own.
    Operator,
}

impl Format {
    /// As the database spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Csl => "csl_csv",
            Self::Ofac => "ofac_csv",
            Self::Operator => "operator_csv",
        }
    }

    /// Reads what [`Format::name`] wrote.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Csl, Self::Ofac, Self::Operator]
            .into_iter()
            .find(|format| format.name() == name)
    }
}

/// Why a file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Rejected(pub String);

/// Size of a list version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    /// How many entries.
    pub entries: usize,
    /// How many names.
    pub names: usize,
}

impl Size {
    /// Counts.
    pub(crate) fn of(entries: &[Entry]) -> Self {
        Self {
            entries: entries.len(),
            names: entries.iter().map(|entry| entry.names.len()).sum(),
        }
    }

    /// Refuses a version that lost more than 5 % of the previous one: publishers remove little at a
    /// time, so it was cut off.
    pub(crate) fn follows(self, previous: Self) -> Result<(), Rejected> {
        let shrunk = |what: &str, before: usize, now: usize| {
            let lost = before.saturating_sub(now);
            if lost.saturating_mul(20) > before {
                return Err(Rejected(format!(
                    "{what} shrank from {before} to {now}, by more than 5 %"
                )));
            }
            Ok(())
        };
        shrunk("entries", previous.entries, self.entries)?;
        shrunk("names", previous.names, self.names)
    }
}

/// Reads the files of a list. Every row must be understood: a row that is skipped is a party that
/// nobody screens against.
pub(crate) fn parse(format: Format, files: &[Vec<u8>]) -> Result<Vec<Entry>, Rejected> {
    let expected = if format == Format::Ofac { 3 } else { 1 };
    if files.len() != expected {
        return Err(Rejected(format!(
            "{expected} files expected, {} given",
            files.len()
        )));
    }
    let texts = files
        .iter()
        .map(|file| table::unpack(file))
        .collect::<Result<Vec<_>, _>>()?;
    let entries = match (format, texts.as_slice()) {
        (Format::Csl, [text]) => csl::read(text)?,
        (Format::Operator, [text]) => operator::read(text)?,
        (Format::Ofac, [primary, aliases, addresses]) => ofac::read(primary, aliases, addresses)?,
        _ => Vec::new(),
    };
    if entries.is_empty() {
        return Err(Rejected("no entries".to_owned()));
    }
    Ok(entries)
}

/// Entries in order, rows of the same id merged.
#[derive(Default)]
struct Entries {
    entries: Vec<Entry>,
    places: HashMap<String, usize>,
}

impl Entries {
    fn add(&mut self, entry: Entry) {
        if let Some(held) = self.get(&entry.id) {
            held.merge(entry);
            return;
        }
        self.places.insert(entry.id.clone(), self.entries.len());
        self.entries.push(entry);
    }

    fn get(&mut self, id: &str) -> Option<&mut Entry> {
        let place = self.places.get(id)?;
        self.entries.get_mut(*place)
    }
}
