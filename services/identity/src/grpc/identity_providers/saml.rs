//! A SAML provider, between its message and ours.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use kit::{
    fault::{Violations, reason},
    time::to_proto,
};
use proto::identity::v1::{ProviderCertificate, SamlSettings};
use url::Url;

use crate::{
    app::{State, saml::ours},
    domain::{
        provider::ConnectionId,
        saml::{
            metadata,
            settings::{Connection, Provider},
        },
    },
};

/// Who looks is told of a certificate that ends within this time.
const SOON: TimeDelta = TimeDelta::days(30);
/// Longest place of metadata.
const LONGEST_URL: usize = 1024;

/// What was sent: `EntityID` and connection, as far as they are known by now.
pub(super) fn wanted(
    state: &State,
    wrong: &mut Violations,
    told: &SamlSettings,
    is_new: bool,
) -> (String, Connection) {
    let place = wrong.optional_text("metadataUrl", &told.metadata_url, LONGEST_URL);
    let fetchable = |place: &str| Url::parse(place).is_ok_and(|url| state.fetch.allows(&url));
    wrong.check(
        place.is_empty() || fetchable(&place),
        "metadataUrl",
        reason::INVALID,
        "metadata is read from https URLs",
    );
    let given = told.metadata.trim();
    wrong.check(
        !is_new || !given.is_empty() || !place.is_empty(),
        "metadata",
        reason::MISSING,
        "give its metadata, or say where it is",
    );
    let mut wanted = Connection {
        provider: Provider {
            response_signed_only: told.response_signed_only,
            assertions_encrypted: told.assertions_encrypted,
            unsolicited_allowed: told.unsolicited_allowed,
            force_authentication: told.force_authentication,
            ..Provider::default()
        },
        metadata_url: (!place.is_empty()).then_some(place),
    };
    let mut entity_id = String::new();
    if !given.is_empty() {
        let now = state.context.clock.now();
        match metadata::import(given, state.config.allow_private_networks, now) {
            Ok(imported) => {
                entity_id.clone_from(&imported.entity_id);
                wanted.describe(imported);
            }
            Err(bad) => wrong.add("metadata", bad.reason(), bad.to_string()),
        }
    }
    (entity_id, wanted)
}

/// A connection, with what its provider needs to know of us.
pub(super) fn message(state: &State, id: ConnectionId, connection: Connection) -> SamlSettings {
    let ours = ours(state, id);
    let provider = connection.provider;
    SamlSettings {
        metadata: String::new(),
        metadata_url: connection.metadata_url.unwrap_or_default(),
        response_signed_only: provider.response_signed_only,
        assertions_encrypted: provider.assertions_encrypted,
        unsolicited_allowed: provider.unsolicited_allowed,
        force_authentication: provider.force_authentication,
        sign_in_url: provider.sign_in_url,
        sign_out_url: provider.sign_out_url.unwrap_or_default(),
        certificates: provider
            .certificates
            .into_iter()
            .map(|certificate| ProviderCertificate {
                fingerprint: certificate.fingerprint,
                subject: certificate.subject,
                begins_at: Some(to_proto(certificate.begins_at)),
                ends_at: Some(to_proto(certificate.ends_at)),
            })
            .collect(),
        service_provider_entity_id: ours.entity_id,
        acs_url: ours.acs_url,
    }
}

/// What needs somebody's attention (S7).
pub(super) fn warnings(connection: &Connection, now: DateTime<Utc>) -> Vec<String> {
    let certificates = &connection.provider.certificates;
    let Some(last) = certificates.iter().map(|known| known.ends_at).max() else {
        return vec!["there is no certificate: nobody can sign in".to_owned()];
    };
    let day = last.to_rfc3339_opts(SecondsFormat::Secs, true);
    if last <= now {
        vec![format!(
            "the last certificate ended at {day}: nobody can sign in"
        )]
    } else if last - SOON <= now {
        vec![format!("the last certificate ends at {day}")]
    } else {
        Vec::new()
    }
}
