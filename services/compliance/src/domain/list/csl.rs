//! The US Consolidated Screening List as CSV: one file, thirteen lists of three departments.

use std::collections::BTreeSet;

use super::{Entries, Rejected, table};
use crate::domain::{
    country::Country,
    entry::{Entry, Kind},
};

/// Columns that are read; others may come and go.
const COLUMNS: [&str; 9] = [
    "_id",
    "source",
    "type",
    "name",
    "addresses",
    "alt_names",
    "citizenships",
    "nationalities",
    "vessel_flag",
];

/// Reads the file.
pub(super) fn read(text: &str) -> Result<Vec<Entry>, Rejected> {
    let (header, rows) = table::header(text);
    let mut places = [0; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        *place = header
            .iter()
            .position(|name| name == column)
            .ok_or_else(|| Rejected(format!("column {column:?} is missing")))?;
    }
    let mut entries = Entries::default();
    table::rows("list", rows, 2, header.len(), |row| {
        let [
            id,
            source,
            kind,
            name,
            addresses,
            aliases,
            citizenships,
            nationalities,
            flag,
        ] = places.map(|place| row.get(place).unwrap_or_default().trim());
        if id.is_empty() || source.is_empty() {
            return Err("id or source is missing".to_owned());
        }
        let mut entry = Entry {
            id: id.to_owned(),
            kind: kind_of(kind)?,
            names: vec![table::name(name)?],
            countries: BTreeSet::new(),
            source: source.to_owned(),
        };
        for alias in table::several(aliases).filter_map(|alias| table::name(alias).ok()) {
            entry.name(alias);
        }
        // The last part of an address is its country, where there is one.
        let addresses = table::several(addresses).filter_map(|address| address.rsplit(',').next());
        let nations = table::several(citizenships).chain(table::several(nationalities));
        let flags = table::several(flag);
        entry.countries.extend(
            addresses
                .chain(nations)
                .chain(flags)
                .filter_map(Country::parse),
        );
        entries.add(entry);
        Ok(())
    })?;
    Ok(entries.entries)
}

fn kind_of(text: &str) -> Result<Kind, String> {
    match text {
        "Individual" => Ok(Kind::Person),
        "Entity" => Ok(Kind::Entity),
        "Vessel" => Ok(Kind::Vessel),
        "Aircraft" => Ok(Kind::Aircraft),
        "" => Ok(Kind::Unknown),
        other => Err(format!("type {other:?} is not known")),
    }
}
