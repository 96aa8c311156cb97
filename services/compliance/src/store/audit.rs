//! The audit's chains.

use chrono::{DateTime, Utc};
use kit::{db::Tx, id::PartnerId};
use uuid::Uuid;

use crate::domain::audit::{Hash, Link, beginning};

/// The end of a tenant's chain.
#[derive(Clone, Debug)]
pub(crate) struct End {
    /// The tenant.
    pub partner: PartnerId,
    /// Number of acts.
    pub length: i64,
    /// Hash of the last one.
    pub head: Vec<u8>,
}

/// An act in a chain.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What the hash is over.
    pub link: Link,
    /// What can be asked for.
    pub keys: Keys,
    /// The hash.
    pub hash: Vec<u8>,
}

/// What can be asked for, taken out of the content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keys {
    /// What was done.
    pub action: String,
    /// By whom.
    pub actor_id: String,
    /// To which organization.
    pub organization: Option<Uuid>,
}

/// What to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Only what was done to this organization.
    pub organization: Option<Uuid>,
    /// Only at this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Only before this instant.
    pub to: Option<DateTime<Utc>>,
    /// Only by this person or client.
    pub actor: Option<String>,
    /// Only these actions.
    pub actions: Option<Vec<String>>,
    /// Only older than this one.
    pub after: Option<(DateTime<Utc>, Uuid)>,
}

/// The ends of the chains of these tenants, which must be in order: their locks, new ones added.
pub(crate) async fn lock(
    tx: &mut Tx,
    partners: &[PartnerId],
    now: DateTime<Utc>,
) -> Result<Vec<End>, sqlx::Error> {
    let beginnings: Vec<Vec<u8>> = partners.iter().map(|one| beginning(*one).into()).collect();
    let partners: Vec<Uuid> = partners.iter().map(|one| one.uuid()).collect();
    sqlx::query_as!(
        End,
        r#"insert into audit_chain as kept (partner_id, length, head, changed_at)
         select partner_id, 0, head, $3
         from unnest($1::uuid[], $2::bytea[]) as wanted (partner_id, head)
         order by partner_id
         on conflict (partner_id) do update set length = kept.length
         returning partner_id as "partner: PartnerId", length, head"#,
        &partners,
        &beginnings,
        now,
    )
    .fetch_all(tx.conn())
    .await
}

/// Adds acts and moves the ends.
pub(crate) async fn add(
    tx: &mut Tx,
    rows: &[(PartnerId, Row)],
    ends: &[End],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let partners: Vec<Uuid> = rows.iter().map(|(partner, _)| partner.uuid()).collect();
    let link = || rows.iter().map(|(_, row)| &row.link);
    let sequences: Vec<i64> = link().map(|link| link.sequence).collect();
    let event_ids: Vec<Uuid> = link().map(|link| link.event_id).collect();
    let sources: Vec<String> = link().map(|link| link.context.clone()).collect();
    let occurred: Vec<DateTime<Utc>> = link().map(|link| link.occurred_at).collect();
    let tracking: Vec<String> = link().map(|link| link.tracking_id.clone()).collect();
    let contents: Vec<Vec<u8>> = link().map(|link| link.content.clone()).collect();
    let keys = || rows.iter().map(|(_, row)| &row.keys);
    let actions: Vec<String> = keys().map(|keys| keys.action.clone()).collect();
    let actors: Vec<String> = keys().map(|keys| keys.actor_id.clone()).collect();
    // none as an empty text
    let organization = |keys: &Keys| keys.organization.map(|id| id.to_string());
    let organizations: Vec<String> = keys()
        .map(|keys| organization(keys).unwrap_or_default())
        .collect();
    let hashes: Vec<Vec<u8>> = rows.iter().map(|(_, row)| row.hash.clone()).collect();
    sqlx::query!(
        "insert into audit_event
             (partner_id, sequence, event_id, context, occurred_at, recorded_at, tracking_id,
              action, actor_id, organization_id, content, hash)
         select partner_id, sequence, event_id, context, occurred_at, $12, tracking_id,
             action, actor_id, nullif(organization_id, '')::uuid, content, hash
         from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::timestamptz[],
                  $6::text[], $7::text[], $8::text[], $9::text[], $10::bytea[], $11::bytea[])
             as new (partner_id, sequence, event_id, context, occurred_at, tracking_id, action,
                  actor_id, organization_id, content, hash)",
        &partners,
        &sequences,
        &event_ids,
        &sources,
        &occurred,
        &tracking,
        &actions,
        &actors,
        &organizations,
        &contents,
        &hashes,
        now,
    )
    .execute(tx.conn())
    .await?;

    let partners: Vec<Uuid> = ends.iter().map(|end| end.partner.uuid()).collect();
    let lengths: Vec<i64> = ends.iter().map(|end| end.length).collect();
    let heads: Vec<Vec<u8>> = ends.iter().map(|end| end.head.clone()).collect();
    sqlx::query!(
        "update audit_chain as kept
         set length = new.length, head = new.head, changed_at = $4
         from unnest($1::uuid[], $2::bigint[], $3::bytea[]) as new (partner_id, length, head)
         where kept.partner_id = new.partner_id",
        &partners,
        &lengths,
        &heads,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The noted end of a tenant's chain, and the place of the last act that is there.
pub(crate) async fn end(tx: &mut Tx, partner: PartnerId) -> Result<(End, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"select coalesce((select length from audit_chain where partner_id = $1), 0) as "length!",
             (select head from audit_chain where partner_id = $1) as head,
             coalesce((select max(sequence) from audit_event where partner_id = $1), 0) as "last!""#,
        partner.uuid(),
    )
    .fetch_one(tx.conn())
    .await?;
    let end = End {
        partner,
        length: row.length,
        head: row.head.unwrap_or_else(|| beginning(partner).into()),
    };
    Ok((end, row.last))
}

