//! Imports a list file, if it passes the gates.

use kit::{audit::Entry, feed, id::PartnerId, scope::Scope};
use proto::compliance::v1::Event;

use super::App;
use crate::{
    domain::list::{Format, Rejected, Size, parse},
    engine::sha256,
    error::Error,
    store::list::{self, Version},
};

/// A file set to import.
#[derive(Debug)]
pub(crate) struct Import {
    /// Name of the list.
    pub list: String,
    /// Format.
    pub format: Format,
    /// The files as they came.
    pub files: Vec<Vec<u8>>,
    /// Who brings them.
    pub by: String,
    /// The act and the tenant of who does it; none for what a start finds.
    pub act: Option<(PartnerId, Entry)>,
}

/// Imports. The same bytes again are no new version. What fails a gate changes nothing.
pub(crate) async fn import_list(app: &App, import: Import) -> Result<Version, Error> {
    let Import {
        list,
        format,
        files,
        by,
        act,
    } = import;
    let (files, sha256, size) = tokio::task::spawn_blocking(move || {
        let size = Size::of(&parse(format, &files)?);
        let sha256 = sha256(files.iter().map(Vec::as_slice));
        Ok::<_, Error>((files, sha256, size))
    })
    .await??;
    let context = &app.context;
    let mut tx = context
        .db
        .begin(Scope::Whole("lists have no tenant"))
        .await?;
    let heads = list::heads(&mut tx).await?;
    let head = heads.into_iter().find(|head| head.list == list);
    if let Some(head) = &head {
        if head.sha256 == sha256 {
            return Ok(head.clone());
        }
        if head.format != format {
            let reason = format!("the list is in the format {}", head.format.name());
            return Err(Rejected(reason).into());
        }
        size.follows(head.size)?;
    }
    let version = Version {
        number: head.map_or(0, |head| head.number) + 1,
        list,
        format,
        sha256,
        size,
        imported_at: context.clock.now(),
        imported_by: by,
    };
    if !list::add(&mut tx, &version, &files).await? {
        return Err(Error::ImportRaced);
    }
    if let Some((partner, act)) = act {
        let act = act.target("list", &version.list);
        let event = Event::from(act.detail("version", version.number.to_string()));
        feed::append(&mut tx, &context.ids, partner, version.imported_at, &event).await?;
    }
    tx.commit().await?;
    tracing::info!(
        list = version.list,
        version = version.number,
        entries = version.size.entries,
        names = version.size.names,
        "list imported"
    );
    app.engine.imported.notify_one();
    Ok(version)
}

/// The version in use of each list.
pub(crate) async fn list_lists(app: &App) -> Result<Vec<Version>, Error> {
    let mut tx = app
        .context
        .db
        .begin(Scope::Whole("lists have no tenant"))
        .await?;
    let heads = list::heads(&mut tx).await?;
    tx.commit().await?;
    Ok(heads)
}
