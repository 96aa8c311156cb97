//! A browser that goes to a provider and comes back.

use std::io::Read as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kit::link::Link;
use proto::identity::v1::{
    self as wire, BeginRequest, ContinueRequest, CookieKind, DepartRequest, Parameter,
    ReceiveAssertionRequest, SignInStep, saml_sign_on_client::SamlSignOnClient,
    sign_in_client::SignInClient, sign_in_step::Next, single_sign_on_client::SingleSignOnClient,
};
use sqlx::{Connection as _, PgConnection};

use crate::it::world::World;

/// A browser.
#[derive(Clone)]
pub(super) struct Visitor {
    link: Link,
    pub(super) says: wire::Browser,
}

/// What a provider was asked.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The whole address.
    pub(super) url: String,
    /// The request.
    pub(super) message: String,
    /// Its id.
    pub(super) id: String,
    /// What must come back.
    pub(super) relay_state: String,
}

impl Asked {
    fn read(url: String) -> Self {
        let query = url.split_once('?').expect("a query").1;
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let only = |name: &str| {
            let found = pairs.iter().find(|(known, _)| known == name);
            found.expect(name).1.clone()
        };
        let deflated = STANDARD.decode(only("SAMLRequest")).unwrap();
        let mut message = String::new();
        flate2::read::DeflateDecoder::new(deflated.as_slice())
            .read_to_string(&mut message)
            .unwrap();
        let (_, rest) = message.split_once(" ID=\"").unwrap();
        let id = rest.split('"').next().unwrap().to_owned();
        assert!(!only("Signature").is_empty());
        Self {
            id,
            relay_state: only("RelayState"),
            message,
            url,
        }
    }
}

impl Visitor {
    pub(super) fn new(world: &World) -> Self {
        Self {
            link: world.link.clone(),
            says: wire::Browser {
                address: "192.0.2.7".to_owned(),
                agent: "Browser/2".to_owned(),
                ..wire::Browser::default()
            },
        }
    }

    fn take(&mut self, step: SignInStep) -> Next {
        for cookie in step.cookies {
            let kept = match cookie.kind() {
                CookieKind::Session => &mut self.says.session_cookie,
                CookieKind::Flow => &mut self.says.flow_cookie,
                CookieKind::Sso => &mut self.says.sso_cookie,
                CookieKind::Unspecified => panic!("a cookie without a kind"),
            };
            *kept = cookie.text;
        }
        step.next.expect("something to do")
    }

    /// Types an address.
    pub(super) async fn identify(&mut self, email: &str) -> Next {
        let mut client = SignInClient::new(self.link.clone());
        let request = BeginRequest {
            browser: Some(self.says.clone()),
            parameters: Vec::new(),
        };
        let step = client.begin(request).await.unwrap().into_inner();
        let Next::Page(page) = self.take(step) else {
            panic!("no page");
        };
        let request = ContinueRequest {
            browser: Some(self.says.clone()),
            form: page.form,
            action: "identify".to_owned(),
            fields: vec![Parameter {
                name: "email".to_owned(),
                text: email.to_owned(),
            }],
        };
        let step = client.r#continue(request).await.unwrap().into_inner();
        self.take(step)
    }

    /// Types an address, and is sent to the provider.
    pub(super) async fn leave(&mut self, email: &str) -> Asked {
        match self.identify(email).await {
            Next::RedirectUrl(url) => Asked::read(url),
            other => panic!("{other:?}"),
        }
    }

    /// Opens the link of a test.
    pub(super) async fn open_test(&mut self, url: &str) -> Next {
        let (path, ticket) = url.split_once("/test?ticket=").unwrap();
        let request = DepartRequest {
            browser: Some(self.says.clone()),
            connection_id: path.rsplit('/').next().unwrap().to_owned(),
            ticket: ticket.to_owned(),
        };
        let mut client = SingleSignOnClient::new(self.link.clone());
        let step = client.depart(request).await.unwrap().into_inner();
        self.take(step)
    }

    pub(super) async fn leave_for_test(&mut self, url: &str) -> Asked {
        match self.open_test(url).await {
            Next::RedirectUrl(url) => Asked::read(url),
            other => panic!("{other:?}"),
        }
    }

    /// Comes back with a document.
    pub(super) async fn post(
        &mut self,
        connection: &str,
        document: &str,
        relay_state: &str,
    ) -> Next {
        let request = ReceiveAssertionRequest {
            browser: Some(self.says.clone()),
            connection_id: connection.to_owned(),
            saml_response: STANDARD.encode(document),
            relay_state: relay_state.to_owned(),
        };
        let mut client = SamlSignOnClient::new(self.link.clone());
        let step = client
            .receive_assertion(request)
            .await
            .unwrap()
            .into_inner();
        self.take(step)
    }
}

impl World {
    pub(super) async fn sessions(&self) -> i64 {
        let mut sql = PgConnection::connect(&self.url).await.unwrap();
        let count = "select count(*) from identity.session";
        sqlx::query_scalar(count).fetch_one(&mut sql).await.unwrap()
    }

    /// Nobody came in: the browser got the one word, there is no session, and the audit has the reason.
    #[track_caller]
    pub(super) fn expect_refused(&self, next: Next, reason: &str) -> impl Future<Output = ()> + '_ {
        let place = std::panic::Location::caller();
        match next {
            Next::Refusal(refusal) => assert_eq!(refusal.reason, "SIGN_IN_FAILED"),
            other => panic!("{place}: {other:?}"),
        }
        let reason = reason.to_owned();
        async move {
            assert_eq!(self.sessions().await, 0, "{place}");
            let acts = self.acts().await;
            let last = acts.last().expect("an act");
            let told = (last.action.as_str(), last.reason.as_str());
            assert_eq!(told, ("sign_in.refused", reason.as_str()), "{place}");
        }
    }
}
