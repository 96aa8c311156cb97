//! The CSV file of a report: RFC 4180, with a header row.
//!
//! Columns are those of the published reports. QUANTITY is the eleventh of a CUSTOMER report;
//! existing clients find it by its place. `CONSUMPTION_START_DATE` and `CONSUMPTION_END_DATE`
//! are the days of the report's period at every level, so that rows of different levels can be joined.

use std::collections::BTreeMap;

use csv::{Terminator, Writer, WriterBuilder};
use kit::id::PartnerId;

use super::period::Period;
use super::public_id::{Kind, encode, encode_some};
use super::report::Level;
use super::rows::Row;

const PARTNER: [&str; 2] = ["PARTNER_NAME", "PARTNER_ORG_ID"];
const CUSTOMER: [&str; 2] = ["CUSTOMER_ORG_ID", "CUSTOMER_EXTERNAL_ID"];
const USAGE: [&str; 7] = [
    "SUBSCRIPTION_ID",
    "SERVICE_NAME",
    "SKU",
    "DESCRIPTION",
    "CONSUMPTION_START_DATE",
    "CONSUMPTION_END_DATE",
    "QUANTITY",
];
const LOCATION: [&str; 1] = ["LOCATION_ID"];
const USER: [&str; 3] = ["SUBSCRIBER_ID", "USER_ID", "WORKSPACE_ID"];

/// A package as reports tell of it.
#[derive(Debug, Clone)]
pub(crate) struct Article {
    /// Stock keeping unit.
    pub(crate) sku: String,
    /// Text.
    pub(crate) description: String,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SheetError {
    /// Usage of a package that the catalogue has not told of yet.
    #[error("package {0:?} is not known")]
    UnknownPackage(String),
    /// A row could not be written.
    #[error("a row could not be written")]
    Csv(#[from] csv::Error),
    /// A sum left its range.
    #[error(transparent)]
    Overflow(#[from] super::usage::Overflow),
}

/// A file in the making.
pub(crate) struct Sheet {
    partner: [String; 2],
    dates: [String; 2],
    articles: BTreeMap<String, Article>,
    writer: Writer<Vec<u8>>,
}

impl Sheet {
    /// A file with its header row.
    pub(crate) fn new(
        level: Level,
        partner_name: &str,
        partner: PartnerId,
        period: Period,
        articles: BTreeMap<String, Article>,
    ) -> Result<Self, SheetError> {
        let mut writer = writer();
        writer.write_record(columns(level))?;
        Ok(Self {
            partner: [
                guarded(partner_name),
                encode(Kind::Organization, partner.uuid()),
            ],
            dates: [period.first, period.last].map(|day| day.format("%Y-%m-%d").to_string()),
            articles,
            writer,
        })
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, row: &Row) -> Result<(), SheetError> {
        let article = self
            .articles
            .get(&row.pool.package)
            .ok_or_else(|| SheetError::UnknownPackage(row.pool.package.clone()))?;
        let mut record = self.partner.to_vec();
        if let Some(site) = &row.site {
            record.push(encode_some(Kind::Organization, site.organization));
            record.push(guarded(&site.external_id));
        }
        record.push(guarded(&row.pool.subscription_id));
        record.push(guarded(&row.pool.package.to_uppercase()));
        record.push(guarded(&article.sku));
        record.push(guarded(&article.description));
        record.extend_from_slice(&self.dates);
        record.push(row.quantity.to_string());
        if let Some(site) = &row.site {
            record.push(encode_some(Kind::Location, site.location));
        }
        if let Some(user) = row.user {
            record.push(encode(Kind::Subscriber, user.subscriber));
            record.push(encode_some(Kind::People, user.person));
            record.push(encode_some(Kind::Place, user.workspace));
        }
        self.writer.write_record(record)?;
        Ok(())
    }

    /// Takes what is written so far, once it is `enough` bytes.
    pub(crate) fn take(&mut self, enough: usize) -> Result<Option<Vec<u8>>, SheetError> {
        self.writer.flush().map_err(csv::Error::from)?;
        if self.writer.get_ref().len() < enough.max(1) {
            return Ok(None);
        }
        let full = std::mem::replace(&mut self.writer, writer());
        let bytes = full
            .into_inner()
            .map_err(|e| csv::Error::from(e.into_error()))?;
        Ok(Some(bytes))
    }
}

fn writer() -> Writer<Vec<u8>> {
    WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new())
}

fn columns(level: Level) -> Vec<&'static str> {
    let mut columns = PARTNER.to_vec();
    if level >= Level::Customer {
        columns.extend(CUSTOMER);
    }
    columns.extend(USAGE);
    if level >= Level::Customer {
        columns.extend(LOCATION);
    }
    if level >= Level::User {
        columns.extend(USER);
    }
    columns
}

/// Text that others chose and that a spreadsheet would take for a formula gets an apostrophe.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return format!("'{text}");
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r1405_quantity_is_the_eleventh_column_of_a_customer_report() {
        assert_eq!(columns(Level::Customer)[10], "QUANTITY");
        assert_eq!(columns(Level::Partner).len(), 9);
        assert_eq!(columns(Level::Customer).len(), 12);
        assert_eq!(columns(Level::User).len(), 15);
        assert_eq!(columns(Level::User)[..12], columns(Level::Customer)[..]);
    }

    #[test]
    fn formulas_are_disarmed() {
        for text in ["=1+1", "+1", "-1", "@x", "\tx", "\rx"] {
            assert_eq!(guarded(text), format!("'{text}"));
        }
        assert_eq!(guarded("Plain = text"), "Plain = text");
    }
}
