//! `/platform/v1/screening`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::StatusCode;
use kit::fault::{Violations, reason};
use proto::compliance::v1::{
    self as pb, CaseState, ListFormat, ScreeningDecision, cases_client::CasesClient,
    lists_client::ListsClient, screening_client::ScreeningClient,
};

use super::{
    CURSOR, MAX, USUAL, address_in, address_out, body_choice, name_of, refuse, some, some_list,
    time,
};
use crate::{
    call::{Call, Outcome, json_response, listed, ok},
    id::{self, Kind},
    paging::Page,
    routes::{Route, handler},
    wire::screening::{
        Case, CaseList, CheckParty, CheckResult, Decide, Hit, ImportList, ListVersion,
        ListVersions, Party,
    },
};

const READ: &str = "platform:screening_read";
const WRITE: &str = "platform:screening_write";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(
        "GET",
        "/platform/v1/screening/cases",
        READ,
        "listCases",
        "List screening cases, oldest first",
        handler!(list),
    )
    .query(&[
        ("status", "`open`, `approved`, `rejected` or `expired`"),
        ("customerId", "only of this customer"),
        CURSOR,
        MAX,
    ])
    .answers::<CaseList>(),
    Route::new(
        "GET",
        "/platform/v1/screening/cases/{id}",
        READ,
        "getCase",
        "Get a screening case with its evidence",
        handler!(get),
    )
    .answers::<Case>(),
    Route::new(
        "POST",
        "/platform/v1/screening/cases/{id}/decide",
        WRITE,
        "decideCase",
        "Decide a screening case",
        handler!(decide),
    )
    .takes::<Decide>()
    .answers::<Case>(),
    Route::new(
        "POST",
        "/platform/v1/screening/checks",
        READ,
        "checkParty",
        "Screen a party and record nothing",
        handler!(check),
    )
    .takes::<CheckParty>()
    .answers::<CheckResult>(),
    Route::new(
        "GET",
        "/platform/v1/screening/lists",
        READ,
        "listLists",
        "The lists in use",
        handler!(lists),
    )
    .answers::<ListVersions>(),
    Route::new(
        "POST",
        "/platform/v1/screening/lists",
        WRITE,
        "importList",
        "Replace a list by a file; the old version stays when the file is refused",
        handler!(import),
    )
    .takes::<ImportList>()
    .large()
    .status(201)
    .answers::<ListVersion>(),
];

const STATES: &[(&str, CaseState)] = &[
    ("open", CaseState::Open),
    ("approved", CaseState::Approved),
    ("rejected", CaseState::Rejected),
    ("expired", CaseState::Expired),
];

const FORMATS: &[(&str, ListFormat)] = &[
    ("csl_csv", ListFormat::CslCsv),
    ("ofac_csv", ListFormat::OfacCsv),
    ("operator_csv", ListFormat::OperatorCsv),
];

const DECISIONS: &[(&str, bool)] = &[
    ("approve", true),
    ("approved", true),
    ("reject", false),
    ("rejected", false),
];

fn cases(call: &Call) -> CasesClient<kit::link::Link> {
    CasesClient::new(call.surface.links.compliance.clone())
}

async fn list(call: Call) -> Outcome {
    let page = Page::cursor(&call.query, USUAL, USUAL)?;
    let message = pb::ListCasesRequest {
        state: call
            .query
            .choice("status", STATES)?
            .unwrap_or_default()
            .into(),
        customer_id: call.query.id("customerId", Kind::Customer)?,
        page_size: page.size,
        page_token: page.token.clone(),
    };
    let found = cases(&call)
        .list_cases(call.own_request(message)?)
        .await?
        .into_inner();
    let links = page.cursor_links(&call.own_url(), &call.query, &found.next_page_token);
    listed(
        &CaseList {
            items: found.cases.into_iter().map(case_out).collect(),
        },
        links,
    )
}

async fn get(call: Call) -> Outcome {
    let case_id = call.id("id", Kind::Case)?.to_string();
    let request = call.own_request(pb::GetCaseRequest { case_id })?;
    ok(&case_out(
        cases(&call).get_case(request).await?.into_inner(),
    ))
}

