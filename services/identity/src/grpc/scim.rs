//! `entrepot.identity.v1.Scim`.

use std::sync::Arc;

use kit::auth::Caller;
use proto::identity::v1::{
    CreateResourceRequest, DeleteResourceRequest, DeleteResourceResponse, DescribeScimRequest,
    DescribeScimResponse, PatchResourceRequest, ProcessBulkRequest, ProcessBulkResponse,
    QueryResourcesRequest, QueryResourcesResponse, ReadResourceRequest, ReplaceResourceRequest,
    ScimKind, ScimPlace, ScimResource, scim_server,
};
use serde_json::Value;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{any_of, uuid};
use crate::{
    app::{
        State, enter,
        scim::{self, At, Change, Found, Query},
    },
    domain::scim::{
        Wrong, bulk,
        discovery::LARGEST,
        document::{Selection, object},
        filter::Condition,
        path,
        schema::Kind,
        user::tag,
    },
    error::Error,
};

const READ: [&str; 2] = ["identity:people_read", "identity:people_rw"];
const WRITE: [&str; 1] = ["identity:people_rw"];
/// Scopes that are enough for groups.
const READ_GROUPS: [&str; 2] = ["identity:groups_read", "identity:groups_rw"];
const WRITE_GROUPS: [&str; 1] = ["identity:groups_rw"];
/// Most attributes that are named.
const MOST_NAMES: usize = 100;

/// The service.
#[derive(Debug)]
pub(crate) struct Scim(pub(crate) Arc<State>);

#[tonic::async_trait]
impl scim_server::Scim for Scim {
    async fn create_resource(
        &self,
        request: Request<CreateResourceRequest>,
    ) -> Result<Response<ScimResource>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let at = place(&caller, request.place, true)?;
        let document = read_document(&request.document)?;
        let made = scim::create(&self.0, &caller, &at, &document).await?;
        Ok(Response::new(message(made)))
    }

    async fn read_resource(
        &self,
        request: Request<ReadResourceRequest>,
    ) -> Result<Response<ScimResource>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let at = place(&caller, request.place, false)?;
        let id = uuid(&request.resource_id, "resource")?;
        let found = scim::read(&self.0, &caller, &at, id).await?;
        Ok(Response::new(message(found)))
    }

    async fn query_resources(
        &self,
        request: Request<QueryResourcesRequest>,
    ) -> Result<Response<QueryResourcesResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let at = place(&caller, request.place, false)?;
        let text = request.filter.trim();
        let filter = match text {
            "" => None,
            text => Some(Condition::parse(at.kind, text).map_err(Error::from)?),
        };
        let order = match request.sort_by.as_str() {
            "" => None,
            name => Some((sorted_by(at.kind, name)?, request.descending)),
        };
        let query = Query {
            filter,
            skipped: usize::try_from(request.start_index.saturating_sub(1)).unwrap_or_default(),
            most: usize::try_from(request.count).unwrap_or_default(),
            order,
        };
        let (found, total) = scim::query(&self.0, &caller, &at, &query).await?;
        Ok(Response::new(QueryResourcesResponse {
            resources: found.into_iter().map(message).collect(),
            total: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }

    async fn replace_resource(
        &self,
        request: Request<ReplaceResourceRequest>,
    ) -> Result<Response<ScimResource>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let at = place(&caller, request.place, true)?;
        let id = uuid(&request.resource_id, "resource")?;
        let how = Change::Replace(read_document(&request.document)?);
        let changed = scim::change(&self.0, &caller, &at, id, &how, &request.version).await?;
        Ok(Response::new(message(changed)))
    }

    async fn patch_resource(
        &self,
        request: Request<PatchResourceRequest>,
    ) -> Result<Response<ScimResource>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let at = place(&caller, request.place, true)?;
        let id = uuid(&request.resource_id, "resource")?;
        let how = Change::Patch(read_document(&request.document)?);
        let changed = scim::change(&self.0, &caller, &at, id, &how, &request.version).await?;
        Ok(Response::new(message(changed)))
    }

    async fn delete_resource(
        &self,
        request: Request<DeleteResourceRequest>,
    ) -> Result<Response<DeleteResourceResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        let at = place(&caller, request.place, true)?;
        let id = uuid(&request.resource_id, "resource")?;
        scim::delete(&self.0, &caller, &at, id, &request.version).await?;
        Ok(Response::new(DeleteResourceResponse {}))
    }

    async fn process_bulk(
        &self,
        request: Request<ProcessBulkRequest>,
    ) -> Result<Response<ProcessBulkResponse>, Status> {
        let caller = Caller::of(&request)?;
        any_of(&caller, &WRITE)?;
        let request = request.into_inner();
        let organization = organization(&caller, &request.organization_id)?;
        within(&request.document)?;
        let asked = bulk::parse(&request.document).map_err(Error::from)?;
        let done = scim::bulk::bulk(&self.0, &caller, organization, asked).await?;
        Ok(Response::new(ProcessBulkResponse {
            document: done.to_string(),
        }))
    }

    async fn describe_scim(
        &self,
        request: Request<DescribeScimRequest>,
    ) -> Result<Response<DescribeScimResponse>, Status> {
        let caller = Caller::of(&request)?;
        any_of(&caller, &[READ, READ_GROUPS].concat())?;
        let request = request.into_inner();
        let organization = organization(&caller, &request.organization_id)?;
        let found = scim::describe(&self.0, &caller, organization, &request.path).await?;
        Ok(Response::new(DescribeScimResponse {
            document: found.to_string(),
        }))
    }
}

fn organization(caller: &Caller, text: &str) -> Result<Uuid, Error> {
    match text {
        "" => Ok(enter::own(caller)),
        text => uuid(text, "organization"),
    }
}

/// Where a call goes, for a caller who has a scope for it.
fn place(caller: &Caller, place: Option<ScimPlace>, to_change: bool) -> Result<At, Error> {
    let place = place.unwrap_or_default();
    let kind = match place.kind() {
        ScimKind::Group => Kind::Group,
        ScimKind::User | ScimKind::Unspecified => Kind::User,
    };
    match (kind, to_change) {
        (Kind::User, false) => any_of(caller, &READ)?,
        (Kind::User, true) => any_of(caller, &WRITE)?,
        (Kind::Group, false) => any_of(caller, &[READ, READ_GROUPS].concat())?,
        (Kind::Group, true) => any_of(caller, &[WRITE, WRITE_GROUPS].concat())?,
    }
    if place.attributes.len() + place.excluded_attributes.len() > MOST_NAMES {
        return Err(Wrong::value("attributes", "at most 100 names").into());
    }
    let selection = Selection::parse(kind, &place.attributes, &place.excluded_attributes)?;
    Ok(At {
        organization: organization(caller, &place.organization_id)?,
        kind,
        selection,
    })
}

fn sorted_by(kind: Kind, name: &str) -> Result<path::Spot, Error> {
    let found = path::named(kind, name).filter(|spot| spot.attribute.is_some());
    found.ok_or_else(|| Wrong::value("sortBy", "there is no such attribute").into())
}

fn within(document: &str) -> Result<(), Error> {
    if document.len() > LARGEST {
        return Err(Wrong::new(kit::scim::reason::TOO_MANY, "the document is too large").into());
    }
    Ok(())
}

fn read_document(text: &str) -> Result<crate::domain::scim::Document, Error> {
    within(text)?;
    Ok(object(text)?)
}

fn message(found: Found) -> ScimResource {
    ScimResource {
        resource_id: found.id.to_string(),
        document: Value::Object(found.document).to_string(),
        version: tag(found.version),
        location: found.location,
    }
}
