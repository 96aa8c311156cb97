//! The Cases service.

use kit::{
    audit,
    fault::{Violations, reason},
    page,
};
use proto::compliance::v1::{
    Case, CaseState, DecideCaseRequest, GetCaseRequest, ListCasesRequest, ListCasesResponse,
    cases_server::Cases,
};
use tonic::{Request, Response, Status};

use super::{READ, WRITE, message, staff};
use crate::{
    app::{
        App,
        decide_case::{Verdict, decide_case},
        read_cases::{self, Filter},
    },
    domain::case::{LONGEST_REASON, State},
    error::Error,
    store::screening::CaseId,
};

pub(super) struct Service(pub(super) App);

/// Cases a page.
const PAGE: i64 = 100;

#[tonic::async_trait]
impl Cases for Service {
    async fn list_cases(
        &self,
        request: Request<ListCasesRequest>,
    ) -> Result<Response<ListCasesResponse>, Status> {
        staff(&request, READ)?;
        let page = read_cases::list(&self.0, filter(request.into_inner())?).await?;
        Ok(Response::new(ListCasesResponse {
            cases: page.cases.into_iter().map(message::case).collect(),
            next_page_token: page.next,
        }))
    }

    async fn get_case(&self, request: Request<GetCaseRequest>) -> Result<Response<Case>, Status> {
        staff(&request, READ)?;
        let case = read_cases::get(&self.0, id(&request.get_ref().case_id)?).await?;
        Ok(Response::new(message::case(case)))
    }

    async fn decide_case(
        &self,
        request: Request<DecideCaseRequest>,
    ) -> Result<Response<Case>, Status> {
        let caller = staff(&request, WRITE)?;
        let request = request.into_inner();
        let mut wrong = Violations::default();
        let reason = wrong.text("reason", &request.reason, LONGEST_REASON);
        Error::check(wrong)?;
        let verdict = Verdict {
            id: id(&request.case_id)?,
            approve: request.approve,
            reason,
            act: audit::by(&caller, "case.decided"),
            by: caller.subject,
        };
        let case = decide_case(&self.0, verdict).await?;
        Ok(Response::new(message::case(case)))
    }
}

/// What is no id names no case.
fn id(text: &str) -> Result<CaseId, Error> {
    text.parse().map_err(|_| Error::Missing("case"))
}

fn filter(request: ListCasesRequest) -> Result<Filter, Error> {
    let mut wrong = Violations::default();
    let state = match CaseState::try_from(request.state) {
        Ok(CaseState::Unspecified) => None,
        Ok(CaseState::Open) => Some(State::Open),
        Ok(CaseState::Approved) => Some(State::Approved),
        Ok(CaseState::Rejected) => Some(State::Rejected),
        Ok(CaseState::Expired) => Some(State::Expired),
        Err(_) => {
            wrong.add("state", reason::INVALID, "state is not known");
            None
        }
    };
    let customer = if request.customer_id.is_empty() {
        None
    } else {
        let customer = request.customer_id.parse().ok();
        wrong.check(
            customer.is_some(),
            "customerId",
            reason::INVALID,
            "customerId is not an id",
        );
        customer
    };
    Error::check(wrong)?;
    let size = page::size(request.page_size, PAGE, PAGE);
    Ok(Filter {
        state,
        customer,
        size,
        token: request.page_token,
    })
}
