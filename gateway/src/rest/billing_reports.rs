//! `/v1/wholesale/billing/reports`, and the download of their files.

use axum::{body::Body, response::Response};
use futures::StreamExt as _;
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
};
use kit::fault::Violations;
use proto::billing::v1::{
    self as pb, ReportOrder, ReportStatus, ReportType, reports_client::ReportsClient,
};
use uuid::Uuid;

use super::{MAX, body_choice, body_day, body_id, name_of, refuse, some, some_list, time};
use crate::{
    call::{Call, Outcome, empty, listed, ok},
    failure::{Failure, table},
    id::{self, Kind},
    paging::Page,
    routes::{Route, handler},
    wire::billing_reports::{CreateReport, ListReport, Report, ReportError, ReportId, ReportList},
};

const READ: &str = "spark-admin:wholesale_billing_reports_read";
const WRITE: &str = "spark-admin:wholesale_billing_reports_write";
const ALL: &str = "/v1/wholesale/billing/reports";
const ONE: &str = "/v1/wholesale/billing/reports/{id}";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(
        "GET",
        ALL,
        READ,
        "listReports",
        "List wholesale billing reports",
        handler!(list),
    )
    .query(&[
        ("billingStartDate", "only with exactly this first day"),
        ("billingEndDate", "only with exactly this last day"),
        ("type", "`PARTNER`, `CUSTOMER` or `USER`"),
        ("status", "`IN_PROGRESS`, `COMPLETED` or `FAILED`"),
        (
            "sortBy",
            "`id`, `billingStartDate` (default), `billingEndDate` or `status`",
        ),
        ("subPartnerOrgId", "only about this sub-partner"),
        MAX,
    ])
    .answers::<ReportList>(),
    Route::new(
        "POST",
        ALL,
        WRITE,
        "createReport",
        "Create a wholesale billing report",
        handler!(create),
    )
    .takes::<CreateReport>()
    .answers::<ReportId>(),
    Route::new(
        "GET",
        ONE,
        READ,
        "getReport",
        "Get a wholesale billing report",
        handler!(get),
    )
    .answers::<Report>(),
    Route::new(
        "DELETE",
        ONE,
        WRITE,
        "deleteReport",
        "Delete a wholesale billing report",
        handler!(delete),
    )
    .status(204),
    Route::open(
        "GET",
        "/reports/{partner}/WHOLESALE/{file}",
        "downloadReport",
        "The CSV file of a report, for whoever holds a valid link",
        handler!(download),
    )
    .query(&[
        ("Expires", "when the link ends, Unix seconds"),
        ("Signature", "the link's signature"),
        ("Key-Pair-Id", "the signing key"),
    ])
    .answers_media("text/csv"),
];

const TYPES: &[(&str, ReportType)] = &[
    ("PARTNER", ReportType::Partner),
    ("CUSTOMER", ReportType::Customer),
    ("USER", ReportType::User),
];

const STATUSES: &[(&str, ReportStatus)] = &[
    ("IN_PROGRESS", ReportStatus::InProgress),
    ("COMPLETED", ReportStatus::Completed),
    ("FAILED", ReportStatus::Failed),
];

const ORDERS: &[(&str, ReportOrder)] = &[
    ("id", ReportOrder::Id),
    ("billingStartDate", ReportOrder::StartDate),
    ("billingEndDate", ReportOrder::EndDate),
    ("status", ReportOrder::Status),
];

/// The only published category that is made.
const CATEGORY: &str = "RECONCILIATION";

fn client(call: &Call) -> ReportsClient<kit::link::Link> {
    ReportsClient::new(call.surface.links.billing.clone())
}

async fn list(call: Call) -> Outcome {
    let query = &call.query;
    let page = Page::cursor(query, 100, 100)?;
    let message = pb::ListReportsRequest {
        start_date: query.day("billingStartDate")?,
        end_date: query.day("billingEndDate")?,
        report_type: query.choice("type", TYPES)?.unwrap_or_default().into(),
        status: query.choice("status", STATUSES)?.unwrap_or_default().into(),
        sub_partner_id: query.id("subPartnerOrgId", Kind::Organization)?,
        order: query.choice("sortBy", ORDERS)?.unwrap_or_default().into(),
        page_size: page.size,
        page_token: page.token.clone(),
    };
    let found = client(&call)
        .list_reports(call.own_request(message)?)
        .await?
        .into_inner();
    let links = page.cursor_links(&call.own_url(), query, &found.next_page_token);
    let item = |report: pb::Report| ListReport {
        id: id::encode(Kind::Report, &report.report_id),
        status: name_of(STATUSES, &report.status()),
        level: type_out(&report),
        billing_start_date: report.start_date,
        billing_end_date: report.end_date,
        category: CATEGORY.to_owned(),
    };
    listed(
        &ReportList {
            items: found.reports.into_iter().map(item).collect(),
        },
        links,
    )
}

