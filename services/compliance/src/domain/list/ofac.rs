//! OFAC lists as CSV: three files without a header, joined by the entry's number; `-0-` is nothing.

use std::collections::BTreeSet;

use super::{Entries, Rejected, table};
use crate::domain::{
    country::Country,
    entry::{Entry, Kind},
};

/// Columns of the primary, alias and address file.
const WIDTHS: [usize; 3] = [12, 5, 6];

/// Reads the three files.
pub(super) fn read(primary: &str, aliases: &str, addresses: &str) -> Result<Vec<Entry>, Rejected> {
    let [primary_width, alias_width, address_width] = WIDTHS;
    let mut entries = Entries::default();
    table::rows("primary file", primary, 1, primary_width, |row| {
        let field = |at| value(row.get(at));
        let flag = Country::parse(field(9));
        entries.add(Entry {
            id: number(field(0))?,
            kind: kind_of(field(2))?,
            names: vec![table::name(field(1))?],
            countries: flag.into_iter().chain(nations(field(11))).collect(),
            source: String::new(),
        });
        Ok(())
    })?;
    table::rows("alias file", aliases, 1, alias_width, |row| {
        let id = number(value(row.get(0)))?;
        let alias = table::name(value(row.get(3)))?;
        let entry = entries
            .get(&id)
            .ok_or_else(|| format!("entry {id} is not in the primary file"))?;
        entry.name(alias);
        Ok(())
    })?;
    let (mut rows, mut strays) = (0_usize, 0_usize);
    table::rows("address file", addresses, 1, address_width, |row| {
        let id = number(value(row.get(0)))?;
        rows += 1;
        match entries.get(&id) {
            Some(entry) => entry.countries.extend(Country::parse(value(row.get(4)))),
            None => strays += 1,
        }
        Ok(())
    })?;
    // The publisher leaves single addresses behind; many are files of different dates.
    if strays * 100 > rows {
        return Err(Rejected(format!(
            "{strays} of {rows} addresses are of unknown entries"
        )));
    }
    Ok(entries.entries)
}

fn value(field: Option<&str>) -> &str {
    let field = field.unwrap_or_default().trim();
    if field == "-0-" { "" } else { field }
}

fn number(field: &str) -> Result<String, String> {
    let number = field.parse::<u32>();
    number
        .map(|number| number.to_string())
        .map_err(|_| format!("{field:?} is not an entry number"))
}

fn kind_of(field: &str) -> Result<Kind, String> {
    match field {
        "individual" => Ok(Kind::Person),
        "vessel" => Ok(Kind::Vessel),
        "aircraft" => Ok(Kind::Aircraft),
        "" => Ok(Kind::Entity),
        other => Err(format!("type {other:?} is not known")),
    }
}

/// Countries that the remarks name: `nationality Iran; citizen Iraq; …`.
fn nations(remarks: &str) -> BTreeSet<Country> {
    let parts = table::several(remarks);
    let nations = parts.filter_map(|part| {
        let part = part.trim_end_matches('.');
        part.strip_prefix("nationality ")
            .or_else(|| part.strip_prefix("citizen "))
    });
    nations.filter_map(Country::parse).collect()
}
