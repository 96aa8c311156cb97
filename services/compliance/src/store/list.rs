//! List versions and their files.

use chrono::{DateTime, Utc};
use kit::db::Tx;

use crate::{
    domain::list::{Format, Size},
    error::Error,
};

/// A version of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// Name of the list.
    pub list: String,
    /// Number of the version.
    pub number: i64,
    /// Format of its files.
    pub format: Format,
    /// SHA-256 over its files, hex.
    pub sha256: String,
    /// How much is in it.
    pub size: Size,
    /// When it was imported.
    pub imported_at: DateTime<Utc>,
    /// By whom.
    pub imported_by: String,
}

/// The version in use of each list, by name.
pub(crate) async fn heads(tx: &mut Tx) -> Result<Vec<Version>, Error> {
    let rows = sqlx::query!(
        "select distinct on (list) list, version, format, sha256, entries, names, imported_at,
             imported_by
         from list_version
         order by list, version desc"
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let count = |n: i32| usize::try_from(n).unwrap_or_default();
            Ok(Version {
                list: row.list,
                number: row.version,
                format: Format::parse(&row.format)
                    .ok_or(Error::Impossible("list_version.format"))?,
                sha256: row.sha256,
                size: Size {
                    entries: count(row.entries),
                    names: count(row.names),
                },
                imported_at: row.imported_at,
                imported_by: row.imported_by,
            })
        })
        .collect()
}

/// Adds a version; false when another import took its number.
pub(crate) async fn add(
    tx: &mut Tx,
    version: &Version,
    files: &[Vec<u8>],
) -> Result<bool, sqlx::Error> {
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let added = sqlx::query!(
        "insert into list_version
             (list, version, format, sha256, entries, names, imported_at, imported_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict do nothing",
        version.list,
        version.number,
        version.format.name(),
        version.sha256,
        count(version.size.entries),
        count(version.size.names),
        version.imported_at,
        version.imported_by,
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    if added == 0 {
        return Ok(false);
    }
    sqlx::query!(
        "insert into list_file (list, version, place, content)
         select $1, $2, place - 1, content
         from unnest($3::bytea[]) with ordinality as f (content, place)",
        version.list,
        version.number,
        files,
    )
    .execute(tx.conn())
    .await?;
    Ok(true)
}

/// The files of some versions, in the order of the versions and of their places.
pub(crate) async fn files(
    tx: &mut Tx,
    versions: &[Version],
) -> Result<Vec<Vec<Vec<u8>>>, sqlx::Error> {
    let lists: Vec<String> = versions
        .iter()
        .map(|version| version.list.clone())
        .collect();
    let numbers: Vec<i64> = versions.iter().map(|version| version.number).collect();
    let rows = sqlx::query!(
        r#"select wanted.number as "number!", file.content
         from unnest($1::text[], $2::bigint[]) with ordinality as wanted (list, version, number)
         join list_file as file using (list, version)
         order by wanted.number, file.place"#,
        &lists,
        &numbers,
    )
    .fetch_all(tx.conn())
    .await?;
    let mut files = vec![Vec::new(); versions.len()];
    for row in rows {
        let at = usize::try_from(row.number - 1).unwrap_or(usize::MAX);
        if let Some(files) = files.get_mut(at) {
            files.push(row.content);
        }
    }
    Ok(files)
}

/// Writes down what an index version stands for.
pub(crate) async fn name_index(
    tx: &mut Tx,
    index_version: &str,
    versions: &[Version],
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let lists: Vec<String> = versions
        .iter()
        .map(|version| version.list.clone())
        .collect();
    let numbers: Vec<i64> = versions.iter().map(|version| version.number).collect();
    sqlx::query!(
        "insert into index_list (index_version, list, version, first_used_at)
         select $1, list, version, $4
         from unnest($2::text[], $3::bigint[]) as l (list, version)
         on conflict do nothing",
        index_version,
        &lists,
        &numbers,
        at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
