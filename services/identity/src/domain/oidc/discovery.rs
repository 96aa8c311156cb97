//! What a provider says about itself (`OpenID` Connect Discovery 1.0, RFC 8414), as far as it is believed.

use serde::Deserialize;
use url::Url;

use super::settings::{Endpoints, Link, WELL_KNOWN};

/// How a client proves itself at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientProof {
    /// `client_secret_basic`, which every provider must take.
    Basic,
    /// `client_secret_post`, where it says that it takes nothing else of the two.
    Post,
}

/// A provider as we deal with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Metadata {
    /// Who it is.
    pub(crate) issuer: String,
    /// Where things are.
    pub(crate) endpoints: Endpoints,
    /// It promises to name itself in its answers (RFC 9207).
    pub(crate) names_itself: bool,
    /// How we prove ourselves.
    pub(crate) proof: ClientProof,
}

/// Why what it says is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    /// It is no description of a provider.
    #[error("this does not describe an OpenID provider that gives codes")]
    Unreadable,
    /// It describes another provider.
    #[error("this describes another issuer")]
    OtherIssuer,
    /// It names an endpoint that is no URL of https.
    #[error("an endpoint is not a URL of https")]
    BadEndpoint,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    response_types_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// Of what was told by hand.
    pub(crate) fn told(issuer: &str, endpoints: &Endpoints) -> Self {
        Self {
            issuer: issuer.to_owned(),
            endpoints: endpoints.clone(),
            names_itself: false,
            proof: ClientProof::Basic,
        }
    }

    /// From a document that was found at `place`. The issuer is the one that was expected; where none
    /// was, it is one that describes itself right there (R18).
    pub(crate) fn read(
        document: &[u8],
        place: &Url,
        expected: &str,
        plain_http: bool,
    ) -> Result<Self, Unfit> {
        let told: Document = serde_json::from_slice(document).map_err(|_| Unfit::Unreadable)?;
        let is_expected = if expected.is_empty() {
            let issuer = told.issuer.trim_end_matches('/');
            format!("{issuer}{WELL_KNOWN}") == place.as_str()
        } else {
            told.issuer == expected
        };
        if !is_expected {
            return Err(Unfit::OtherIssuer);
        }
        let takes = |list: &Option<Vec<String>>, word: &str| {
            let list = list.as_ref();
            list.is_none_or(|list| list.iter().any(|one| one == word))
        };
        if !takes(&told.response_types_supported, "code") {
            return Err(Unfit::Unreadable);
        }
        let link = |text: &str| Link::parse(text, plain_http).ok_or(Unfit::BadEndpoint);
        link(&told.issuer)?;
        let methods = &told.token_endpoint_auth_methods_supported;
        let post_only =
            !takes(methods, "client_secret_basic") && takes(methods, "client_secret_post");
        Ok(Self {
            endpoints: Endpoints {
                authorization: link(&told.authorization_endpoint)?,
                token: link(&told.token_endpoint)?,
                key_set: link(&told.jwks_uri)?,
                userinfo: told.userinfo_endpoint.as_deref().map(link).transpose()?,
            },
            names_itself: told.authorization_response_iss_parameter_supported,
            proof: if post_only {
                ClientProof::Post
            } else {
                ClientProof::Basic
            },
            issuer: told.issuer,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const PLACE: &str = "https://idp.example/.well-known/openid-configuration";

    fn document() -> Value {
        json!({
            "issuer": "https://idp.example",
            "authorization_endpoint": "https://idp.example/a",
            "token_endpoint": "https://idp.example/t",
            "jwks_uri": "https://idp.example/k",
        })
    }

    fn read(document: &Value, expected: &str) -> Result<Metadata, Unfit> {
        let place = Url::parse(PLACE).unwrap();
        Metadata::read(document.to_string().as_bytes(), &place, expected, false)
    }

    #[test]
    fn r18_discovery_of_another_issuer() {
        assert!(read(&document(), "").is_ok());
        assert!(read(&document(), "https://idp.example").is_ok());
        for expected in ["https://idp.example/", "https://other.example"] {
            assert_eq!(read(&document(), expected), Err(Unfit::OtherIssuer));
        }
        for issuer in [
            "https://evil.example",
            "https://idp.example/tenant",
            "http://idp.example",
            "",
        ] {
            let mut document = document();
            document["issuer"] = issuer.into();
            assert_eq!(read(&document, ""), Err(Unfit::OtherIssuer), "{issuer}");
        }
    }

    #[test]
    fn endpoints_are_urls_of_https() {
        for field in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            for url in ["http://idp.example/x", "javascript:alert(1)", "x"] {
                let mut document = document();
                document[field] = url.into();
                assert_eq!(read(&document, ""), Err(Unfit::BadEndpoint), "{field}");
            }
            let mut document = document();
            document[field] = Value::Null;
            assert_eq!(read(&document, ""), Err(Unfit::Unreadable), "{field}");
        }
        let mut implicit = document();
        implicit["response_types_supported"] = json!(["id_token"]);
        assert_eq!(read(&implicit, ""), Err(Unfit::Unreadable));
    }

    #[test]
    fn a_client_proves_itself_as_the_provider_takes_it() {
        for (methods, proof) in [
            (Value::Null, ClientProof::Basic),
            (json!(["client_secret_post"]), ClientProof::Post),
            (
                json!(["client_secret_post", "client_secret_basic"]),
                ClientProof::Basic,
            ),
            (json!(["private_key_jwt"]), ClientProof::Basic),
        ] {
            let mut document = document();
            document["token_endpoint_auth_methods_supported"] = methods;
            assert_eq!(read(&document, "").unwrap().proof, proof);
        }
    }
}
