//! The file of a report: from the cursor through the rows into packed pieces. Memory does not grow
//! with the number of users.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use kit::db::Tx;
use kit::id::PartnerId;

use crate::domain::report::Report;
use crate::domain::rows::{Pool, Row, Rows, Site, Slice, User};
use crate::domain::sheet::Sheet;
use crate::domain::usage::{Interval, Window};
use crate::error::Error;
use crate::store;
use crate::store::usage::Used;

/// Size of a piece of the file before it is packed.
const CHUNK: usize = 256 * 1024;

/// Writes all pieces; answers with their number. The transaction sees all tenants; what is read is
/// the usage of the partner that the report is about and of its sub-partners, by their ids.
pub(super) async fn write(tx: &mut Tx, report: &Report) -> Result<i32, Error> {
    let about = report.about();
    let owners = owners(tx, about).await?;
    let window = report
        .period
        .window()
        .ok_or(Error::Impossible("report.last_day"))?;
    let (mut sheet, usual) = sheet(tx, report).await?;
    let mut rows = Rows::new(report.level);
    let mut chunks = 0;

    store::usage::open_cursor(tx, &owners, window).await?;
    loop {
        let batch = store::usage::fetch(tx).await?;
        let last = batch.is_empty();
        let mut emit = |row: Row| sheet.add(&row);
        for used in batch {
            rows.push(slice(used, window, &usual)?, &mut emit)?;
        }
        if last {
            rows.finish(&mut emit)?;
        }
        while let Some(content) = sheet.take(if last { 1 } else { CHUNK })? {
            let packed = packed(&content)?;
            store::report::put_chunk(tx, report.partner_id, report.id, chunks, &packed).await?;
            chunks += 1;
        }
        if last {
            return Ok(chunks);
        }
    }
}

/// Whose usage: the partner's and that of its sub-partners, of which a sub-partner has none (R-1101).
async fn owners(tx: &mut Tx, about: PartnerId) -> Result<Vec<uuid::Uuid>, Error> {
    let mut owners = store::projection::sub_partners(tx, about).await?;
    owners.push(about);
    Ok(owners.into_iter().map(PartnerId::uuid).collect())
}

/// The empty sheet, and the subscription of customers that name none.
async fn sheet(tx: &mut Tx, report: &Report) -> Result<(Sheet, String), Error> {
    let about = report.about();
    let partner = store::projection::partner(tx, about).await?;
    let unknown = || Error::NotCaughtUp {
        what: "partner",
        id: about.to_string(),
    };
    let (name, parent) = partner.ok_or_else(unknown)?;
    let usual = store::subscription::usual(tx, about, parent)
        .await?
        .unwrap_or_default();
    let articles = store::projection::articles(tx).await?;
    let sheet = Sheet::new(report.level, &name, about, report.period, articles)?;
    Ok((sheet, usual))
}

fn slice(used: Used, window: Window, usual: &str) -> Result<Slice, Error> {
    let id = used.customer_id;
    let unknown = || Error::NotCaughtUp {
        what: "customer",
        id: id.to_string(),
    };
    let interval = Interval {
        started: used.started,
        ended: used.ended,
    };
    let subscription = used.subscription_id.filter(|id| !id.is_empty());
    Ok(Slice {
        seconds: interval.clip(window, used.billing_start),
        site: Site {
            customer: used.customer_id,
            organization: used.organization_id,
            external_id: used.external_id.ok_or_else(unknown)?,
            location: used.location_id,
        },
        user: User {
            subscriber: used.subscriber_id,
            person: used.person_id,
            workspace: used.workspace_id,
        },
        pool: Pool {
            subscription_id: subscription.unwrap_or_else(|| usual.to_owned()),
            package: used.package,
        },
    })
}

fn packed(content: &[u8]) -> Result<Vec<u8>, std::io::Error> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(content)?;
    packer.finish()
}
