//! A browser that keeps cookies and fills in forms.

use kit::link::Link;
use proto::identity::v1::{
    self as wire, BeginRequest, ContinueRequest, CookieKind, Page, PageKind, Parameter,
    ReadAccountRequest, SignInStep, SignOutRequest, sign_in_client::SignInClient,
    sign_in_step::Next,
};

/// A browser.
#[derive(Clone)]
pub(crate) struct Browser {
    client: SignInClient<Link>,
    /// Its cookies and what else it says.
    pub(crate) says: wire::Browser,
    /// The form that it was shown last.
    pub(crate) form: String,
}

/// What a browser was told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Told {
    Page(Box<Page>),
    Go(String),
}

impl Told {
    pub(crate) fn page(self) -> Page {
        match self {
            Self::Page(page) => *page,
            Self::Go(path) => panic!("sent to {path}"),
        }
    }

    pub(crate) fn path(self) -> String {
        match self {
            Self::Go(path) => path,
            Self::Page(page) => panic!("shown {page:?}"),
        }
    }

    pub(crate) fn kind_and_problem(self) -> (PageKind, String) {
        let page = self.page();
        (page.kind(), page.problem)
    }
}

impl Browser {
    pub(crate) fn new(link: &Link) -> Self {
        Self {
            client: SignInClient::new(link.clone()),
            says: wire::Browser {
                address: "192.0.2.1".to_owned(),
                agent: "Browser/1".to_owned(),
                ..wire::Browser::default()
            },
            form: String::new(),
        }
    }

    /// Opens the sign-in page.
    pub(crate) async fn open(&mut self) -> Told {
        let request = BeginRequest {
            browser: Some(self.says.clone()),
            parameters: Vec::new(),
        };
        let step = self.client.begin(request).await.unwrap().into_inner();
        self.take(step)
    }

    /// Fills in the form that was shown last.
    pub(crate) async fn fill(&mut self, action: &str, fields: &[(&str, &str)]) -> Told {
        let step = self.sent(action, fields).await;
        self.take(step)
    }

    /// The same without looking at the answer.
    pub(crate) async fn sent(&self, action: &str, fields: &[(&str, &str)]) -> SignInStep {
        let fields = fields.iter().map(|&(name, text)| Parameter {
            name: name.to_owned(),
            text: text.to_owned(),
        });
        let request = ContinueRequest {
            browser: Some(self.says.clone()),
            form: self.form.clone(),
            action: action.to_owned(),
            fields: fields.collect(),
        };
        let mut client = self.client.clone();
        client.r#continue(request).await.unwrap().into_inner()
    }

    pub(crate) async fn account(&mut self) -> Told {
        let request = ReadAccountRequest {
            browser: Some(self.says.clone()),
        };
        let step = self.client.read_account(request).await.unwrap();
        self.take(step.into_inner())
    }

    pub(crate) async fn sign_out(&mut self, session: &str) -> Told {
        let request = SignOutRequest {
            browser: Some(self.says.clone()),
            form: self.form.clone(),
            session_id: session.to_owned(),
            parameters: Vec::new(),
        };
        let step = self.client.sign_out(request).await.unwrap().into_inner();
        self.take(step)
    }

    /// Types an address and a password.
    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> Told {
        let page = self.open().await.page();
        if page.kind() == PageKind::Identifier {
            let page = self.fill("identify", &[("email", email)]).await.page();
            assert_eq!(page.kind(), PageKind::Password, "{page:?}");
        }
        self.fill("password", &[("password", password)]).await
    }

    /// Signs in with a password that is good once and chooses another.
    pub(crate) async fn first_sign_in(&mut self, email: &str, once: &str, password: &str) {
        let page = self.sign_in(email, once).await.page();
        assert_eq!(page.kind(), PageKind::NewPassword, "{page:?}");
        let told = self.choose(password).await;
        assert_eq!(told.path(), "/sign-in/account");
    }

    pub(crate) async fn choose(&mut self, password: &str) -> Told {
        let fields = [("new_password", password), ("repeated", password)];
        self.fill("new_password", &fields).await
    }

    fn take(&mut self, step: SignInStep) -> Told {
        for cookie in step.cookies {
            let kept = match cookie.kind() {
                CookieKind::Session => &mut self.says.session_cookie,
                CookieKind::Flow => &mut self.says.flow_cookie,
                kind => panic!("a cookie {kind:?}"),
            };
            *kept = cookie.text;
        }
        match step.next.expect("something to do") {
            Next::Page(page) => {
                self.form.clone_from(&page.form);
                Told::Page(Box::new(page))
            }
            Next::RedirectUrl(path) => Told::Go(path),
            Next::Refusal(refusal) => panic!("refused: {refusal:?}"),
        }
    }
}
