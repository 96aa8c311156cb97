//! The token endpoint (RFC 6749): names with underscores.

#![expect(clippy::struct_field_names, reason = "fields are named as published")]

use super::wire;

wire! {
    /// A request for a token.
    struct TokenRequest {
        /// `client_credentials`.
        #[serde(rename = "grant_type")]
        grant_type: Option<String>,
        /// Client id, unless the Basic header has it.
        #[serde(rename = "client_id")]
        client_id: Option<String>,
        /// Client secret, unless the Basic header has it.
        #[serde(rename = "client_secret")]
        client_secret: Option<String>,
        /// Scopes, separated by spaces; all of the client's when absent.
        scope: Option<String>,
    }

    /// A token.
    struct Token {
        /// The token.
        #[serde(rename = "access_token")]
        access_token: String,
        /// Seconds until it ends.
        #[serde(rename = "expires_in")]
        expires_in: i64,
        /// `Bearer`.
        #[serde(rename = "token_type")]
        token_type: String,
        /// Scopes, separated by spaces.
        scope: String,
    }
}