async fn decide(call: Call) -> Outcome {
    let case_id = call.id("id", Kind::Case)?.to_string();
    let body: Decide = call.json()?;
    let mut violations = Violations::default();
    let decision = body.decision.as_deref();
    if decision.is_none() {
        violations.add("decision", reason::MISSING, "decision is required");
    }
    let approve = body_choice(&mut violations, "decision", decision, DECISIONS).unwrap_or(false);
    let why = violations.text("reason", body.reason.as_deref().unwrap_or_default(), 1000);
    refuse(violations)?;
    let message = pb::DecideCaseRequest {
        case_id,
        approve,
        reason: why,
    };
    ok(&case_out(
        cases(&call)
            .decide_case(call.own_request(message)?)
            .await?
            .into_inner(),
    ))
}

async fn check(call: Call) -> Outcome {
    let body: CheckParty = call.json()?;
    let party = pb::Party {
        name: body.name.unwrap_or_default(),
        aliases: body.aliases.unwrap_or_default(),
        address: body.address.map(address_in),
    };
    let request = call.own_request(pb::CheckPartyRequest { party: Some(party) })?;
    let mut client = ScreeningClient::new(call.surface.links.compliance.clone());
    let result = client.check_party(request).await?.into_inner();
    // whatever is not clear is a match
    let clear = result.decision() == ScreeningDecision::Clear;
    ok(&CheckResult {
        decision: if clear { "clear" } else { "review" }.to_owned(),
        hits: result.hits.into_iter().map(hit_out).collect(),
        index_version: result.index_version,
    })
}

async fn lists(call: Call) -> Outcome {
    let mut client = ListsClient::new(call.surface.links.compliance.clone());
    let found = client
        .list_lists(call.own_request(pb::ListListsRequest {})?)
        .await?
        .into_inner();
    let items = found.lists.into_iter().map(version_out).collect();
    ok(&ListVersions { items })
}

async fn import(call: Call) -> Outcome {
    let body: ImportList = call.json()?;
    let mut violations = Violations::default();
    let format = body_choice(&mut violations, "format", body.format.as_deref(), FORMATS);
    let files: Vec<Option<Vec<u8>>> = body
        .files
        .unwrap_or_default()
        .into_iter()
        .map(|file| STANDARD.decode(file).ok())
        .collect();
    if files.iter().any(Option::is_none) {
        violations.add("files", reason::INVALID, "files must be base64");
    }
    refuse(violations)?;
    let message = pb::ImportListRequest {
        list: body.list.unwrap_or_default(),
        format: format.unwrap_or_default().into(),
        files: files.into_iter().flatten().collect(),
    };
    let mut client = ListsClient::new(call.surface.links.compliance.clone());
    let version = client
        .import_list(call.own_request(message)?)
        .await?
        .into_inner();
    json_response(StatusCode::CREATED, &version_out(version))
}

fn version_out(version: pb::ListVersion) -> ListVersion {
    ListVersion {
        list: version.list,
        version: version.version,
        sha256: version.sha256,
        entries: version.entries,
        names: version.names,
        imported: time(version.imported_at.as_ref()),
    }
}

fn case_out(case: pb::Case) -> Case {
    let state = case.state();
    Case {
        id: id::encode(Kind::Case, &case.case_id),
        partner_org_id: id::encode(Kind::Organization, &case.partner_id),
        customer_id: id::encode_optional(Kind::Customer, &case.customer_id),
        party: case.party.map(party_out),
        status: name_of(STATES, &state),
        hits: case.hits.into_iter().map(hit_out).collect(),
        opened: time(case.opened_at.as_ref()),
        deadline: time(case.deadline.as_ref()),
        decided: time(case.decided_at.as_ref()),
        decided_by: some(case.decided_by),
        reason: some(case.reason),
        index_version: some(case.index_version),
    }
}

fn party_out(party: pb::Party) -> Party {
    Party {
        name: party.name,
        aliases: some_list(party.aliases),
        address: party.address.map(address_out),
    }
}

fn hit_out(hit: pb::Hit) -> Hit {
    Hit {
        list: hit.list,
        entry_id: hit.entry_id,
        matched_name: hit.matched_name,
        score: hit.score,
        evidence: hit.evidence,
    }
}
