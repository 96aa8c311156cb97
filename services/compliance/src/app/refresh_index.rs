//! Brings the index up to the lists in the database, and the lists there at first start.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use kit::scope::Scope;

use super::{
    App,
    import_list::{Import, import_list, list_lists},
};
use crate::{
    domain::{
        entry::List,
        index::Index,
        list::{Format, parse},
    },
    engine::{Loaded, sha256},
    error::Error,
    store::list::{self, Version},
};

/// Invented parties, so that a first installation can show what screening does.
const DEFAULT: &[u8] = include_bytes!("../../lists/default.csv");

/// What they are listed under.
const DEFAULT_NAME: &str = "DEFAULT";

/// Who imports at start.
const AT_START: &str = "start";

/// Builds and replaces the index if the lists have changed. A stored list that cannot be read is an
/// error, and so is one that should be there and is not; the index in use stays, and at start there
/// is none: without one of its lists it would clear what it must not.
pub(crate) async fn refresh(app: &App, expected: &BTreeSet<String>) -> Result<(), Error> {
    let mut tx = app
        .context
        .db
        .begin(Scope::Whole("lists have no tenant"))
        .await?;
    let heads = list::heads(&mut tx).await?;
    let version = version(&heads);
    if heads.is_empty() || version == app.engine.version() {
        return Ok(());
    }
    let known: BTreeSet<_> = heads.iter().map(|head| head.list.clone()).collect();
    if let Some(missing) = expected.difference(&known).next() {
        return Err(Error::ListMissing(missing.clone()));
    }
    if heads.iter().all(|head| head.list == DEFAULT_NAME) {
        tracing::warn!("no restricted-party list: screening against invented parties only");
    }
    let files = list::files(&mut tx, &heads).await?;
    list::name_index(&mut tx, &version, &heads, app.context.clock.now()).await?;
    tx.commit().await?;
    let index = tokio::task::spawn_blocking(move || {
        let lists = heads.into_iter().zip(files).map(|(head, files)| {
            let entries = parse(head.format, &files)?;
            Ok(List {
                name: head.list,
                entries,
            })
        });
        Ok::<_, Error>(Index::build(lists.collect::<Result<_, Error>>()?))
    })
    .await??;
    tracing::info!(version, names = index.names.len(), "screening index in use");
    app.engine.replace(Loaded { version, index });
    Ok(())
}

/// Hash over the versions of all lists.
fn version(heads: &[Version]) -> String {
    let lines = heads
        .iter()
        .map(|head| format!("{}\0{}\0{}\n", head.list, head.number, head.sha256));
    sha256([lines.collect::<String>().as_bytes()])
}

/// Imports what a start finds: the directory's files, or without one, at the first, the invented
/// parties. A file that is refused leaves the version in use. Returns the lists that must be there
/// from now on.
pub(crate) async fn at_start(
    app: &App,
    directory: Option<&Path>,
) -> Result<BTreeSet<String>, Error> {
    let found = match directory {
        Some(directory) => {
            let directory = directory.to_owned();
            tokio::task::spawn_blocking(move || in_directory(&directory)).await??
        }
        None if list_lists(app).await?.is_empty() => {
            vec![(
                DEFAULT_NAME.to_owned(),
                Format::Operator,
                vec![DEFAULT.to_vec()],
            )]
        }
        None => Vec::new(),
    };
    let expected = found.iter().map(|(list, _, _)| list.clone()).collect();
    for (list, format, files) in found {
        let name = list.clone();
        match import_list(
            app,
            Import {
                list,
                format,
                files,
                by: AT_START.to_owned(),
                act: None,
            },
        )
        .await
        {
            // Another replica imports the same directory.
            Ok(_) | Err(Error::ImportRaced) => {}
            Err(Error::ListRejected(rejected)) => {
                tracing::error!(list = name, reason = %rejected, "list file refused at start");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(expected)
}

type Found = (String, Format, Vec<Vec<u8>>);

/// The list files of a directory. Of several editions of a publisher's file the one with the last
/// name counts, so dates in names do what they should.
fn in_directory(directory: &Path) -> Result<Vec<Found>, Error> {
    let mut files = BTreeMap::new();
    for file in std::fs::read_dir(directory).map_err(Error::File)? {
        let path = file.map_err(Error::File)?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default()
            .to_owned();
        if let Some(stem) = name
            .strip_suffix(".csv")
            .or_else(|| name.strip_suffix(".csv.gz"))
        {
            files.insert(stem.to_owned(), path);
        }
    }
    let read = |stem: &str| {
        let path = files
            .get(stem)
            .ok_or_else(|| std::io::ErrorKind::NotFound.into());
        path.and_then(std::fs::read).map_err(Error::File)
    };
    let last = |prefix: &str| files.keys().rfind(|stem| stem.starts_with(prefix));
    let mut found = Vec::new();
    if let Some(stem) = last("csl_") {
        found.push(("CSL".to_owned(), Format::Csl, vec![read(stem)?]));
    }
    if let Some(edition) = last("ofac_sdn_").and_then(|stem| stem.strip_prefix("ofac_sdn_")) {
        let parts = ["sdn", "alt", "add"].map(|part| read(&format!("ofac_{part}_{edition}")));
        let parts = parts.into_iter().collect::<Result<Vec<_>, _>>()?;
        found.push(("SDN".to_owned(), Format::Ofac, parts));
    }
    for stem in files
        .keys()
        .filter(|stem| !stem.starts_with("csl_") && !stem.starts_with("ofac_"))
    {
        found.push((stem.to_uppercase(), Format::Operator, vec![read(stem)?]));
    }
    Ok(found)
}
