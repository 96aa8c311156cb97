//! Reports.

use std::pin::Pin;

use futures::{Stream, StreamExt as _};
use kit::auth::Caller;
use kit::fault::Violations;
use kit::id::PartnerId;
use kit::page::{self, Cursor};
use proto::billing::v1::reports_server::Reports;
use proto::billing::v1::{
    CreateReportRequest, DeleteReportRequest, DeleteReportResponse, DownloadReportRequest,
    GetReportRequest, ListReportsRequest, ListReportsResponse, Report, ReportChunk, ReportOrder,
    ReportStatus, ReportType,
};
use tonic::{Request, Response, Status};

use crate::app::create_report::{self, create_report};
use crate::app::delete_report::delete_report;
use crate::app::download_report::{self, download_report};
use crate::app::get_report::get_report;
use crate::app::list_reports::list_reports;
use crate::app::{App, tell};
use crate::domain::period::{self, END, START};
use crate::domain::report::{Level, State};
use crate::error::Error;
use crate::store::report::{Order, Wanted};

const READ: &str = "spark-admin:wholesale_billing_reports_read";
const WRITE: &str = "spark-admin:wholesale_billing_reports_write";

/// Default and top size of a page.
const PAGE: i64 = 100;

/// See `Reports`.
pub(super) struct Service {
    pub(super) app: App,
}

#[tonic::async_trait]
impl Reports for Service {
    async fn create_report(
        &self,
        request: Request<CreateReportRequest>,
    ) -> Result<Response<Report>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(WRITE)?;
        let request = request.into_inner();
        let wanted = create_report::Wanted {
            first: &request.start_date,
            last: &request.end_date,
            level: level(request.report_type)?.unwrap_or(Level::Partner),
            sub_partner: &request.sub_partner_id,
        };
        let report = create_report(&self.app, &caller, wanted).await?;
        Ok(Response::new(tell::report(&report)))
    }

    async fn get_report(
        &self,
        request: Request<GetReportRequest>,
    ) -> Result<Response<Report>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(READ)?;
        let (report, download_path) =
            get_report(&self.app, &caller, &request.get_ref().report_id).await?;
        Ok(Response::new(Report {
            download_path,
            ..tell::report(&report)
        }))
    }

    async fn list_reports(
        &self,
        request: Request<ListReportsRequest>,
    ) -> Result<Response<ListReportsResponse>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(READ)?;
        let wanted = wanted(request.get_ref())?;
        let (found, more) = list_reports(&self.app, &caller, wanted).await?;
        let next_page_token = match found.last() {
            Some((key, last)) if more => Cursor {
                key: key.clone(),
                id: last.id.uuid(),
            }
            .token(),
            _ => String::new(),
        };
        let reports = found
            .iter()
            .map(|(_, report)| tell::report(report))
            .collect();
        Ok(Response::new(ListReportsResponse {
            reports,
            next_page_token,
        }))
    }

    async fn delete_report(
        &self,
        request: Request<DeleteReportRequest>,
    ) -> Result<Response<DeleteReportResponse>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(WRITE)?;
        delete_report(&self.app, &caller, &request.get_ref().report_id).await?;
        Ok(Response::new(DeleteReportResponse {}))
    }

    type DownloadReportStream = Pin<Box<dyn Stream<Item = Result<ReportChunk, Status>> + Send>>;

    async fn download_report(
        &self,
        request: Request<DownloadReportRequest>,
    ) -> Result<Response<Self::DownloadReportStream>, Status> {
        let request = request.get_ref();
        let link = download_report::Link {
            partner: &request.partner_id,
            report: &request.report_id,
            expires: request.expires,
            signature: &request.signature,
        };
        let pieces = download_report(self.app.clone(), link).await?;
        let chunks = pieces.map(|piece| {
            piece
                .map(|content| ReportChunk { content })
                .map_err(Status::from)
        });
        Ok(Response::new(chunks.boxed()))
    }
}

fn wanted(request: &ListReportsRequest) -> Result<Wanted, Error> {
    let mut problems = Violations::default();
    let first = period::optional(&request.start_date, START, &mut problems);
    let last = period::optional(&request.end_date, END, &mut problems);
    let sub_partner = match request.sub_partner_id.as_str() {
        "" => None,
        text => {
            let id = text.parse::<PartnerId>().ok();
            problems.check(id.is_some(), "subPartnerOrgId", "INVALID", "must be an id");
            id
        }
    };
    let after = match request.page_token.as_str() {
        "" => None,
        text => {
            let cursor = Cursor::parse(text);
            problems.check(cursor.is_some(), "cursor", "INVALID", "is not one of ours");
            cursor.map(|cursor| (cursor.key, cursor.id))
        }
    };
    let order = match ReportOrder::try_from(request.order) {
        Ok(ReportOrder::Id) => Order::Id,
        Ok(ReportOrder::EndDate) => Order::End,
        Ok(ReportOrder::Status) => Order::State,
        Ok(ReportOrder::StartDate | ReportOrder::Unspecified) => Order::Start,
        Err(_) => {
            problems.add("sortBy", "INVALID", "is not a known sort key");
            Order::Start
        }
    };
    if !problems.is_empty() {
        return Err(Error::Invalid(problems.into_vec()));
    }
    Ok(Wanted {
        first,
        last,
        level: level(request.report_type)?,
        state: state(request.status)?,
        sub_partner,
        order,
        after,
        limit: page::size(request.page_size, PAGE, PAGE),
    })
}

fn level(number: i32) -> Result<Option<Level>, Error> {
    match ReportType::try_from(number) {
        Ok(ReportType::Unspecified) => Ok(None),
        Ok(ReportType::Partner) => Ok(Some(Level::Partner)),
        Ok(ReportType::Customer) => Ok(Some(Level::Customer)),
        Ok(ReportType::User) => Ok(Some(Level::User)),
        Err(_) => Err(unknown("type")),
    }
}

fn state(number: i32) -> Result<Option<State>, Error> {
    match ReportStatus::try_from(number) {
        Ok(ReportStatus::Unspecified) => Ok(None),
        Ok(ReportStatus::InProgress) => Ok(Some(State::InProgress)),
        Ok(ReportStatus::Completed) => Ok(Some(State::Completed)),
        Ok(ReportStatus::Failed) => Ok(Some(State::Failed)),
        Err(_) => Err(unknown("status")),
    }
}

fn unknown(field: &str) -> Error {
    let mut problems = Violations::default();
    problems.add(field, "INVALID", "is not a known value");
    Error::Invalid(problems.into_vec())
}
