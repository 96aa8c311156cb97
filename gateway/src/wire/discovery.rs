//! What clients find out by themselves (RFC 7517, RFC 8414): names with underscores.

use super::wire;

wire! {
    /// What the authorization server can do.
    struct AuthorizationServer {
        /// Who issues tokens.
        issuer: String,
        /// Where the keys are that verify tokens.
        #[serde(rename = "jwks_uri")]
        jwks_uri: String,
        /// Where tokens are issued.
        #[serde(rename = "token_endpoint")]
        token_endpoint: String,
        /// Ways to get a token.
        #[serde(rename = "grant_types_supported")]
        grant_types_supported: Vec<String>,
        /// Answers of an authorization endpoint; there is none.
        #[serde(rename = "response_types_supported")]
        response_types_supported: Vec<String>,
        /// How a client proves who it is.
        #[serde(rename = "token_endpoint_auth_methods_supported")]
        token_endpoint_auth_methods_supported: Vec<String>,
        /// Where the API is described.
        #[serde(rename = "service_documentation")]
        service_documentation: String,
    }

    /// Keys that verify tokens.
    struct JsonWebKeySet {
        /// The keys.
        keys: Vec<JsonWebKey>,
    }

    /// A public key.
    struct JsonWebKey {
        /// `OKP` (RFC 8037) or `EC`.
        kty: String,
        /// `Ed25519` or `P-256`.
        crv: String,
        /// `EdDSA` or `ES256`.
        alg: String,
        /// `sig`.
        #[serde(rename = "use")]
        usage: String,
        /// Key id, the `kid` of a token's header.
        kid: String,
        /// The point, or its first coordinate.
        x: String,
        /// Second coordinate, of `EC` keys.
        y: Option<String>,
    }
}
