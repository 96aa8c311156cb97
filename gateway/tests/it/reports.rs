//! Billing reports and their files.

use axum::body::Body;
use http::Request;
use kit::fault::{Kind, reason};
use proto::{
    billing::v1::{
        CreateReportRequest, CreateReportRequest as Create, DeleteReportRequest,
        DeleteReportResponse, DownloadReportRequest, GetReportRequest, ListReportsRequest,
        ListReportsResponse, Report, ReportChunk, ReportOrder, ReportStatus, ReportType,
        reports_server::{Reports, ReportsServer},
    },
    common::v1::Problem,
};
use tonic::{Response, Status, service::Routes};

use crate::{
    every_route,
    stage::{Contexts, ID, fault, public},
};

const ALL: &str = "/v1/wholesale/billing/reports";

fn report(status: ReportStatus) -> Report {
    Report {
        report_id: ID.to_owned(),
        start_date: "2021-05-21".to_owned(),
        end_date: "2021-05-30".to_owned(),
        report_type: ReportType::Partner.into(),
        status: status.into(),
        created_at: Some(prost_types::Timestamp {
            seconds: 1_628_215_541,
            nanos: 0,
        }),
        created_by: ID.to_owned(),
        ..Report::default()
    }
}

#[tokio::test]
async fn a_report_is_created_with_200_and_no_status() {
    let path = "/entrepot.billing.v1.Reports/CreateReport";
    let stage = Contexts::default()
        .on(path, |_: &Create| Ok(report(ReportStatus::InProgress)))
        .stage();
    let body = format!(
        r#"{{"billingStartDate": "2021-05-21", "billingEndDate": "2021-05-30T00:00:00Z", "internal": true,
            "subPartnerOrgId": "{}"}}"#,
        public("ORGANIZATION")
    );
    let answer = stage.post(ALL, &body).await;
    assert_eq!(answer.status, 200);
    let wanted = format!(
        r#"{{"id":"{}","billingStartDate":"2021-05-21","billingEndDate":"2021-05-30","type":"PARTNER","category":"RECONCILIATION"}}"#,
        public("BILLING_REPORT")
    );
    assert_eq!(String::from_utf8(answer.body).unwrap(), wanted);
    let asked: CreateReportRequest = stage.asked();
    assert_eq!(asked.end_date, "2021-05-30");
    assert_eq!(asked.report_type(), ReportType::Partner);
    assert_eq!(asked.sub_partner_id, ID);
    let answer = stage
        .post(ALL, r#"{"type": "DAILY", "billingStartDate": "x"}"#)
        .await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.errors().keys().collect::<Vec<_>>(),
        ["billingStartDate", "type"]
    );
}

