//! What a partner says about an `OpenID` Connect provider (R-1302).

use kit::fault::{Violations, reason};
use serde::{Deserialize, Serialize};
use url::Url;

/// Longest id or secret of a client.
const LONGEST_CLIENT: usize = 1024;
/// Longest URL.
const LONGEST_URL: usize = 2048;
/// Most scopes, and the longest of them.
const MOST_SCOPES: usize = 20;
const LONGEST_SCOPE: usize = 128;
/// Without these nobody can be recognised.
const NEEDED: [&str; 2] = ["openid", "email"];
/// Where an issuer describes itself.
pub(crate) const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// The settings. The issuer stands with the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OidcSettings {
    /// Our id there.
    pub(crate) client_id: String,
    /// What we ask for.
    pub(crate) scopes: Vec<String>,
    /// Where its endpoints are told.
    pub(crate) place: Place,
}

/// Where to find the endpoints of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    /// It describes itself there.
    Discovery(Link),
    /// They were told.
    Told(Box<Endpoints>),
}

/// Endpoints of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Endpoints {
    /// Where people are sent.
    pub(crate) authorization: Link,
    /// Where a code is redeemed.
    pub(crate) token: Link,
    /// Where its keys are.
    pub(crate) key_set: Link,
    /// Where more is told about somebody.
    pub(crate) userinfo: Option<Link>,
}

/// A URL that may be opened, or that people may be sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Link(Url);

impl Link {
    /// A text that is one.
    pub(crate) fn parse(text: &str, plain_http: bool) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let scheme = url.scheme() == "https" || plain_http && url.scheme() == "http";
        let plain = url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none();
        (scheme && plain && text.len() <= LONGEST_URL).then_some(Self(url))
    }

    /// The URL.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }
}

impl TryFrom<String> for Link {
    type Error = url::ParseError;

    /// What was kept was looked at before.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Url::parse(&text).map(Self)
    }
}

impl From<Link> for String {
    fn from(link: Link) -> Self {
        link.0.into()
    }
}

/// What was sent.
#[derive(Debug, Default)]
pub(crate) struct Form<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) scopes: &'a [String],
    pub(crate) issuer: &'a str,
    pub(crate) discovery_endpoint: &'a str,
    pub(crate) authorization_endpoint: &'a str,
    pub(crate) token_endpoint: &'a str,
    pub(crate) userinfo_endpoint: &'a str,
    pub(crate) key_set_endpoint: &'a str,
}

impl Form<'_> {
    /// Checks everything at once: the issuer, empty where it is to be discovered, and the settings.
    pub(crate) fn parse(
        &self,
        wrong: &mut Violations,
        plain_http: bool,
    ) -> Option<(String, OidcSettings)> {
        let client_id = wrong.text("clientId", self.client_id, LONGEST_CLIENT);
        let scopes = scopes(wrong, self.scopes);
        let mut read = |field, text| link(wrong, field, text, plain_http);
        // kept as it was written: it is compared byte for byte
        let issuer = read("issuer", self.issuer).map(|_| self.issuer.trim().to_owned());
        let discovery = read("discoveryEndpoint", self.discovery_endpoint);
        let authorization = read("authorizationEndpoint", self.authorization_endpoint);
        let token = read("tokenEndpoint", self.token_endpoint);
        let userinfo = read("userinfoEndpoint", self.userinfo_endpoint);
        let key_set = read("keySetEndpoint", self.key_set_endpoint);
        let place = if self.discovery_endpoint.trim().is_empty() {
            self.all_told(wrong);
            Place::Told(Box::new(Endpoints {
                authorization: authorization?,
                token: token?,
                key_set: key_set?,
                userinfo,
            }))
        } else {
            self.nothing_else(wrong);
            Place::Discovery(discovery?)
        };
        let settings = OidcSettings {
            client_id,
            scopes,
            place,
        };
        Some((issuer.unwrap_or_default(), settings))
    }

    /// Without discovery nothing can be left out but what is not needed.
    fn all_told(&self, wrong: &mut Violations) {
        for (field, text) in [
            ("issuer", self.issuer),
            ("authorizationEndpoint", self.authorization_endpoint),
            ("tokenEndpoint", self.token_endpoint),
            // who signs must be known
            ("keySetEndpoint", self.key_set_endpoint),
        ] {
            wrong.check(
                !text.trim().is_empty(),
                field,
                reason::MISSING,
                "required unless there is a discovery endpoint",
            );
        }
    }

    /// What a provider tells itself cannot be told otherwise.
    fn nothing_else(&self, wrong: &mut Violations) {
        for (field, text) in [
            ("authorizationEndpoint", self.authorization_endpoint),
            ("tokenEndpoint", self.token_endpoint),
            ("userinfoEndpoint", self.userinfo_endpoint),
            ("keySetEndpoint", self.key_set_endpoint),
        ] {
            wrong.check(
                text.trim().is_empty(),
                field,
                reason::INVALID,
                "the discovery endpoint tells this",
            );
        }
    }
}

