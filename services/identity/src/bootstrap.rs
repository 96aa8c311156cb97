//! The first organizations and clients, which no client could create: there is none yet.
//!
//! Everything here may be repeated. The platform calls it at each start, with a context that is not
//! serving yet; only database, clock, ids and randomness of it are used.

use kit::{
    audit,
    boot::Context,
    db::Tx,
    fault::{Fault, Violations},
    feed,
    id::PartnerId,
    scope::Scope,
};
use proto::identity::v1::Event;

use crate::{
    Config,
    app::{
        State,
        create_partner::{insert_partner, new_partner},
        enrol_person,
        one_time_password::{self, By},
    },
    domain::{
        client::{Client, ClientKind},
        organization::{OrganizationId, PARTNER_FIELDS, Profile},
        person::Newcomer,
        scope,
        secret::{self, SecretHash},
        sign_in::Account,
    },
    error::Error,
    store::{client, organization, person::Place},
};

/// Name of the operator's organization until [`bootstrap`] gives it another.
const OPERATOR_NAME: &str = "Operator";
/// Why a start-up reaches every tenant.
const SCOPE: Scope = Scope::Whole("the platform's first rows are of several tenants");

/// Client id of the operator.
pub const OPERATOR_CLIENT: &str = "operator";
/// Client id of the compliance reviewer.
pub const REVIEWER_CLIENT: &str = "reviewer";
/// Client id of the first partner.
pub const PARTNER_CLIENT: &str = "partner";

/// What the platform is to hold at first.
#[derive(Debug, Clone)]
pub struct Bootstrap {
    /// Name of the operator's organization.
    pub operator_name: String,
    /// Name of the first partner.
    pub partner_name: String,
    /// Country of the first partner, ISO 3166-1 alpha-2.
    pub partner_country: String,
    /// Address of the operator's first administrator.
    pub operator_email: String,
    /// Address of the first partner's first administrator.
    pub partner_email: String,
}

/// A client's id and secret.
#[derive(Clone)]
pub struct ClientSecret {
    /// Client id.
    pub client_id: String,
    /// Secret; shown this once.
    pub client_secret: String,
}

impl std::fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ClientSecret")
            .field(&self.client_id)
            .finish()
    }
}

/// How a first administrator signs in with a browser.
#[derive(Clone)]
pub struct FirstSignIn {
    /// Address.
    pub email: String,
    /// A password that is good once, within a day; shown this once.
    pub one_time_password: String,
}

impl std::fmt::Debug for FirstSignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FirstSignIn").field(&self.email).finish()
    }
}

/// The credentials that [`bootstrap`] has made.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The operator's organization.
    pub operator_id: PartnerId,
    /// The first partner.
    pub partner_id: PartnerId,
    /// The operator's client.
    pub operator: ClientSecret,
    /// The compliance reviewer's client.
    pub reviewer: ClientSecret,
    /// The first partner's client.
    pub partner: ClientSecret,
    /// The operator's first administrator; none when the address is another organization's.
    pub operator_sign_in: Option<FirstSignIn>,
    /// The first partner's first administrator; none when the address is another organization's.
    pub partner_sign_in: Option<FirstSignIn>,
}

/// Makes sure that the context `name` can sign in as the client `svc-<name>` with this secret. An
/// existing client gets the secret; creates the operator's organization, which owns such clients, when
/// there is none.
pub async fn ensure_service_client(
    context: &Context,
    name: &str,
    secret: &str,
) -> Result<(), Fault> {
    ensure_service(context, name, secret)
        .await
        .map_err(Fault::from)
}

