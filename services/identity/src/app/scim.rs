//! People and groups as a directory manages them (SCIM). Documents come in and go out; what they mean is
//! decided by the same use cases as everywhere else.

use kit::{access::Permission, auth::Caller};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    app::{
        State,
        enter::{self, Entered},
    },
    domain::scim::{
        Document, Wrong,
        discovery::{self, TOP},
        document::{self, Selection},
        filter::Condition,
        patch,
        path::Spot,
        schema::Kind,
        user::tag,
    },
    error::Error,
};

pub(crate) mod bulk;
mod groups;
mod users;

/// Where, and what of it is to be told.
#[derive(Debug)]
pub(crate) struct At {
    /// The organization.
    pub(crate) organization: Uuid,
    /// Users or groups.
    pub(crate) kind: Kind,
    /// What of the documents is wanted.
    pub(crate) selection: Selection,
}

/// A resource.
#[derive(Debug)]
pub(crate) struct Found {
    /// Its id.
    pub(crate) id: Uuid,
    /// Its version.
    pub(crate) version: i32,
    /// Where it is.
    pub(crate) location: String,
    /// The document.
    pub(crate) document: Document,
}

/// What is searched for.
#[derive(Debug)]
pub(crate) struct Query {
    /// What is asked; all when there is none.
    pub(crate) filter: Option<Condition>,
    /// The first to tell, from 0 on.
    pub(crate) skipped: usize,
    /// At most so many.
    pub(crate) most: usize,
    /// The attribute to sort by, and whether the largest comes first.
    pub(crate) order: Option<(Spot, bool)>,
}

/// What happens to a resource that is there.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// It is replaced.
    Replace(Document),
    /// Parts of it are changed.
    Patch(Document),
}

impl Change {
    /// The document that comes of it, read by the table; and whether it tells all.
    fn apply(&self, kind: Kind, before: Document) -> Result<(Document, bool), Wrong> {
        match self {
            Self::Replace(document) => Ok((document::read(kind, document)?, false)),
            Self::Patch(change) => {
                let after = patch::apply(kind, before, change)?;
                Ok((document::read(kind, &after)?, true))
            }
        }
    }
}

/// How often a change is tried again that others come before.
const TRIES: usize = 4;

/// Where the resources of an organization are.
fn base(state: &State, organization: Uuid) -> String {
    let issuer = state.issuer.trim_end_matches('/');
    format!("{issuer}/identity/scim/{organization}/v2")
}

/// The organization, to look.
async fn look(state: &State, caller: &Caller, at: &At) -> Result<Entered, Error> {
    let entered = enter::organization(state, caller, at.organization).await?;
    entered.require(match at.kind {
        Kind::User => Permission::PeopleRead,
        Kind::Group => Permission::GroupsRead,
    })?;
    Ok(entered)
}

/// The organization, to change it.
async fn change_there(state: &State, caller: &Caller, at: &At) -> Result<Entered, Error> {
    caller.require_active()?;
    let entered = look(state, caller, at).await?;
    entered.require(match at.kind {
        Kind::User => Permission::PeopleSync,
        Kind::Group => Permission::GroupsWrite,
    })?;
    Ok(entered)
}

/// Adds one.
pub(crate) async fn create(
    state: &State,
    caller: &Caller,
    at: &At,
    document: &Document,
) -> Result<Found, Error> {
    let entered = change_there(state, caller, at).await?;
    let document = document::read(at.kind, document)?;
    let made = match at.kind {
        Kind::User => users::create(state, caller, &entered, document).await?,
        Kind::Group => groups::create(state, caller, &entered, document).await?,
    };
    Ok(select(at, made))
}

/// Reads one.
pub(crate) async fn read(
    state: &State,
    caller: &Caller,
    at: &At,
    id: Uuid,
) -> Result<Found, Error> {
    let entered = look(state, caller, at).await?;
    Ok(select(at, find(state, &entered, at.kind, id).await?))
}

async fn find(state: &State, entered: &Entered, kind: Kind, id: Uuid) -> Result<Found, Error> {
    match kind {
        Kind::User => users::find(state, entered, id).await,
        Kind::Group => groups::find(state, entered, id).await,
    }
}

fn select(at: &At, found: Found) -> Found {
    Found {
        document: at.selection.of(found.document),
        ..found
    }
}

