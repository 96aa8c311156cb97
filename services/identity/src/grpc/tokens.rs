//! `entrepot.identity.v1.Tokens`.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kit::{
    auth::{Caller, CallerKind},
    fault::{Violations, reason},
    time::to_proto,
};
use proto::identity::v1::{
    ActForSubPartnerRequest, ClientKind as WireKind, CreateClientRequest, CreatedClient,
    IssueTokenRequest, IssuedToken, ListKeysRequest, ListKeysResponse, VerificationKey,
    tokens_server,
};
use tonic::{Request, Response, Status};

use super::target;
use crate::{
    app::{self, State, create_client::NewClient, issue_token::Issued},
    domain::{
        client::ClientKind,
        key::{KeyAlgorithm, PublicKey},
        scope,
    },
    error::Error,
};

/// The service.
#[derive(Debug)]
pub(crate) struct Tokens(pub(crate) Arc<State>);

/// Longest name of a client.
const LONGEST_NAME: usize = 128;

#[tonic::async_trait]
impl tokens_server::Tokens for Tokens {
    async fn issue_token(
        &self,
        request: Request<IssueTokenRequest>,
    ) -> Result<Response<IssuedToken>, Status> {
        let request = request.into_inner();
        let (id, secret) = (&request.client_id, &request.client_secret);
        let issued = app::issue_token::issue_token(&self.0, id, secret, &request.scopes).await?;
        Ok(Response::new(message(issued)))
    }

    async fn act_for_sub_partner(
        &self,
        request: Request<ActForSubPartnerRequest>,
    ) -> Result<Response<IssuedToken>, Status> {
        let caller = Caller::of(&request)?;
        caller.require_kind(CallerKind::Partner)?;
        let id = target(&request.get_ref().sub_partner_id, "sub-partner")?;
        let issued = app::act_for_sub_partner::act_for_sub_partner(&self.0, caller, id).await?;
        Ok(Response::new(message(issued)))
    }

    async fn list_keys(
        &self,
        _: Request<ListKeysRequest>,
    ) -> Result<Response<ListKeysResponse>, Status> {
        let keys = app::keyring::list(&self.0).await?;
        let keys = keys.iter().map(verification_key).collect();
        let issuer = self.0.issuer.as_ref().to_owned();
        Ok(Response::new(ListKeysResponse { keys, issuer }))
    }

    async fn create_client(
        &self,
        request: Request<CreateClientRequest>,
    ) -> Result<Response<CreatedClient>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(scope::CLIENTS_WRITE)?;
        caller.require_active()?;
        let new = parse(request.into_inner())?;
        let (client, secret) = app::create_client::create_client(&self.0, &caller, new).await?;
        Ok(Response::new(CreatedClient {
            client_id: client.id,
            client_secret: secret,
            scopes: client.scopes,
        }))
    }
}

fn verification_key(key: &PublicKey) -> VerificationKey {
    let (x, y) = match key.algorithm {
        KeyAlgorithm::EdDsa => (key.point.as_slice(), &[][..]),
        // a byte that says that both coordinates follow, and they
        KeyAlgorithm::Es256 => {
            let both = key.point.get(1..).unwrap_or_default();
            both.split_at(both.len() / 2)
        }
    };
    VerificationKey {
        key_id: key.key_id.clone(),
        x: URL_SAFE_NO_PAD.encode(x),
        algorithm: key.algorithm.as_str().to_owned(),
        y: URL_SAFE_NO_PAD.encode(y),
    }
}

fn parse(request: CreateClientRequest) -> Result<NewClient, Error> {
    let mut wrong = Violations::default();
    let kind = match request.kind() {
        WireKind::Unspecified => None,
        WireKind::Operator => Some(ClientKind::Operator),
        WireKind::Partner => Some(ClientKind::Partner),
        WireKind::Reviewer => Some(ClientKind::Reviewer),
        WireKind::Service => Some(ClientKind::Service),
    };
    wrong.check(kind.is_some(), "kind", reason::MISSING, "kind is required");
    let display_name = wrong.text("displayName", &request.display_name, LONGEST_NAME);
    Error::check(wrong)?;
    let partner = target(&request.partner_id, "partner")?;
    let kind = kind.ok_or(Error::Missing("kind"))?;
    Ok(NewClient {
        partner,
        kind,
        display_name,
        scopes: request.scopes,
    })
}

fn message(issued: Issued) -> IssuedToken {
    IssuedToken {
        access_token: issued.token,
        expires_at: Some(to_proto(issued.expires_at)),
        scopes: issued.scopes,
        suspended: issued.suspended,
    }
}