/// Acts of a chain in its order, after a place and up to another.
pub(crate) async fn stretch(
    tx: &mut Tx,
    partner: PartnerId,
    after: i64,
    last: i64,
    most: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Flat,
        "select sequence, event_id, context, occurred_at, recorded_at, tracking_id, action,
             actor_id, organization_id, content, hash
         from audit_event
         where partner_id = $1 and sequence > $2 and sequence <= $3
         order by sequence
         limit $4",
        partner.uuid(),
        after,
        last,
        most,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Row::from).collect())
}

/// A page of a tenant's acts, newest first.
pub(crate) async fn list(
    tx: &mut Tx,
    partner: PartnerId,
    filter: &Filter,
    skip: i64,
    most: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Flat,
        "select sequence, event_id, context, occurred_at, recorded_at, tracking_id, action,
             actor_id, organization_id, content, hash
         from audit_event
         where partner_id = $1
             and ($2::uuid is null or organization_id = $2)
             and ($3::timestamptz is null or occurred_at >= $3)
             and ($4::timestamptz is null or occurred_at < $4)
             and ($5::text is null or (actor_id <> '' and actor_id = $5))
             and ($6::text[] is null or action = any($6))
             and ($7::timestamptz is null or (occurred_at, event_id) < ($7, $8::uuid))
         order by occurred_at desc, event_id desc
         offset $9
         limit $10",
        partner.uuid(),
        filter.organization,
        filter.from,
        filter.to,
        filter.actor.as_deref(),
        filter.actions.as_deref(),
        filter.after.map(|(at, _)| at),
        filter.after.map(|(_, id)| id),
        skip,
        most,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Row::from).collect())
}

struct Flat {
    sequence: i64,
    event_id: Uuid,
    context: String,
    occurred_at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    tracking_id: String,
    action: String,
    actor_id: String,
    organization_id: Option<Uuid>,
    content: Vec<u8>,
    hash: Vec<u8>,
}

impl From<Flat> for Row {
    fn from(row: Flat) -> Self {
        Self {
            link: Link {
                sequence: row.sequence,
                event_id: row.event_id,
                context: row.context,
                occurred_at: row.occurred_at,
                recorded_at: row.recorded_at,
                tracking_id: row.tracking_id,
                content: row.content,
            },
            keys: Keys {
                action: row.action,
                actor_id: row.actor_id,
                organization: row.organization_id,
            },
            hash: row.hash,
        }
    }
}

impl End {
    /// The hash of the last one, if it has the length of one.
    pub(crate) fn hash(&self) -> Option<Hash> {
        self.head.as_slice().try_into().ok()
    }
}