/// Finds some, and tells how many there are.
pub(crate) async fn query(
    state: &State,
    caller: &Caller,
    at: &At,
    query: &Query,
) -> Result<(Vec<Found>, usize), Error> {
    let entered = look(state, caller, at).await?;
    let known = query.filter.as_ref().map(Condition::known);
    let known = known.unwrap_or_default();
    if known.nothing {
        return Ok((Vec::new(), 0));
    }
    let most = query.most.min(TOP);
    if query.filter.is_none() && query.order.is_none() {
        let (found, total) = match at.kind {
            Kind::User => users::page(state, &entered, query.skipped, most).await?,
            Kind::Group => groups::page(state, &entered, query.skipped, most).await?,
        };
        let found = found.into_iter().map(|one| select(at, one));
        return Ok((found.collect(), total));
    }
    let mut found = match at.kind {
        Kind::User => users::all(state, &entered, &known).await?,
        Kind::Group => groups::all(state, &entered, &known).await?,
    };
    if let Some(filter) = &query.filter {
        found.retain(|one| filter.holds(&one.document));
    }
    if let Some((by, descending)) = query.order {
        found.sort_by_cached_key(|one| by.order_key(&one.document));
        if descending {
            found.reverse();
        }
    }
    let total = found.len();
    let page = found.into_iter().skip(query.skipped).take(most);
    Ok((page.map(|one| select(at, one)).collect(), total))
}

/// Changes one. With a version, only that one is changed.
pub(crate) async fn change(
    state: &State,
    caller: &Caller,
    at: &At,
    id: Uuid,
    change: &Change,
    version: &str,
) -> Result<Found, Error> {
    let entered = change_there(state, caller, at).await?;
    for _ in 1..TRIES {
        match change_once(state, caller, &entered, at, id, change, version).await {
            // somebody else was first, and the client did not say that it minds
            Err(Error::VersionDiffers) if version.is_empty() => {}
            outcome => return outcome.map(|found| select(at, found)),
        }
    }
    let last = change_once(state, caller, &entered, at, id, change, version).await;
    last.map(|found| select(at, found))
}

async fn change_once(
    state: &State,
    caller: &Caller,
    entered: &Entered,
    at: &At,
    id: Uuid,
    change: &Change,
    version: &str,
) -> Result<Found, Error> {
    match at.kind {
        Kind::User => users::change(state, caller, entered, id, change, version).await,
        Kind::Group => groups::change(state, caller, entered, id, change, version).await,
    }
}

/// Deletes one. With a version, only that one is deleted.
pub(crate) async fn delete(
    state: &State,
    caller: &Caller,
    at: &At,
    id: Uuid,
    version: &str,
) -> Result<(), Error> {
    let entered = change_there(state, caller, at).await?;
    let found = find(state, &entered, at.kind, id).await?;
    same_version(version, found.version)?;
    let version = (!version.is_empty()).then_some(found.version);
    match at.kind {
        Kind::User => crate::app::delete_member::delete_member(state, caller, id, version).await,
        Kind::Group => groups::delete(state, caller, &entered, id, version).await,
    }
}

/// Whether it is the version that a client has read.
fn same_version(wanted: &str, version: i32) -> Result<(), Error> {
    let strong = |text: &str| text.trim_start_matches("W/").to_owned();
    if wanted.is_empty() || wanted == "*" || strong(wanted) == strong(&tag(version)) {
        Ok(())
    } else {
        Err(Error::VersionDiffers)
    }
}

/// Refuses to look through more than is sensible.
fn few_enough(count: usize, most: i64) -> Result<(), Wrong> {
    if i64::try_from(count).is_ok_and(|count| count <= most) {
        return Ok(());
    }
    let detail = format!("there are more than {most} to look through; ask for a name or an id");
    Err(Wrong::new(kit::scim::reason::TOO_MANY, detail))
}

/// What the service tells of itself.
pub(crate) async fn describe(
    state: &State,
    caller: &Caller,
    organization: Uuid,
    path: &str,
) -> Result<Value, Error> {
    let entered = enter::organization(state, caller, organization).await?;
    let base = base(state, organization);
    let found = discovery::at(path, &base, entered.organization.kind);
    found.ok_or(Error::Missing("document"))
}