async fn ensure_service(context: &Context, name: &str, secret: &str) -> Result<(), Error> {
    let mut tx = context.db.begin(SCOPE).await?;
    let operator = ensure_operator(context, &mut tx).await?;
    let wanted = all_scopes(operator, &format!("svc-{name}"), ClientKind::Service, name);
    let hash = SecretHash::of(secret);
    if !client::insert(&mut tx, &wanted, hash, context.clock.now()).await? {
        client::set_secret(&mut tx, &wanted, hash).await?;
        client::set_scopes(&mut tx, &wanted).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Makes sure that there are the operator's organization, its clients, and a first partner with a
/// client. Answers with the credentials when it has made them, and with none ever after: secrets are
/// shown once. All of it happens, or nothing.
pub async fn bootstrap(
    context: &Context,
    config: &Config,
    first: Bootstrap,
) -> Result<Option<Credentials>, Fault> {
    let state = State::new(context.clone(), config.clone());
    ensure_first(&state, first).await.map_err(Fault::from)
}

async fn ensure_first(state: &State, first: Bootstrap) -> Result<Option<Credentials>, Error> {
    let context = &state.context;
    let mut wrong = Violations::default();
    let profile = Profile::parse(
        &mut wrong,
        PARTNER_FIELDS,
        &first.partner_name,
        &first.partner_country,
        "",
    );
    Error::check(wrong)?;

    let mut tx = context.db.begin(SCOPE).await?;
    let operator_id = ensure_operator(context, &mut tx).await?;
    organization::name_operator(&mut tx, &first.operator_name).await?;
    let of_operator = |id, kind, name| all_scopes(operator_id, id, kind, name);
    let operator = of_operator(OPERATOR_CLIENT, ClientKind::Operator, "Operator");
    let reviewer = of_operator(REVIEWER_CLIENT, ClientKind::Reviewer, "Compliance reviewer");

    let Some(operator) = ensure_client(context, &mut tx, operator).await? else {
        // It was here before. A newer version of the platform may know more scopes.
        client::set_scopes(&mut tx, &reviewer).await?;
        if let Some(partner) = client::sign_in(&mut tx, PARTNER_CLIENT).await? {
            let id = partner.client.partner_id;
            let partner = all_scopes(id, PARTNER_CLIENT, ClientKind::Partner, "");
            client::set_scopes(&mut tx, &partner).await?;
        }
        tx.commit().await?;
        return Ok(None);
    };
    let reviewer = ensure_client(context, &mut tx, reviewer).await?;
    let partner_id = PartnerId::new(&context.ids);
    let name = profile.display_name.clone();
    let partner = new_partner(state, partner_id, None, profile);
    let act = audit::system("identity", "partner.created");
    insert_partner(state, &mut tx, partner, act).await?;
    let partner = all_scopes(partner_id, PARTNER_CLIENT, ClientKind::Partner, &name);
    let partner = ensure_client(context, &mut tx, partner).await?;
    let taken = || Error::Impossible("client.client_id");
    let (reviewer, partner) = (reviewer.ok_or_else(taken)?, partner.ok_or_else(taken)?);
    let [operator_sign_in, partner_sign_in] =
        ensure_administrators(context, &mut tx, [operator_id, partner_id], &first).await?;
    tx.commit().await?;
    Ok(Some(Credentials {
        operator_id,
        partner_id,
        operator,
        reviewer,
        partner,
        operator_sign_in,
        partner_sign_in,
    }))
}

/// Gives the first clients new secrets and the first administrators new passwords, after theirs were
/// lost. None when they were never made.
pub async fn renew(context: &Context, first: &Bootstrap) -> Result<Option<Credentials>, Fault> {
    renew_first(context, first).await.map_err(Fault::from)
}

async fn renew_first(context: &Context, first: &Bootstrap) -> Result<Option<Credentials>, Error> {
    let mut tx = context.db.begin(SCOPE).await?;
    let mut renewed = Vec::new();
    for id in [OPERATOR_CLIENT, REVIEWER_CLIENT, PARTNER_CLIENT] {
        let Some(kept) = client::sign_in(&mut tx, id).await? else {
            return Ok(None);
        };
        let client_secret = secret::generate(&context.random);
        client::set_secret(&mut tx, &kept.client, SecretHash::of(&client_secret)).await?;
        let act = audit::system("identity", "client.secret_renewed");
        let event = Event::from(act.target("client", id));
        let (partner, now) = (kept.client.partner_id, context.clock.now());
        feed::append(&mut tx, &context.ids, partner, now, &event).await?;
        let client_id = id.to_owned();
        renewed.push((
            kept.client.partner_id,
            ClientSecret {
                client_id,
                client_secret,
            },
        ));
    }
    let mut renewed = renewed.into_iter();
    let mut next = || renewed.next().ok_or(Error::Impossible("client.client_id"));
    let ((operator_id, operator), (_, reviewer)) = (next()?, next()?);
    let (partner_id, partner) = next()?;
    let [operator_sign_in, partner_sign_in] =
        ensure_administrators(context, &mut tx, [operator_id, partner_id], first).await?;
    tx.commit().await?;
    Ok(Some(Credentials {
        operator_id,
        partner_id,
        operator,
        reviewer,
        partner,
        operator_sign_in,
        partner_sign_in,
    }))
}

/// Makes sure that both organizations have their first administrator, and gives each a password that
/// is good once.
async fn ensure_administrators(
    context: &Context,
    tx: &mut Tx,
    [operator, partner]: [PartnerId; 2],
    first: &Bootstrap,
) -> Result<[Option<FirstSignIn>; 2], Error> {
    Ok([
        ensure_administrator(context, tx, operator, &first.operator_email).await?,
        ensure_administrator(context, tx, partner, &first.partner_email).await?,
    ])
}

async fn ensure_administrator(
    context: &Context,
    tx: &mut Tx,
    partner: PartnerId,
    email: &str,
) -> Result<Option<FirstSignIn>, Error> {
    let mut wrong = Violations::default();
    let new = Newcomer::parse(&mut wrong, email, "First", "Administrator");
    Error::check(wrong)?;
    let Some(new) = new else { return Ok(None) };
    let organization = OrganizationId::from_uuid(partner.uuid());
    let place = Place {
        partner,
        organization,
    };
    let act = audit::system("identity", "person.enrolled");
    let found = match enrol_person::join(context, tx, place, &new, act).await {
        Err(Error::EmailInUse) => return Ok(None),
        found => found?,
    };
    let whose = Account {
        partner,
        organization,
        person: found.id,
    };
    let by = By {
        subject: "",
        act: audit::system("identity", "one_time_password.created"),
    };
    let made = one_time_password::create_in(context, tx, whose, by).await?;
    Ok(Some(FirstSignIn {
        email: found.email,
        one_time_password: made.password.into_text(),
    }))
}

async fn ensure_operator(context: &Context, tx: &mut Tx) -> Result<PartnerId, Error> {
    if let Some(id) = organization::operator(tx).await? {
        return Ok(id);
    }
    let (id, now) = (PartnerId::new(&context.ids), context.clock.now());
    organization::insert_operator(tx, id, OPERATOR_NAME, now).await?;
    // Another replica may have been faster.
    organization::operator(tx)
        .await?
        .ok_or(Error::Impossible("organization.kind"))
}

/// Adds a client with a new secret; an existing one only gets the scopes.
async fn ensure_client(
    context: &Context,
    tx: &mut Tx,
    wanted: Client,
) -> Result<Option<ClientSecret>, Error> {
    let client_secret = secret::generate(&context.random);
    let hash = SecretHash::of(&client_secret);
    if client::insert(tx, &wanted, hash, context.clock.now()).await? {
        return Ok(Some(ClientSecret {
            client_id: wanted.id,
            client_secret,
        }));
    }
    client::set_scopes(tx, &wanted).await?;
    Ok(None)
}

fn all_scopes(partner_id: PartnerId, id: &str, kind: ClientKind, name: &str) -> Client {
    let mut scopes: Vec<String> = scope::of(kind).into_iter().map(str::to_owned).collect();
    scopes.sort();
    Client {
        partner_id,
        id: id.to_owned(),
        kind,
        display_name: name.to_owned(),
        scopes,
    }
}
