//! `entrepot.identity.v1.Sessions`.

use std::sync::Arc;

use kit::{
    auth::Caller,
    fault::{Fault, Violations, reason},
    page::{self, Cursor},
    time::to_proto,
};
use proto::identity::v1::{
    self as wire, CreateOneTimePasswordRequest, EndAllSessionsRequest, EndAllSessionsResponse,
    EndSessionRequest, EndSessionResponse, ListSessionsRequest, ListSessionsResponse,
    OneTimePassword, sessions_server,
};
use tonic::{Request, Response, Status};

use super::{target, uuid};
use crate::{
    app::{self, State},
    domain::{scope, session::Session},
    error::Error,
};

/// The service.
#[derive(Debug)]
pub(crate) struct Sessions(pub(crate) Arc<State>);

/// Sessions on a page.
const PAGE: i64 = 100;

#[tonic::async_trait]
impl sessions_server::Sessions for Sessions {
    async fn list_sessions(
        &self,
        request: Request<ListSessionsRequest>,
    ) -> Result<Response<ListSessionsResponse>, Status> {
        let caller = allowed(&request)?;
        let request = request.into_inner();
        let after = cursor(&request.page_token)?;
        let size = page::size(request.page_size, PAGE, PAGE);
        let person = uuid(&request.person_id, "person")?;
        let (found, next) =
            app::session::list(&self.0, &caller, person, after.as_ref(), size).await?;
        Ok(Response::new(ListSessionsResponse {
            sessions: found.into_iter().map(message).collect(),
            next_page_token: next.as_ref().map(Cursor::token).unwrap_or_default(),
        }))
    }

    async fn end_session(
        &self,
        request: Request<EndSessionRequest>,
    ) -> Result<Response<EndSessionResponse>, Status> {
        let caller = allowed(&request)?;
        let id = target(&request.get_ref().session_id, "session")?;
        app::session::end(&self.0, &caller, id).await?;
        Ok(Response::new(EndSessionResponse {}))
    }

    async fn end_all_sessions(
        &self,
        request: Request<EndAllSessionsRequest>,
    ) -> Result<Response<EndAllSessionsResponse>, Status> {
        let caller = allowed(&request)?;
        let person = uuid(&request.get_ref().person_id, "person")?;
        let ended = app::session::end_all(&self.0, &caller, person).await?;
        Ok(Response::new(EndAllSessionsResponse {
            ended: i32::try_from(ended).unwrap_or(i32::MAX),
        }))
    }

    async fn create_one_time_password(
        &self,
        request: Request<CreateOneTimePasswordRequest>,
    ) -> Result<Response<OneTimePassword>, Status> {
        let caller = allowed(&request)?;
        caller.require_active()?;
        let request = request.get_ref();
        let organization = target(&request.organization_id, "organization")?;
        let person = uuid(&request.person_id, "person")?;
        let made = app::one_time_password::create(&self.0, &caller, organization, person).await?;
        Ok(Response::new(OneTimePassword {
            password: made.password.into_text(),
            ends_at: Some(to_proto(made.ends_at)),
        }))
    }
}

/// Who may deal with what gives power over a person: nobody in another's name (A29).
fn allowed<T>(request: &Request<T>) -> Result<Caller, Fault> {
    let caller = Caller::of(request)?;
    caller.require(scope::ONE_TIME_PASSWORD)?;
    caller.require_own()?;
    Ok(caller)
}

fn cursor(token: &str) -> Result<Option<Cursor>, Error> {
    if token.is_empty() {
        return Ok(None);
    }
    let cursor = Cursor::parse(token);
    let mut wrong = Violations::default();
    wrong.check(
        cursor.is_some(),
        "pageToken",
        reason::INVALID,
        "this is not a token of a page",
    );
    Error::check(wrong)?;
    Ok(cursor)
}

fn message(session: Session) -> wire::Session {
    wire::Session {
        session_id: session.id.to_string(),
        person_id: session.person().to_string(),
        methods: session.methods,
        authenticated_at: Some(to_proto(session.authenticated_at)),
        seen_at: Some(to_proto(session.seen_at)),
        ends_at: Some(to_proto(session.ends_at)),
        address: session.address,
        agent: session.agent,
    }
}