#[tokio::test]
async fn a_completed_report_has_an_absolute_link() {
    let done = Report {
        download_path: "/reports/p/WHOLESALE/r.csv?Expires=1".to_owned(),
        ..report(ReportStatus::Completed)
    };
    let path = "/entrepot.billing.v1.Reports/GetReport";
    let answer = {
        let done = done.clone();
        let stage = Contexts::default()
            .on(path, move |_: &GetReportRequest| Ok(done.clone()))
            .stage();
        stage
            .get(&format!("{ALL}/{}", public("BILLING_REPORT")))
            .await
    };
    let wanted = format!(
        concat!(
            r#"{{"id":"{}","billingStartDate":"2021-05-21","billingEndDate":"2021-05-30","type":"PARTNER","#,
            r#""category":"RECONCILIATION","created":"2021-08-06T02:05:41.000Z","createdBy":"{}","#,
            r#""status":"COMPLETED","tempDownloadURL":"https://api.example.net/reports/p/WHOLESALE/r.csv?Expires=1"}}"#
        ),
        public("BILLING_REPORT"),
        public("PEOPLE"),
    );
    assert_eq!(String::from_utf8(answer.body).unwrap(), wanted);
    // without a configured base, the host that the client used
    let stage = Contexts::default()
        .on(path, move |_: &GetReportRequest| Ok(done.clone()))
        .stage_with(|config| config.base_url = None);
    let url = async |headers: &[(&str, &str)]| {
        let mut request = Request::get(format!("{ALL}/{ID}")).header("authorization", "Bearer T");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = stage.send(request.body(Body::empty()).unwrap()).await;
        answer.json()["tempDownloadURL"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(
        url(&[("host", "a.b:8080")])
            .await
            .starts_with("http://a.b:8080/reports/")
    );
    assert!(
        url(&[("host", "a.b"), ("x-forwarded-proto", "https")])
            .await
            .starts_with("https://a.b/")
    );
    assert!(
        url(&[("host", "evil,host\" x")])
            .await
            .starts_with("http://localhost/")
    );
}

#[tokio::test]
async fn a_failed_report_says_why_with_code() {
    let errors = vec![Problem {
        reason: "REPORT_FAILED".to_owned(),
        description: "no".to_owned(),
    }];
    let failed = Report {
        errors,
        ..report(ReportStatus::Failed)
    };
    let path = "/entrepot.billing.v1.Reports/GetReport";
    let stage = Contexts::default()
        .on(path, move |_: &GetReportRequest| Ok(failed.clone()))
        .stage();
    let body = stage.get(&format!("{ALL}/{ID}")).await.json();
    assert_eq!(body["errors"][0]["code"], 900_401);
    assert_eq!(body.get("tempDownloadURL"), None);
}

#[tokio::test]
async fn an_unknown_report_has_its_published_code() {
    let stage = every_route::contexts().stage();
    stage.refuse(fault(Kind::Missing, reason::NOT_FOUND));
    for id in [ID, "garbage"] {
        for method in ["GET", "DELETE"] {
            let answer = stage.call(method, &format!("{ALL}/{id}"), "").await;
            assert_eq!(answer.status, 404);
            assert_eq!(answer.errors()[""], 2024);
        }
    }
}

#[tokio::test]
async fn r1408_list_filters_are_days_and_published_names() {
    let stage = every_route::contexts().stage();
    let uri = format!(
        "{ALL}?billingStartDate=2021-05-21T00:00:00.000Z&billingEndDate=2021-05-30&type=USER\
         &status=COMPLETED&sortBy=status&max=500&subPartnerOrgId={ID}"
    );
    assert_eq!(stage.get(&uri).await.status, 200);
    let asked: ListReportsRequest = stage.asked();
    assert_eq!(
        (asked.start_date.as_str(), asked.end_date.as_str()),
        ("2021-05-21", "2021-05-30")
    );
    assert_eq!(asked.report_type(), ReportType::User);
    assert_eq!(asked.status(), ReportStatus::Completed);
    assert_eq!(asked.order(), ReportOrder::Status);
    assert_eq!(asked.page_size, 100);
    assert_eq!(asked.sub_partner_id, ID);
    for query in [
        "type=user",
        "status=REQUESTED",
        "sortBy=created",
        "billingStartDate=May",
    ] {
        assert_eq!(
            stage.get(&format!("{ALL}?{query}")).await.status,
            400,
            "{query}"
        );
    }
}

/// A generated server, because the download is a stream.
struct Files;

#[tonic::async_trait]
impl Reports for Files {
    type DownloadReportStream = tokio_stream::Iter<std::vec::IntoIter<Result<ReportChunk, Status>>>;

    async fn create_report(&self, _: tonic::Request<Create>) -> Result<Response<Report>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn get_report(
        &self,
        _: tonic::Request<GetReportRequest>,
    ) -> Result<Response<Report>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn list_reports(
        &self,
        _: tonic::Request<ListReportsRequest>,
    ) -> Result<Response<ListReportsResponse>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn delete_report(
        &self,
        _: tonic::Request<DeleteReportRequest>,
    ) -> Result<Response<DeleteReportResponse>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn download_report(
        &self,
        request: tonic::Request<DownloadReportRequest>,
    ) -> Result<Response<Self::DownloadReportStream>, Status> {
        let link = request.into_inner();
        if (link.expires, link.signature.as_str()) != (1_700_000_100, "S-_~") {
            return Err(fault(Kind::Forbidden, "LINK_INVALID"));
        }
        assert_eq!(
            (link.partner_id.as_str(), link.report_id.as_str()),
            (ID, ID)
        );
        let chunk = |text: &str| {
            Ok(ReportChunk {
                content: text.as_bytes().to_vec(),
            })
        };
        let chunks = vec![chunk("PARTNER_NAME,"), chunk("QUANTITY\n"), chunk("Ä,1\n")];
        Ok(Response::new(tokio_stream::iter(chunks)))
    }
}

#[tokio::test]
async fn r1407_whoever_holds_a_link_gets_the_file_and_nobody_else() {
    let stage = Contexts::default()
        .with(Routes::new(ReportsServer::new(Files)))
        .stage();
    let get = async |uri: String| {
        stage
            .send(Request::get(uri).body(Body::empty()).unwrap())
            .await
    };
    let file = format!("/reports/{ID}/WHOLESALE/{ID}.csv");
    let answer = get(format!(
        "{file}?Expires=1700000100&Signature=S-_~&Key-Pair-Id=K1"
    ))
    .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    let disposition = format!("attachment; filename=\"{ID}.csv\"");
    assert_eq!(answer.header("content-disposition"), disposition);
    assert_eq!(
        String::from_utf8(answer.body).unwrap(),
        "PARTNER_NAME,QUANTITY\nÄ,1\n"
    );
    let other = format!("/reports/{ID}/WHOLESALE/x.csv?Expires=1700000100&Signature=S-_~");
    for bad in [
        file.clone(),
        format!("{file}?Expires=1700000100&Signature=forged"),
        format!("{file}?Expires=soon&Signature=S-_~"),
        format!("{file}?Expires=1800000000&Signature=S-_~"),
        other,
    ] {
        let answer = get(bad.clone()).await;
        assert_eq!(answer.status, 403, "{bad}");
        assert_eq!(answer.errors()[""], 900_403);
    }
}
