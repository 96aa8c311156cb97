//! The first credentials: operator, reviewer, and a first partner with its subscription and an
//! onboarding template, so that a newcomer can create a customer at once.

use kit::{BoxError, auth::bearer, boot::Context, fault::Fault, link::Links};
use proto::{
    billing::v1::{CreateSubscriptionRequest, subscriptions_client::SubscriptionsClient},
    identity::v1::{IssueTokenRequest, tokens_client::TokensClient},
    provisioning::v1::{
        CreateTemplateRequest, TemplateSettings, templates_client::TemplatesClient,
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    cli,
    config::Config,
    platform::{Shared, ensure_service_clients},
    say,
};

/// A client's id and secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Client {
    /// Client id.
    pub client_id: String,
    /// Client secret.
    pub client_secret: String,
    /// Organization it speaks for, as a UUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_id: Option<String>,
    /// Provisioning id of the first onboarding template, as customer creation takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioning_id: Option<String>,
    /// The wholesale subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription_id: Option<String>,
    /// How its first administrator signs in with a browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignIn>,
}

/// How somebody signs in with a browser, once; then the person chooses a password.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignIn {
    /// Address.
    pub email: String,
    /// A password that is good once, within a day.
    pub one_time_password: String,
}

impl From<identity::bootstrap::FirstSignIn> for SignIn {
    fn from(first: identity::bootstrap::FirstSignIn) -> Self {
        Self {
            email: first.email,
            one_time_password: first.one_time_password,
        }
    }
}

/// What `credentials.json` holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Credentials {
    /// Where the public REST API is.
    pub base_url: String,
    /// Runs the platform.
    pub operator: Client,
    /// The first partner.
    pub partner: Client,
    /// Decides screening cases.
    pub reviewer: Client,
    /// Made just now.
    #[serde(skip)]
    pub new: bool,
}

impl Credentials {
    fn new(made: identity::bootstrap::Credentials, base_url: String) -> Self {
        let client = |client: identity::bootstrap::ClientSecret, org: kit::id::PartnerId| Client {
            client_id: client.client_id,
            client_secret: client.client_secret,
            org_id: Some(org.to_string()),
            provisioning_id: None,
            subscription_id: None,
            sign_in: None,
        };
        Self {
            base_url,
            operator: Client {
                sign_in: made.operator_sign_in.map(SignIn::from),
                ..client(made.operator, made.operator_id)
            },
            partner: Client {
                sign_in: made.partner_sign_in.map(SignIn::from),
                ..client(made.partner, made.partner_id)
            },
            reviewer: client(made.reviewer, made.operator_id),
            new: true,
        }
    }

    /// For people, once.
    pub(crate) fn shown_once(&self) -> String {
        let line = |name: &str, client: &Client| {
            format!(
                "  {name:<9} client_id={} client_secret={}",
                client.client_id, client.client_secret
            )
        };
        let mut lines = vec![
            "first credentials (shown once, also in credentials.json):".to_owned(),
            line("operator", &self.operator),
            line("partner", &self.partner),
            line("reviewer", &self.reviewer),
        ];
        let people = [&self.operator, &self.partner];
        let people: Vec<_> = people
            .iter()
            .filter_map(|who| who.sign_in.as_ref())
            .collect();
        if !people.is_empty() {
            lines.push(format!(
                "first administrators, each with a password that is good once, today, at {}/sign-in:",
                self.base_url
            ));
        }
        lines.extend(
            people
                .iter()
                .map(|who| format!("  {} {}", who.email, who.one_time_password)),
        );
        lines.join("\n")
    }
}

/// `token`: prints the first credentials of a split deployment.
pub(crate) async fn run(config: &Config, command: &cli::Token) -> Result<(), BoxError> {
    let shared = Shared::away(config)?;
    let identity = shared.context("identity")?;
    ensure_service_clients(&shared, &identity).await?;
    let base_url = config.gateway.base_url.clone();
    let base_url = base_url.unwrap_or_else(|| format!("http://{}", config.listen));
    let mut credentials = match command {
        cli::Token::Bootstrap => first(&identity, None, base_url).await?,
        cli::Token::Renew => renew(&identity, base_url).await?,
    };
    // secrets are shown whatever comes after
    let equipped = equip(&shared.links, &mut credentials).await;
    say(&serde_json::to_string_pretty(&credentials)?)?;
    equipped
}

