//! Groups as documents.

use kit::{
    audit::{self, Entry},
    auth::Caller,
    db::Tx,
    feed,
};
use proto::identity::v1::Event;
use uuid::Uuid;

use super::{Change, Found, base, same_version};
use crate::{
    app::{State, enter::Entered},
    domain::scim::{
        Document, Wrong,
        filter::Known,
        group::{Asked, Group, GroupId, asked},
    },
    error::Error,
    store::scim,
};

/// Most groups that are looked through for what the database cannot look for.
const MOST: i64 = 1000;

fn found(state: &State, entered: &Entered, group: &Group) -> Found {
    let base = base(state, entered.organization.id.uuid());
    Found {
        id: group.id.uuid(),
        version: group.version,
        location: format!("{base}/Groups/{}", group.id),
        document: group.document(&base),
    }
}

async fn one(tx: &mut Tx, entered: &Entered, id: Uuid) -> Result<Group, Error> {
    let known = Known {
        id: Some(id),
        ..Known::default()
    };
    let mut groups = scim::groups(tx, entered.place(), &known, 0, 1).await?;
    groups.pop().ok_or(Error::Missing("group"))
}

/// One group.
pub(super) async fn find(state: &State, entered: &Entered, id: Uuid) -> Result<Found, Error> {
    let mut tx = state.context.db.begin(entered.scope()).await?;
    Ok(found(state, entered, &one(&mut tx, entered, id).await?))
}

/// A page of all groups, and how many there are.
pub(super) async fn page(
    state: &State,
    entered: &Entered,
    skipped: usize,
    most: usize,
) -> Result<(Vec<Found>, usize), Error> {
    let mut tx = state.context.db.begin(entered.scope()).await?;
    let total = scim::count_groups(&mut tx, entered.place()).await?;
    let skipped = i64::try_from(skipped).unwrap_or(i64::MAX);
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let known = Known::default();
    let groups = scim::groups(&mut tx, entered.place(), &known, skipped, most).await?;
    let page = groups.iter().map(|group| found(state, entered, group));
    Ok((page.collect(), usize::try_from(total).unwrap_or_default()))
}

/// All groups that can be meant.
pub(super) async fn all(
    state: &State,
    entered: &Entered,
    known: &Known,
) -> Result<Vec<Found>, Error> {
    let mut tx = state.context.db.begin(entered.scope()).await?;
    let groups = scim::groups(&mut tx, entered.place(), known, 0, MOST + 1).await?;
    super::few_enough(groups.len(), MOST)?;
    let all = groups.iter().map(|group| found(state, entered, group));
    Ok(all.collect())
}

/// Adds a group.
pub(super) async fn create(
    state: &State,
    caller: &Caller,
    entered: &Entered,
    document: Document,
) -> Result<Found, Error> {
    let asked = asked(document)?;
    let id = GroupId::new(&state.context.ids);
    let mut tx = state.context.db.begin(entered.scope()).await?;
    write(
        state,
        &mut tx,
        entered,
        id,
        &asked,
        audit::by(caller, "group.created"),
    )
    .await?;
    let made = one(&mut tx, entered, id.uuid()).await?;
    tx.commit().await?;
    Ok(found(state, entered, &made))
}

/// Changes a group.
pub(super) async fn change(
    state: &State,
    caller: &Caller,
    entered: &Entered,
    id: Uuid,
    change: &Change,
    version: &str,
) -> Result<Found, Error> {
    let base = base(state, entered.organization.id.uuid());
    let mut tx = state.context.db.begin(entered.scope()).await?;
    scim::lock_group(&mut tx, entered.place(), GroupId::from_uuid(id)).await?;
    let before = one(&mut tx, entered, id).await?;
    same_version(version, before.version)?;
    let (document, _) = change.apply(super::Kind::Group, before.document(&base))?;
    let asked = asked(document)?;
    write(
        state,
        &mut tx,
        entered,
        before.id,
        &asked,
        audit::by(caller, "group.updated"),
    )
    .await?;
    let made = one(&mut tx, entered, id).await?;
    tx.commit().await?;
    Ok(found(state, entered, &made))
}

async fn write(
    state: &State,
    tx: &mut Tx,
    entered: &Entered,
    id: GroupId,
    asked: &Asked,
    act: Entry,
) -> Result<(), Error> {
    let (place, now) = (entered.place(), state.context.clock.now());
    let known = scim::known_people(tx, place, &asked.members).await?;
    if known.len() != asked.members.len() {
        let detail = "is nobody of the organization";
        return Err(Wrong::value("members.value", detail).into());
    }
    scim::write_group(tx, place, id, asked, now).await?;
    tell(state, tx, entered, id, act).await
}

async fn tell(
    state: &State,
    tx: &mut Tx,
    entered: &Entered,
    id: GroupId,
    act: Entry,
) -> Result<(), Error> {
    let (place, now) = (entered.place(), state.context.clock.now());
    let act = act
        .organization(place.organization.uuid())
        .target("group", id);
    feed::append(
        tx,
        &state.context.ids,
        place.partner,
        now,
        &Event::from(act),
    )
    .await?;
    Ok(())
}

/// Deletes a group; the people in it stay.
pub(super) async fn delete(
    state: &State,
    caller: &Caller,
    entered: &Entered,
    id: Uuid,
    version: Option<i32>,
) -> Result<(), Error> {
    let group = GroupId::from_uuid(id);
    let mut tx = state.context.db.begin(entered.scope()).await?;
    scim::lock_group(&mut tx, entered.place(), group).await?;
    let before = one(&mut tx, entered, id).await?;
    if version.is_some_and(|version| version != before.version) {
        return Err(Error::VersionDiffers);
    }
    scim::delete_group(&mut tx, entered.place(), group).await?;
    tell(
        state,
        &mut tx,
        entered,
        group,
        audit::by(caller, "group.deleted"),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}
