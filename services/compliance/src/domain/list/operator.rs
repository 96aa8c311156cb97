//! The operator's own list: `id,type,name,aliases,country`, aliases separated by semicolons.

use super::{Entries, Rejected, table};
use crate::domain::{
    country::Country,
    entry::{Entry, Kind},
};

const COLUMNS: [&str; 5] = ["id", "type", "name", "aliases", "country"];

/// Reads the file.
pub(super) fn read(text: &str) -> Result<Vec<Entry>, Rejected> {
    let (header, rows) = table::header(text);
    if header != COLUMNS {
        return Err(Rejected(format!("columns must be {}", COLUMNS.join(","))));
    }
    let mut entries = Entries::default();
    table::rows("list", rows, 2, COLUMNS.len(), |row| {
        let field = |at| row.get(at).unwrap_or_default().trim();
        let (id, country) = (field(0), field(4));
        if id.is_empty() {
            return Err("id is missing".to_owned());
        }
        if entries.get(id).is_some() {
            return Err(format!("id {id:?} stands twice"));
        }
        let mut entry = Entry {
            id: id.to_owned(),
            kind: kind_of(field(1))?,
            names: vec![table::name(field(2))?],
            countries: Country::parse(country).into_iter().collect(),
            source: String::new(),
        };
        if entry.countries.is_empty() && !country.is_empty() {
            return Err(format!("country {country:?} is not known"));
        }
        for alias in table::several(field(3)) {
            entry.name(table::name(alias)?);
        }
        entries.add(entry);
        Ok(())
    })?;
    Ok(entries.entries)
}

fn kind_of(field: &str) -> Result<Kind, String> {
    match field {
        "person" => Ok(Kind::Person),
        "company" => Ok(Kind::Entity),
        "vessel" => Ok(Kind::Vessel),
        "aircraft" => Ok(Kind::Aircraft),
        "" => Ok(Kind::Unknown),
        other => Err(format!(
            "type {other:?} is not one of person, company, vessel, aircraft"
        )),
    }
}
