//! `entrepot.identity.v1.Directory`.

use std::sync::Arc;

use kit::{
    auth::Caller,
    fault::{Violations, reason},
    page::{self, Cursor},
    time::to_proto,
};
use proto::identity::v1::{
    ChangeOrganizationRequest, ListOrganizationsRequest, ListOrganizationsResponse,
    ManagementRelation, NamedOrganization, NamedSubject, OrganizationDetail,
    ReadOrganizationRequest, ResolveNamesRequest, ResolveNamesResponse, directory_server,
};
use tonic::{Request, Response, Status};

use super::{any_of, cursor, organizations, uuid};
use crate::{
    app::{
        self, State,
        change_organization::{Change, change_organization, read_organization},
        resolve_names::resolve_names,
    },
    domain::{
        organization::Detail,
        reach::{Management, Relation},
    },
    error::Error,
};

const READ: &str = "spark-admin:organizations_read";
const IDENTITY_READ: &str = "identity:organizations_read";
const IDENTITY_WRITE: &str = "identity:organizations_rw";
const AUDIT: &str = "audit:events_read";
const AUDIT_OWN: &str = "platform:audit_read";
const PEOPLE: &str = "spark-admin:people_read";
/// Most names that are asked for at once.
const MOST_NAMES: usize = 3000;
/// Most organizations of a page.
const TOP: i64 = 1000;

/// The service.
#[derive(Debug)]
pub(crate) struct Directory(pub(crate) Arc<State>);

#[tonic::async_trait]
impl directory_server::Directory for Directory {
    async fn list_organizations(
        &self,
        request: Request<ListOrganizationsRequest>,
    ) -> Result<Response<ListOrganizationsResponse>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(READ)?;
        let request = request.into_inner();
        let (after, size) = (
            cursor(&request.page_token)?,
            page::size(request.page_size, 100, TOP),
        );
        let list = app::list_organizations::list_organizations;
        let mut found = list(&self.0, &caller, after, size + 1).await?;
        let next_page_token = next(&mut found, size, |one| one.id.uuid());
        Ok(Response::new(ListOrganizationsResponse {
            organizations: found.into_iter().map(organizations::message).collect(),
            next_page_token,
        }))
    }

    async fn read_organization(
        &self,
        request: Request<ReadOrganizationRequest>,
    ) -> Result<Response<OrganizationDetail>, Status> {
        let caller = Caller::of(&request)?;
        any_of(&caller, &[READ, IDENTITY_READ, IDENTITY_WRITE])?;
        let id = uuid(&request.get_ref().organization_id, "organization")?;
        let found = read_organization(&self.0, &caller, id).await?;
        Ok(Response::new(message(found)))
    }

    async fn change_organization(
        &self,
        request: Request<ChangeOrganizationRequest>,
    ) -> Result<Response<OrganizationDetail>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(IDENTITY_WRITE)?;
        caller.require_active()?;
        let request = request.into_inner();
        let id = uuid(&request.organization_id, "organization")?;
        let change = Change::parse(&request.display_name, &request.locale, request.version)?;
        let changed = change_organization(&self.0, &caller, id, change).await?;
        Ok(Response::new(message(changed)))
    }

    async fn resolve_names(
        &self,
        request: Request<ResolveNamesRequest>,
    ) -> Result<Response<ResolveNamesResponse>, Status> {
        let caller = Caller::of(&request)?;
        any_of(&caller, &[AUDIT, AUDIT_OWN, PEOPLE])?;
        let request = request.into_inner();
        let (subjects, organizations) = (&request.subject_ids, &request.organization_ids);
        let mut wrong = Violations::default();
        for (field, ids) in [("subjectIds", subjects), ("organizationIds", organizations)] {
            let text = "at most 3000 ids at once";
            wrong.check(ids.len() <= MOST_NAMES, field, reason::TOO_LONG, text);
        }
        Error::check(wrong)?;
        let organizations: Vec<_> = organizations.iter().flat_map(|id| id.parse()).collect();
        let found = resolve_names(&self.0, &caller, subjects, &organizations).await?;
        let subjects = found.subjects.into_iter().map(|one| NamedSubject {
            subject_id: one.id,
            display_name: one.display_name,
            email: one.email,
        });
        let organizations = found.organizations.into_iter();
        let organizations = organizations.map(|one| NamedOrganization {
            organization_id: one.id.to_string(),
            display_name: one.display_name,
        });
        Ok(Response::new(ResolveNamesResponse {
            subjects: subjects.collect(),
            organizations: organizations.collect(),
        }))
    }
}

/// Cuts the row that shows that there are more; where the next page begins, empty at the end.
pub(super) fn next<T>(rows: &mut Vec<T>, size: i64, id: impl Fn(&T) -> uuid::Uuid) -> String {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if rows.len() <= size {
        return String::new();
    }
    rows.truncate(size);
    let last = rows.last().map(|row| Cursor {
        key: String::new(),
        id: id(row),
    });
    last.map(|last| last.token()).unwrap_or_default()
}

fn message((detail, relations): (Detail, Vec<Relation>)) -> OrganizationDetail {
    OrganizationDetail {
        organization: Some(organizations::message(detail.organization)),
        changed_at: Some(to_proto(detail.changed_at)),
        version: detail.version,
        relations: relations.into_iter().map(relation).collect(),
    }
}

fn relation(relation: Relation) -> ManagementRelation {
    ManagementRelation {
        manager_id: relation.manager.to_string(),
        provisioning_only: relation.kind == Management::Provisioning,
        granted_at: Some(to_proto(relation.since)),
    }
}