fn scopes(wrong: &mut Violations, told: &[String]) -> Vec<String> {
    let visible = |byte: u8| byte == 0x21 || (0x23..=0x7e).contains(&byte) && byte != b'\\';
    let is_scope =
        |text: &str| (1..=LONGEST_SCOPE).contains(&text.len()) && text.bytes().all(visible);
    wrong.check(
        told.len() <= MOST_SCOPES && told.iter().all(|scope| is_scope(scope)),
        "scopes",
        reason::INVALID,
        "at most 20 words, as OAuth 2.0 has them",
    );
    for needed in NEEDED {
        wrong.check(
            told.iter().any(|scope| scope == needed),
            "scopes",
            reason::MISSING,
            "the scopes openid and email are required",
        );
    }
    told.to_vec()
}

/// A URL in a field; none when there is nothing.
fn link(wrong: &mut Violations, field: &str, text: &str, plain_http: bool) -> Option<Link> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let parsed = Link::parse(text, plain_http);
    wrong.check(
        parsed.is_some(),
        field,
        reason::INVALID,
        "this is not a URL that begins with https:// and names a host",
    );
    parsed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(form: &Form<'_>) -> Vec<String> {
        let mut wrong = Violations::default();
        let read = form.parse(&mut wrong, false);
        let wrong = wrong.into_vec();
        assert!(!wrong.is_empty() || read.is_some());
        let names = wrong.into_iter();
        names
            .map(|one| format!("{} {}", one.field, one.reason))
            .collect()
    }

    fn usual() -> Vec<String> {
        vec!["openid".to_owned(), "email".to_owned()]
    }

    #[test]
    fn r23_people_are_recognised_by_openid_and_email() {
        for (scopes, good) in [
            (vec!["openid", "email"], true),
            (vec!["email", "openid", "profile"], true),
            (vec!["openid"], false),
            (vec!["email"], false),
            (vec!["openid email"], false),
            (vec!["openid", "email", "a\"b"], false),
            (vec![], false),
        ] {
            let told: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
            let form = Form {
                client_id: "us",
                scopes: &told,
                discovery_endpoint: "https://idp.example/.well-known/openid-configuration",
                ..Form::default()
            };
            assert_eq!(check(&form).is_empty(), good, "{scopes:?}");
        }
    }

    #[test]
    fn r24_endpoints_are_told_or_discovered() {
        let scopes = usual();
        let nothing = Form {
            client_id: "us",
            scopes: &scopes,
            ..Form::default()
        };
        assert_eq!(
            check(&nothing),
            [
                "issuer MISSING",
                "authorizationEndpoint MISSING",
                "tokenEndpoint MISSING",
                "keySetEndpoint MISSING"
            ]
        );
        let told = Form {
            issuer: "https://idp.example",
            authorization_endpoint: "https://idp.example/a",
            token_endpoint: "https://idp.example/t",
            key_set_endpoint: "https://idp.example/k",
            ..nothing
        };
        assert_eq!(check(&told), [""; 0]);
        let both = Form {
            discovery_endpoint: "https://idp.example/d",
            ..told
        };
        assert_eq!(
            check(&both),
            [
                "authorizationEndpoint INVALID",
                "tokenEndpoint INVALID",
                "keySetEndpoint INVALID"
            ]
        );
    }

    #[test]
    fn r19_only_plain_urls_of_https_are_taken() {
        let scopes = usual();
        for text in [
            "http://idp.example/d",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "gopher://idp.example/",
            "https://user@idp.example/d",
            "https://user:x@idp.example/d",
            "https://idp.example/d#x",
            "idp.example/d",
            "https://",
        ] {
            let form = Form {
                client_id: "us",
                scopes: &scopes,
                discovery_endpoint: text,
                ..Form::default()
            };
            assert_eq!(check(&form), ["discoveryEndpoint INVALID"], "{text}");
        }
    }
}
