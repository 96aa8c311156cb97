//! The Screening service.

use kit::{
    auth::{Caller, CallerKind},
    fault::{Violations, reason},
    idempotency::fingerprint,
};
use proto::compliance::v1::{
    CheckPartyRequest, ScreenCustomerRequest, ScreeningResult, screening_server::Screening,
};
use tonic::{Request, Response, Status};

use super::{READ, message, staff};
use crate::{
    app::{
        App,
        screen_customer::{Asked, ScreenCustomer},
    },
    domain::screen::screen,
    error::Error,
};

pub(super) struct Service {
    app: App,
    screen_customer: ScreenCustomer,
}

impl Service {
    pub(super) fn new(app: &App) -> Self {
        Self {
            app: app.clone(),
            screen_customer: ScreenCustomer::new(app.clone()),
        }
    }
}

/// Longest idempotency key, in letters.
const LONGEST_KEY: usize = 200;

#[tonic::async_trait]
impl Screening for Service {
    async fn screen_customer(
        &self,
        request: Request<ScreenCustomerRequest>,
    ) -> Result<Response<ScreeningResult>, Status> {
        Caller::of(&request)?.require_kind(CallerKind::Service)?;
        let asked = asked(request.into_inner())?;
        let screened = self.screen_customer.call(asked).await?;
        Ok(Response::new(ScreeningResult {
            decision: message::decision(screened.findings.decision),
            hits: message::hits(screened.findings.hits),
            index_version: screened.index_version,
            case_id: screened
                .case
                .map(|case| case.to_string())
                .unwrap_or_default(),
            screening_id: screened.id.to_string(),
        }))
    }

    async fn check_party(
        &self,
        request: Request<CheckPartyRequest>,
    ) -> Result<Response<ScreeningResult>, Status> {
        staff(&request, READ)?;
        let mut wrong = Violations::default();
        let party = message::party(request.into_inner().party, &mut wrong);
        Error::check(wrong)?;
        let loaded = self.app.engine.loaded()?;
        let findings = screen(&loaded.index, &party);
        Ok(Response::new(ScreeningResult {
            decision: message::decision(findings.decision),
            hits: message::hits(findings.hits),
            index_version: loaded.version.clone(),
            ..ScreeningResult::default()
        }))
    }
}

fn asked(request: ScreenCustomerRequest) -> Result<Asked, Error> {
    let fingerprint = fingerprint(&request);
    let mut wrong = Violations::default();
    let partner = request.partner_id.parse();
    wrong.check(
        partner.is_ok(),
        "partnerId",
        reason::INVALID,
        "partnerId is not an id",
    );
    let customer = request.customer_id.parse();
    wrong.check(
        customer.is_ok(),
        "customerId",
        reason::INVALID,
        "customerId is not an id",
    );
    let key = wrong.text("idempotencyKey", &request.idempotency_key, LONGEST_KEY);
    let party = message::party(request.party, &mut wrong);
    match (partner, customer) {
        (Ok(partner), Ok(customer)) if wrong.is_empty() => Ok(Asked {
            partner,
            customer,
            party,
            key,
            fingerprint,
        }),
        _ => Err(Error::Invalid(wrong.into_vec())),
    }
}
