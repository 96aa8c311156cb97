//! The catalogue.

use chrono::{DateTime, Utc};
use kit::db::Tx;

use super::named;
use crate::{
    domain::catalogue::{Catalogue, Package},
    error::Error,
};

struct Row {
    name: String,
    title: String,
    sku: String,
    description: String,
    kind: String,
    calling: bool,
    meetings: bool,
    requires_any: Vec<String>,
    aliases: Vec<String>,
}

impl TryFrom<Row> for Package {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            kind: named("package", &row.kind)?,
            name: row.name,
            title: row.title,
            sku: row.sku,
            description: row.description,
            calling: row.calling,
            meetings: row.meetings,
            requires_any: row.requires_any,
            aliases: row.aliases,
        })
    }
}

/// All packages, in their order.
pub(crate) async fn catalogue(tx: &mut Tx) -> Result<Catalogue, Error> {
    let rows = sqlx::query_as!(
        Row,
        "select name, title, sku, description, kind, calling, meetings, requires_any, aliases
         from package
         order by ordinal",
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(Package::try_from)
        .collect::<Result<_, _>>()
        .map(Catalogue::new)
}

/// The packages that were defined or amended since they were last announced; they count as
/// announced from now on.
pub(crate) async fn announce(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<Package>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "update package
         set announced_at = $1
         where announced_at is null
         returning name, title, sku, description, kind, calling, meetings, requires_any, aliases",
        now,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Package::try_from).collect()
}
