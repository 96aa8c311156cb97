//! Partners and API clients.

use super::wire;

wire! {
    /// A new partner, with a client for its back office.
    struct CreatePartner {
        /// Its organization; a repeat with the same id makes no second partner. Made when absent.
        org_id: Option<String>,
        /// Name.
        name: Option<String>,
        /// Country, ISO 3166-1 alpha-2.
        country: Option<String>,
        /// Locale, for example `en_US`; `language` is understood too.
        #[serde(alias = "language")]
        locale: Option<String>,
    }

    /// A partner with its first client; the secret is shown this once.
    struct CreatedPartner {
        /// Its organization.
        org_id: String,
        /// Name.
        name: String,
        /// Client id.
        client_id: String,
        /// Client secret.
        client_secret: String,
        /// Scopes of the client.
        scopes: Vec<String>,
    }

    /// A new client.
    struct CreateClient {
        /// The partner's organization that it speaks for; the operator's for operators and reviewers.
        org_id: Option<String>,
        /// `partner` (default), `operator` or `reviewer`.
        kind: Option<String>,
        /// Name for people; `name` is understood too.
        #[serde(alias = "name")]
        display_name: Option<String>,
        /// Scopes; all of the kind when absent.
        scopes: Option<Vec<String>>,
    }

    /// A client; the secret is shown this once.
    struct CreatedClient {
        /// Client id.
        client_id: String,
        /// Client secret.
        client_secret: String,
        /// Scopes.
        scopes: Vec<String>,
    }
}