/// Makes what is missing: clients, the partner's subscription, its first template. Repeatable.
pub async fn ensure(
    identity: &Context,
    links: &Links,
    kept: Option<Credentials>,
    base_url: String,
) -> Result<Credentials, BoxError> {
    let mut credentials = first(identity, kept, base_url).await?;
    equip(links, &mut credentials).await?;
    Ok(credentials)
}

/// The first clients: made now, or what was kept of them. Write them down before anything else.
pub async fn first(
    identity: &Context,
    kept: Option<Credentials>,
    base_url: String,
) -> Result<Credentials, BoxError> {
    let config = identity::Config::default();
    match (
        identity::bootstrap::bootstrap(identity, &config, beginning()).await?,
        kept,
    ) {
        (Some(made), _) => Ok(Credentials::new(made, base_url)),
        (None, Some(kept)) => Ok(Credentials { base_url, ..kept }),
        (None, None) => Err(
            "the first credentials were made before, and are shown once; new secrets: \
                 `entrepot up --renew-credentials`, or `entrepot token renew`"
                .into(),
        ),
    }
}

fn beginning() -> identity::bootstrap::Bootstrap {
    identity::bootstrap::Bootstrap {
        operator_name: "Platform Operator".to_owned(),
        partner_name: "Demo Telecom".to_owned(),
        partner_country: "US".to_owned(),
        operator_email: "admin@operator.example".to_owned(),
        partner_email: "admin@demo-telecom.example".to_owned(),
    }
}

/// The first clients with new secrets, and the first administrators with new passwords.
pub async fn renew(identity: &Context, base_url: String) -> Result<Credentials, BoxError> {
    let renewed = identity::bootstrap::renew(identity, &beginning()).await?;
    let renewed = renewed.ok_or("there are no first credentials yet")?;
    Ok(Credentials::new(renewed, base_url))
}

/// The partner's subscription and first template; nothing when it has them.
pub async fn equip(links: &Links, credentials: &mut Credentials) -> Result<(), BoxError> {
    if credentials.partner.provisioning_id.is_some() {
        return Ok(());
    }
    let Some(partner_id) = credentials.partner.org_id.clone() else {
        return Ok(());
    };
    let subscription_id = "Sub1000001".to_owned();
    let operator = access_token(links, &credentials.operator).await?;
    let request = CreateSubscriptionRequest {
        partner_id,
        subscription_id: subscription_id.clone(),
        currency: "USD".to_owned(),
    };
    SubscriptionsClient::new(links.billing.clone())
        .create_subscription(bearer(request, &operator)?)
        .await
        .map_err(Fault::from)?;

    let partner = access_token(links, &credentials.partner).await?;
    let settings = TemplateSettings {
        name: "First template".to_owned(),
        country: "US".to_owned(),
        language: "en_US".to_owned(),
        subscription_id: subscription_id.clone(),
        service_provider_admin: "admin@demo-telecom.example".to_owned(),
        ..TemplateSettings::default()
    };
    let request = CreateTemplateRequest {
        settings: Some(settings),
        idempotency_key: "first-template".to_owned(),
    };
    let template = TemplatesClient::new(links.provisioning.clone())
        .create_template(bearer(request, &partner)?)
        .await
        .map_err(Fault::from)?
        .into_inner();
    credentials.partner.provisioning_id = Some(public_provisioning_id(&template.provisioning_id));
    credentials.partner.subscription_id = Some(subscription_id);
    Ok(())
}

/// The base64 of a bare UUID: how the public API writes provisioning ids.
fn public_provisioning_id(uuid: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(uuid)
}

async fn access_token(links: &Links, client: &Client) -> Result<String, BoxError> {
    let request = IssueTokenRequest {
        client_id: client.client_id.clone(),
        client_secret: client.client_secret.clone(),
        scopes: Vec::new(),
    };
    let issued = TokensClient::new(links.identity.clone())
        .issue_token(request)
        .await
        .map_err(Fault::from)?;
    Ok(issued.into_inner().access_token)
}
