//! Registering clients.

use kit::{
    audit,
    auth::{Caller, CallerKind},
    fault::{Violations, reason},
    feed,
    id::PartnerId,
    scope::Scope,
};
use proto::identity::v1::Event;

use crate::{
    app::State,
    domain::{
        client::{Client, ClientKind},
        organization::{Kind, Organization},
        scope,
        secret::{self, SecretHash},
    },
    error::Error,
    store::{client, organization},
};

/// A client as asked for.
#[derive(Debug)]
pub(crate) struct NewClient {
    /// The tenant it is to speak for.
    pub(crate) partner: PartnerId,
    /// Whom it is to speak for.
    pub(crate) kind: ClientKind,
    /// Name for people.
    pub(crate) display_name: String,
    /// Scopes; none means all that it may have.
    pub(crate) scopes: Vec<String>,
}

/// Registers a client and makes its secret, which nobody can read again.
pub(crate) async fn create_client(
    state: &State,
    caller: &Caller,
    new: NewClient,
) -> Result<(Client, String), Error> {
    let context = &state.context;
    let reach = Scope::Whole("a client may be for another tenant than its creator's");
    let mut tx = context.db.begin(reach).await?;
    let found = organization::find(&mut tx, None, new.partner.uuid()).await?;
    let target = found
        .filter(|found| may_reach(caller, found))
        .ok_or(Error::Missing("partner"))?;
    check_kind(new.kind, &target)?;

    let client = Client {
        partner_id: new.partner,
        id: context.ids.uuid().to_string(),
        kind: new.kind,
        display_name: new.display_name,
        scopes: choose_scopes(caller, new.kind, &new.scopes)?,
    };
    let secret = secret::generate(&context.random);
    let hash = SecretHash::of(&secret);
    let now = context.clock.now();
    if !client::insert(&mut tx, &client, hash, now).await? {
        return Err(Error::Impossible("client.client_id"));
    }
    let act = audit::by(caller, "client.created")
        .organization(client.partner_id.uuid())
        .target("client", &client.id)
        .detail("name", &client.display_name)
        .detail("kind", client.kind.as_str())
        .detail("scopes", client.scopes.join(" "));
    feed::append(
        &mut tx,
        &context.ids,
        client.partner_id,
        now,
        &Event::from(act),
    )
    .await?;
    tx.commit().await?;
    Ok((client, secret))
}

/// The operator reaches every tenant, a partner itself and its sub-partners.
fn may_reach(caller: &Caller, target: &Organization) -> bool {
    let is_tenant = target.kind != Kind::Customer;
    let is_own = target.partner_id == caller.partner || target.parent == Some(caller.partner);
    is_tenant && (caller.kind == CallerKind::Operator || is_own)
}

/// Contexts get their clients when the platform starts, not by this way.
fn check_kind(kind: ClientKind, target: &Organization) -> Result<(), Error> {
    let fits = match kind {
        ClientKind::Partner => target.kind == Kind::Partner,
        ClientKind::Operator | ClientKind::Reviewer => target.kind == Kind::Operator,
        ClientKind::Service => false,
    };
    let mut wrong = Violations::default();
    wrong.check(
        fits,
        "kind",
        reason::INVALID,
        "this organization has no clients of this kind",
    );
    Error::check(wrong)
}

/// Nobody but the operator hands out more than it has.
fn choose_scopes(
    caller: &Caller,
    kind: ClientKind,
    wanted: &[String],
) -> Result<Vec<String>, Error> {
    let allowed: Vec<&str> = scope::of(kind)
        .into_iter()
        .filter(|scope| caller.kind == CallerKind::Operator || caller.scopes.contains(*scope))
        .collect();
    scope::choose(&allowed, wanted).map_err(Error::InvalidScope)
}
