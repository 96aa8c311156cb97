//! The Audit service.

use chrono::{DateTime, Utc};
use kit::{
    audit,
    auth::{Caller, CallerKind},
    fault::{Fault, Kind, Violations, reason},
    page,
    time::{from_proto, to_proto},
};
use prost::Message as _;
use prost_types::Timestamp;
use proto::{
    common::v1::AuditEvent,
    compliance::v1::{
        AuditRecord, ListAuditCategoriesRequest, ListAuditCategoriesResponse,
        ListAuditEventsRequest, ListAuditEventsResponse, VerifyAuditChainRequest,
        VerifyAuditChainResponse, audit_server::Audit,
    },
};
use tonic::{Request, Response, Status};

use crate::{
    app::{
        App,
        list_audit::{self, Asked},
        verify_audit,
    },
    error::Error,
    store::audit::{Filter, Row},
};

pub(super) struct Service(pub(super) App);

/// Opens our own routes.
const READ: &str = "platform:audit_read";
/// Opens the published ones.
const PUBLISHED: &str = "audit:events_read";
/// Rows that can be skipped; whoever wants more goes by the cursor.
const FARTHEST: i32 = 10_000;

/// Either scope opens the audit of the caller's tenant.
fn reader<T>(request: &Request<T>) -> Result<Caller, Fault> {
    let caller = Caller::of(request)?;
    if caller.require(PUBLISHED).is_err() {
        caller.require(READ)?;
    }
    Ok(caller)
}

/// A chain holds what was done to all customers of the tenant.
fn no_customer(caller: &Caller) -> Result<(), Fault> {
    if caller.kind == CallerKind::Customer {
        let message = "the chain is the partner's";
        return Err(Fault::new(
            Kind::Forbidden,
            reason::CALLER_NOT_ALLOWED,
            message,
        ));
    }
    Ok(())
}

#[tonic::async_trait]
impl Audit for Service {
    async fn list_audit_events(
        &self,
        request: Request<ListAuditEventsRequest>,
    ) -> Result<Response<ListAuditEventsResponse>, Status> {
        let caller = reader(&request)?;
        let asked = asked(&caller, request.into_inner())?;
        let page = list_audit::list(&self.0, &caller, asked).await?;
        let records: Result<Vec<_>, Error> = page.rows.into_iter().map(record).collect();
        Ok(Response::new(ListAuditEventsResponse {
            records: records?,
            next_page_token: page.next,
        }))
    }

    async fn list_audit_categories(
        &self,
        request: Request<ListAuditCategoriesRequest>,
    ) -> Result<Response<ListAuditCategoriesResponse>, Status> {
        reader(&request)?;
        let categories = audit::categories().into_iter().map(str::to_owned);
        Ok(Response::new(ListAuditCategoriesResponse {
            categories: categories.collect(),
        }))
    }

    async fn verify_audit_chain(
        &self,
        request: Request<VerifyAuditChainRequest>,
    ) -> Result<Response<VerifyAuditChainResponse>, Status> {
        let caller = reader(&request)?;
        no_customer(&caller)?;
        let noted = &request.get_ref().noted_head;
        let verified = verify_audit::verify(&self.0, &caller, noted).await?;
        if let Some(broken) = &verified.broken {
            tracing::error!(
                partner = %caller.partner,
                sequence = broken.sequence,
                problem = broken.problem,
                "an audit chain is broken"
            );
        }
        let broken = verified.broken.as_ref();
        Ok(Response::new(VerifyAuditChainResponse {
            length: verified.length,
            head: verified.head,
            intact: broken.is_none(),
            first_broken: broken.map_or(0, |broken| broken.sequence),
            problem: broken.map_or("", |broken| broken.problem).to_owned(),
            noted_head_found: verified.found,
            verified_at: Some(to_proto(self.0.context.clock.now())),
        }))
    }
}

fn asked(caller: &Caller, request: ListAuditEventsRequest) -> Result<Asked, Error> {
    let mut wrong = Violations::default();
    let mut instant = |field: &str, at: Option<Timestamp>| -> Option<DateTime<Utc>> {
        let read = at.as_ref().map(from_proto)?;
        wrong.check(
            read.is_some(),
            field,
            reason::INVALID,
            "not a point in time",
        );
        read
    };
    let from = instant("from", request.occurred_after);
    let to = instant("to", request.occurred_before);
    let organization = match request.organization_id.as_str() {
        "" => None,
        text => {
            let id = text.parse().ok();
            wrong.check(id.is_some(), "orgId", reason::INVALID, "not an id");
            id
        }
    };
    Error::check(wrong)?;
    let actions = request
        .categories
        .iter()
        .flat_map(|category| audit::actions_of(category))
        .map(str::to_owned);
    let filter = Filter {
        // the tenant's own organization stands for all that it has
        organization: organization.filter(|id| *id != caller.partner.uuid()),
        from,
        to,
        actor: (!request.actor_id.is_empty()).then_some(request.actor_id),
        actions: (!request.categories.is_empty()).then(|| actions.collect()),
        after: None,
    };
    Ok(Asked {
        filter,
        skip: request.skip.clamp(0, FARTHEST).into(),
        size: page::size(request.page_size, 100, 1000),
        token: request.page_token,
    })
}

fn record(row: Row) -> Result<AuditRecord, Error> {
    let link = row.link;
    let event = AuditEvent::decode(link.content.as_slice())
        .map_err(|_| Error::Impossible("audit_event.content"))?;
    let (category, text) = audit::about(&event.action).unwrap_or_default();
    Ok(AuditRecord {
        sequence: link.sequence,
        event_id: link.event_id.to_string(),
        context: link.context,
        occurred_at: Some(to_proto(link.occurred_at)),
        recorded_at: Some(to_proto(link.recorded_at)),
        category: category.to_owned(),
        event: Some(event),
        hash: row.hash,
        action_text: text.to_owned(),
        tracking_id: link.tracking_id,
    })
}
