//! A parent acts for its sub-partner (R-1103).

use kit::{
    audit,
    auth::{Act, Caller, CallerKind, OrgKind},
    feed,
    id::PartnerId,
    scope::Scope,
};
use proto::identity::v1::Event;

use crate::{
    app::{
        State,
        issue_token::{Grant, Issued, issue},
    },
    domain::scope,
    error::Error,
    store::organization,
};

/// Issues a token that speaks for the sub-partner and names the parent. It carries no scope that the
/// caller's own lacks, and is as suspended as the sub-partner is.
pub(crate) async fn act_for_sub_partner(
    state: &State,
    caller: Caller,
    sub_partner: PartnerId,
) -> Result<Issued, Error> {
    let asked_at = state.context.clock.now();
    let reach = Scope::Whole("a parent's sub-partner is another tenant");
    let mut tx = state.context.db.begin(reach).await?;
    let child = organization::suspended_child(&mut tx, sub_partner, caller.partner).await?;
    let suspended = child.ok_or(Error::Missing("sub-partner"))?;
    let act = audit::by(&caller, "token.exchanged").organization(sub_partner.uuid());
    let (context, event) = (&state.context, Event::from(act));
    feed::append(
        &mut tx,
        &context.ids,
        sub_partner,
        context.clock.now(),
        &event,
    )
    .await?;
    tx.commit().await?;

    let grant = Grant {
        client: caller.client,
        partner: sub_partner,
        organization: (sub_partner.uuid(), OrgKind::SubPartner),
        kind: CallerKind::Partner,
        scopes: scope::while_acting(caller.scopes),
        roles: caller.roles,
        actor: Some(Act {
            sub: caller.subject.clone(),
            org: caller.partner,
            sid: caller.session,
        }),
        subject: caller.subject,
        suspended,
        asked_at,
        life: state.config.acting_token_life(),
    };
    issue(state, grant).await
}
