//! The Lists service.

use kit::{
    audit,
    auth::{Caller, CallerKind},
    fault::{Violations, reason},
    time::to_proto,
};
use proto::compliance::v1::{
    ImportListRequest, ListFormat, ListListsRequest, ListListsResponse, ListVersion,
    lists_server::Lists,
};
use tonic::{Request, Response, Status};

use super::{READ, WRITE, staff};
use crate::{
    app::{
        App,
        import_list::{Import, import_list, list_lists},
    },
    domain::list::Format,
    error::Error,
    store::list::Version,
};

pub(super) struct Service(pub(super) App);

/// Longest name of a list, in letters.
const LONGEST_NAME: usize = 60;

#[tonic::async_trait]
impl Lists for Service {
    async fn import_list(
        &self,
        request: Request<ImportListRequest>,
    ) -> Result<Response<ListVersion>, Status> {
        let caller = staff(&request, WRITE)?;
        caller.require_kind(CallerKind::Operator)?;
        let import = import(request.into_inner(), &caller)?;
        let version = import_list(&self.0, import).await?;
        Ok(Response::new(version_out(version)))
    }

    async fn list_lists(
        &self,
        request: Request<ListListsRequest>,
    ) -> Result<Response<ListListsResponse>, Status> {
        staff(&request, READ)?;
        let lists = list_lists(&self.0)
            .await?
            .into_iter()
            .map(version_out)
            .collect();
        Ok(Response::new(ListListsResponse { lists }))
    }
}

fn import(request: ImportListRequest, caller: &Caller) -> Result<Import, Error> {
    let mut wrong = Violations::default();
    let list = wrong.text("list", &request.list, LONGEST_NAME);
    let format = match request.format() {
        ListFormat::CslCsv => Format::Csl,
        ListFormat::OfacCsv => Format::Ofac,
        ListFormat::OperatorCsv => Format::Operator,
        ListFormat::Unspecified => {
            wrong.add("format", reason::MISSING, "format is required");
            Format::Operator
        }
    };
    Error::check(wrong)?;
    Ok(Import {
        list,
        format,
        files: request.files,
        by: caller.subject.clone(),
        act: Some((caller.partner, audit::by(caller, "list.imported"))),
    })
}

fn version_out(version: Version) -> ListVersion {
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    ListVersion {
        list: version.list,
        version: version.number,
        sha256: version.sha256,
        entries: count(version.size.entries),
        names: count(version.size.names),
        imported_at: Some(to_proto(version.imported_at)),
    }
}
