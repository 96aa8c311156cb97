//! Sub-partners (R-1101 to R-1106).

use kit::{
    audit::{self, Entry},
    auth::{Caller, CallerKind},
    fault::Violations,
    idempotency::{self, Claim},
    page,
    scope::Scope,
};
use uuid::Uuid;

use crate::{
    app::{App, Page, after, template::key_reused, verdict},
    domain::sub_partner::{SubPartner, SubPartnerForm, SubPartnerState},
    error::{Error, reason},
    store,
};

/// Sub-partners of a page when nothing else is asked for, and at most.
const PAGE: (i64, i64) = (100, 1000);
/// Country of an organization for which none is asked.
const COUNTRY: &str = "US";

/// Sets a sub-partner up: its row, its organization, its administrator, and then it is there. A
/// repeat with the same key goes on where the first try stopped.
pub(crate) async fn create_sub_partner(
    app: &App,
    caller: &Caller,
    form: &SubPartnerForm,
    key: &str,
    fingerprint: &[u8; 32],
) -> Result<SubPartner, Error> {
    caller.require_kind(CallerKind::Partner)?;
    let mut violations = Violations::default();
    let draft = form.checked(app.uuid(), app.now(), &mut violations);
    verdict(violations)?;
    let sub_partner = reserve(app, caller, draft, key, fingerprint).await?;
    let organization_id = sub_partner.organization_id;
    if app
        .email_taken(&sub_partner.admin_email, Some(organization_id))
        .await?
    {
        return Err(Error::conflict(
            reason::EMAIL_IN_USE,
            "the administrator's e-mail belongs to another organization",
        ));
    }
    app.create_sub_partner_organization(caller.partner, &sub_partner, COUNTRY)
        .await?;
    let why = "a sub-partner's own terms are written with the parent's view of it";
    let mut tx = app.context.db.begin(Scope::Whole(why)).await?;
    store::sub_partner::ready(&mut tx, caller.partner, &sub_partner).await?;
    tx.commit().await?;
    Ok(sub_partner)
}

/// Writes the set-up down, or finds what an earlier try wrote.
async fn reserve(
    app: &App,
    caller: &Caller,
    draft: SubPartner,
    key: &str,
    fingerprint: &[u8; 32],
) -> Result<SubPartner, Error> {
    let partner = caller.partner;
    let mut tx = app.context.db.begin(caller.scope()).await?;
    if store::sub_partner::shared_subscription(&mut tx, partner)
        .await?
        .is_some()
    {
        return Err(Error::precondition(
            reason::NESTED_SUB_PARTNER,
            "a sub-partner cannot have sub-partners",
        ));
    }
    if !key.is_empty() {
        let reference = draft.organization_id;
        let at = draft.created_at;
        match idempotency::claim(&mut tx, partner, key, fingerprint, reference, at).await? {
            Claim::New => {}
            Claim::Same(made) => {
                return store::sub_partner::find_any(&mut tx, partner, made)
                    .await?
                    .ok_or(Error::Missing("sub-partner"));
            }
            Claim::Different => return Err(key_reused()),
        }
    }
    store::sub_partner::insert(&mut tx, partner, &draft).await?;
    let act = on(audit::by(caller, "partner.created"), draft.organization_id);
    app.note(
        &mut tx,
        partner,
        act.detail("name", &draft.name),
        draft.created_at,
    )
    .await?;
    tx.commit().await?;
    Ok(draft)
}

/// An act on a sub-partner.
fn on(act: Entry, sub_partner: Uuid) -> Entry {
    act.organization(sub_partner)
        .target("organization", sub_partner)
}

/// Reads one.
pub(crate) async fn get_sub_partner(
    app: &App,
    caller: &Caller,
    organization_id: Uuid,
) -> Result<SubPartner, Error> {
    let mut tx = app.context.db.begin(caller.scope()).await?;
    store::sub_partner::find(&mut tx, caller.partner, organization_id)
        .await?
        .ok_or(Error::Missing("sub-partner"))
}

/// A page, oldest first.
pub(crate) async fn list_sub_partners(
    app: &App,
    caller: &Caller,
    state: Option<SubPartnerState>,
    size: i32,
    token: &str,
    offset: i32,
) -> Result<Page<SubPartner>, Error> {
    let size = page::size(size, PAGE.0, PAGE.1);
    let after = after(token)?;
    let offset = if after.is_some() {
        0
    } else {
        i64::from(offset.max(0))
    };
    let mut tx = app.context.db.begin(caller.scope()).await?;
    let found =
        store::sub_partner::list(&mut tx, caller.partner, state, after, offset, size + 1).await?;
    Ok(Page::new(found, size, |it| {
        (it.created_at, it.organization_id)
    }))
}

/// Suspends or resumes one: first where tokens are made, then in the parent's view.
pub(crate) async fn set_suspended(
    app: &App,
    caller: &Caller,
    organization_id: Uuid,
    suspended: bool,
) -> Result<SubPartner, Error> {
    let sub_partner = get_sub_partner(app, caller, organization_id).await?;
    app.suspend_partner(organization_id, suspended).await?;
    let (state, act) = if suspended {
        let act = audit::by(caller, "partner.suspended");
        (SubPartnerState::Suspended, act)
    } else {
        let act = audit::by(caller, "partner.resumed");
        (SubPartnerState::Active, act)
    };
    let mut tx = app.context.db.begin(caller.scope()).await?;
    store::sub_partner::set_state(&mut tx, caller.partner, organization_id, state).await?;
    let act = on(act, organization_id);
    app.note(&mut tx, caller.partner, act, app.now()).await?;
    tx.commit().await?;
    Ok(SubPartner {
        state,
        ..sub_partner
    })
}