async fn create(call: Call) -> Outcome {
    let body: CreateReport = call.json()?;
    let mut violations = Violations::default();
    let kind = body_choice(&mut violations, "type", body.level.as_deref(), TYPES);
    let sub_partner = body.sub_partner_org_id;
    let message = pb::CreateReportRequest {
        start_date: body_day(&mut violations, "billingStartDate", body.billing_start_date),
        end_date: body_day(&mut violations, "billingEndDate", body.billing_end_date),
        report_type: kind.unwrap_or(ReportType::Partner).into(),
        sub_partner_id: body_id(
            &mut violations,
            "subPartnerOrgId",
            Kind::Organization,
            sub_partner,
        ),
    };
    refuse(violations)?;
    let report = client(&call)
        .create_report(call.own_request(message)?)
        .await?
        .into_inner();
    ok(&ReportId {
        id: id::encode(Kind::Report, &report.report_id),
        level: type_out(&report),
        billing_start_date: report.start_date,
        billing_end_date: report.end_date,
        category: CATEGORY.to_owned(),
    })
}

async fn get(call: Call) -> Outcome {
    let message = pb::GetReportRequest {
        report_id: report_id(&call)?,
    };
    let answer = client(&call).get_report(call.own_request(message)?).await;
    let report = answer.map_err(no_report)?.into_inner();
    let url = some(report.download_path.clone()).map(|path| call.url(&path));
    let error = |problem: proto::common::v1::Problem| ReportError {
        code: table::problem(&problem.reason),
        description: problem.description,
    };
    ok(&Report {
        id: id::encode(Kind::Report, &report.report_id),
        level: type_out(&report),
        status: name_of(STATUSES, &report.status()),
        billing_start_date: report.start_date,
        billing_end_date: report.end_date,
        category: CATEGORY.to_owned(),
        created: time(report.created_at.as_ref()),
        created_by: id::encode_optional(Kind::Person, &report.created_by),
        temp_download_url: url,
        errors: some_list(report.errors.into_iter().map(error).collect()),
    })
}

async fn delete(call: Call) -> Outcome {
    let message = pb::DeleteReportRequest {
        report_id: report_id(&call)?,
    };
    client(&call)
        .delete_report(call.own_request(message)?)
        .await
        .map_err(no_report)?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// The content, streamed. Everything that is wrong with a link looks the same.
async fn download(call: Call) -> Outcome {
    let name = call
        .part("file")
        .strip_suffix(".csv")
        .and_then(|name| Uuid::try_parse(name).ok());
    let partner = Uuid::try_parse(call.part("partner")).ok();
    let expires = call
        .query
        .one("Expires")?
        .and_then(|text| text.parse::<i64>().ok());
    let signature = call.query.one("Signature")?;
    let (Some(name), Some(partner), Some(expires), Some(signature)) =
        (name, partner, expires, signature)
    else {
        return Err(bad_link());
    };
    let message = pb::DownloadReportRequest {
        partner_id: partner.to_string(),
        report_id: name.to_string(),
        expires,
        signature: signature.to_owned(),
    };
    let answer = client(&call)
        .download_report(message)
        .await
        .map_err(no_download)?;
    let stream = answer.into_inner();
    let body = Body::from_stream(stream.map(|chunk| chunk.map(|chunk| chunk.content)));
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}.csv\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

fn report_id(call: &Call) -> Result<String, Failure> {
    Ok(id::decode(Kind::Report, call.part("id"))
        .ok_or_else(unknown)?
        .to_string())
}

/// A missing report has a published code of its own.
fn no_report(status: tonic::Status) -> Failure {
    let failure = Failure::from(status);
    if failure.status() == StatusCode::NOT_FOUND {
        unknown()
    } else {
        failure
    }
}

fn no_download(status: tonic::Status) -> Failure {
    let failure = Failure::from(status);
    match failure.status() {
        StatusCode::NOT_FOUND | StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST => bad_link(),
        _ => failure,
    }
}

fn bad_link() -> Failure {
    let message = "the download link is not valid or has ended";
    Failure::new(StatusCode::FORBIDDEN, table::LINK_INVALID, message)
}

fn unknown() -> Failure {
    Failure::new(
        StatusCode::NOT_FOUND,
        table::REPORT_NOT_FOUND,
        "the billing report was not found",
    )
}

fn type_out(report: &pb::Report) -> String {
    match report.report_type() {
        ReportType::Unspecified => name_of(TYPES, &ReportType::Partner),
        kind => name_of(TYPES, &kind),
    }
}
