//! People as documents.

use std::collections::HashMap;

use kit::{access::Permission, auth::Caller, scope::Scope};
use uuid::Uuid;

use super::{Change, Found, base, same_version};
use crate::{
    app::{
        State,
        create_member::{Repeat, create_member},
        enter::Entered,
        replace_member::{How, replace_member},
    },
    domain::{
        member::Directory,
        scim::{
            Document, Wrong,
            filter::Known,
            user::{Asked, User, asked},
        },
    },
    error::Error,
    store::{
        member::{self, Filter},
        scim,
    },
};

/// Most people that are looked through for what the database cannot look for.
const MOST: i64 = 10_000;

fn found(state: &State, user: &User) -> Found {
    let base = base(state, user.member.organization.uuid());
    Found {
        id: user.member.id.uuid(),
        version: user.member.version,
        location: format!("{base}/Users/{}", user.member.id),
        document: user.document(&base),
    }
}

/// People from some row on.
async fn some(
    state: &State,
    entered: &Entered,
    known: &Known,
    skipped: usize,
    most: i64,
) -> Result<Vec<User>, Error> {
    let place = entered.place();
    let mut tx = state.context.db.begin(entered.scope()).await?;
    let skipped = i64::try_from(skipped).unwrap_or(i64::MAX);
    let told = scim::people(&mut tx, place, known, skipped, most).await?;
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = told.iter().map(|(id, _)| *id).collect();
    let mut groups: HashMap<Uuid, Vec<(Uuid, String)>> = HashMap::new();
    for (person, group, name) in scim::groups_of(&mut tx, place, &ids).await? {
        groups.entry(person).or_default().push((group, name));
    }
    let filter = Filter {
        ids,
        most,
        ..Filter::default()
    };
    let now = state.context.clock.now();
    let members = member::list(&mut tx, place, &filter, now).await?;
    let mut told: HashMap<Uuid, Directory> = told.into_iter().collect();
    // both lists are by id; whoever was deleted in between is in none
    let users = members.into_iter().filter_map(|member| {
        let id = member.id.uuid();
        Some(User {
            directory: told.remove(&id)?,
            groups: groups.remove(&id).unwrap_or_default(),
            member,
        })
    });
    Ok(users.collect())
}

async fn one(state: &State, entered: &Entered, id: Uuid) -> Result<User, Error> {
    let known = Known {
        id: Some(id),
        ..Known::default()
    };
    let mut users = some(state, entered, &known, 0, 1).await?;
    users.pop().ok_or(Error::Missing("user"))
}

/// One person.
pub(super) async fn find(state: &State, entered: &Entered, id: Uuid) -> Result<Found, Error> {
    Ok(found(state, &one(state, entered, id).await?))
}

/// A page of all people, and how many there are.
pub(super) async fn page(
    state: &State,
    entered: &Entered,
    skipped: usize,
    most: usize,
) -> Result<(Vec<Found>, usize), Error> {
    let mut tx = state.context.db.begin(entered.scope()).await?;
    let total = scim::count_people(&mut tx, entered.place()).await?;
    drop(tx);
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let users = some(state, entered, &Known::default(), skipped, most).await?;
    let page = users.iter().map(|user| found(state, user));
    Ok((page.collect(), usize::try_from(total).unwrap_or_default()))
}

/// All people that can be meant.
pub(super) async fn all(
    state: &State,
    entered: &Entered,
    known: &Known,
) -> Result<Vec<Found>, Error> {
    let users = some(state, entered, known, 0, MOST + 1).await?;
    super::few_enough(users.len(), MOST)?;
    Ok(users.iter().map(|user| found(state, user)).collect())
}

/// Adds a person.
pub(super) async fn create(
    state: &State,
    caller: &Caller,
    entered: &Entered,
    document: Document,
) -> Result<Found, Error> {
    let asked = asked(document, None, false)?;
    check_manager(state, entered, &asked, None).await?;
    let repeat = Repeat {
        key: String::new(),
        fingerprint: [0; 32],
    };
    let to = entered.organization.id.uuid();
    let made = create_member(state, caller, to, asked.wanted, repeat).await?;
    find(state, entered, made.id.uuid()).await
}

/// Changes a person.
pub(super) async fn change(
    state: &State,
    caller: &Caller,
    entered: &Entered,
    id: Uuid,
    change: &Change,
    version: &str,
) -> Result<Found, Error> {
    let before = one(state, entered, id).await?;
    same_version(version, before.member.version)?;
    let base = base(state, entered.organization.id.uuid());
    let (document, whole) = change.apply(super::Kind::User, before.document(&base))?;
    let asked = asked(document, Some(&before), whole)?;
    check_manager(state, entered, &asked, Some(id)).await?;
    let how = How {
        version: before.member.version,
        keep_roles: asked.keep_roles,
    };
    replace_member(state, caller, id, asked.wanted, how).await?;
    find(state, entered, id).await
}

/// A manager is somebody of the organization.
async fn check_manager(
    state: &State,
    entered: &Entered,
    asked: &Asked,
    person: Option<Uuid>,
) -> Result<(), Error> {
    entered.require(Permission::PeopleWrite)?;
    let manager = &asked.wanted.profile.manager_id;
    if manager.is_empty() {
        return Ok(());
    }
    let id: Option<Uuid> = manager.parse().ok();
    let id = id.filter(|id| Some(*id) != person);
    let place = entered.place();
    let reach = Scope::Organization(place.partner, place.organization.uuid());
    let mut tx = state.context.db.begin(reach).await?;
    let known = scim::known_people(&mut tx, place, id.as_slice()).await?;
    if known.is_empty() {
        let detail = "is nobody else of the organization";
        return Err(Wrong::value("manager.value", detail).into());
    }
    Ok(())
}
