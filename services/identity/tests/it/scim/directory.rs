//! What a directory does.

use kit::{auth::Caller, auth::CallerKind, fault::Fault, id::PartnerId, testing};
use proto::identity::v1::{
    CreateResourceRequest, DeleteResourceRequest, Organization, PatchResourceRequest,
    ProcessBulkRequest, QueryResourcesRequest, ReadResourceRequest, ReplaceResourceRequest,
    ScimKind, ScimPlace, ScimResource, scim_client::ScimClient,
};
use serde_json::{Value, json};

use crate::it::world::World;

pub(super) const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
pub(super) const WORK: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A partner's directory client.
fn directory(of: PartnerId) -> Caller {
    testing::caller(CallerKind::Partner, of, &["identity:people_rw"])
}

/// What a directory does in an organization.
pub(super) struct Directory<'a> {
    world: &'a World,
    pub(super) caller: Caller,
    organization: String,
    kind: ScimKind,
}

impl<'a> Directory<'a> {
    pub(super) fn new(world: &'a World, owner: PartnerId, organization: &str) -> Self {
        Self {
            world,
            caller: directory(owner),
            organization: organization.to_owned(),
            kind: ScimKind::User,
        }
    }

    pub(super) fn groups(&self) -> Self {
        Self {
            caller: self.caller.clone(),
            organization: self.organization.clone(),
            kind: ScimKind::Group,
            ..*self
        }
    }

    fn client(&self) -> ScimClient<kit::link::Link> {
        ScimClient::new(self.world.link.clone())
    }

    fn place(&self) -> ScimPlace {
        ScimPlace {
            organization_id: self.organization.clone(),
            kind: self.kind.into(),
            ..ScimPlace::default()
        }
    }

    pub(super) async fn add(&self, document: &Value) -> Result<Value, Fault> {
        let request = CreateResourceRequest {
            place: Some(self.place()),
            document: document.to_string(),
        };
        let request = testing::request(request, &self.caller);
        Ok(read(
            &self.client().create_resource(request).await?.into_inner(),
        ))
    }

    pub(super) async fn get(&self, id: &str) -> Result<Value, Fault> {
        let request = ReadResourceRequest {
            place: Some(self.place()),
            resource_id: id.to_owned(),
        };
        let request = testing::request(request, &self.caller);
        Ok(read(
            &self.client().read_resource(request).await?.into_inner(),
        ))
    }

    pub(super) async fn put(&self, id: &str, document: &Value) -> Result<Value, Fault> {
        let request = ReplaceResourceRequest {
            place: Some(self.place()),
            resource_id: id.to_owned(),
            document: document.to_string(),
            version: String::new(),
        };
        let request = testing::request(request, &self.caller);
        Ok(read(
            &self.client().replace_resource(request).await?.into_inner(),
        ))
    }

    pub(super) async fn patch(&self, id: &str, operations: Value) -> Result<Value, Fault> {
        self.patch_version(id, operations, "").await
    }

    pub(super) async fn patch_version(
        &self,
        id: &str,
        operations: Value,
        version: &str,
    ) -> Result<Value, Fault> {
        let change = json!({ "schemas": [PATCH], "Operations": operations });
        let request = PatchResourceRequest {
            place: Some(self.place()),
            resource_id: id.to_owned(),
            document: change.to_string(),
            version: version.to_owned(),
        };
        let request = testing::request(request, &self.caller);
        Ok(read(
            &self.client().patch_resource(request).await?.into_inner(),
        ))
    }

    pub(super) async fn delete(&self, id: &str) -> Result<(), Fault> {
        let request = DeleteResourceRequest {
            place: Some(self.place()),
            resource_id: id.to_owned(),
            version: String::new(),
        };
        let request = testing::request(request, &self.caller);
        self.client().delete_resource(request).await?;
        Ok(())
    }

    pub(super) async fn find(&self, filter: &str) -> Result<Vec<String>, Fault> {
        let request = QueryResourcesRequest {
            place: Some(self.place()),
            filter: filter.to_owned(),
            start_index: 1,
            count: 100,
            ..QueryResourcesRequest::default()
        };
        let request = testing::request(request, &self.caller);
        let found = self.client().query_resources(request).await?.into_inner();
        assert_eq!(usize::try_from(found.total).unwrap(), found.resources.len());
        let names = found.resources.iter().map(|found| {
            let found = read(found);
            let name = found["userName"].as_str().or(found["displayName"].as_str());
            name.unwrap().to_owned()
        });
        let mut names: Vec<_> = names.collect();
        names.sort();
        Ok(names)
    }

    pub(super) async fn bulk(&self, operations: Value) -> Result<Value, Fault> {
        let document = json!({ "schemas": [BULK], "failOnErrors": 9, "Operations": operations });
        let request = ProcessBulkRequest {
            organization_id: self.organization.clone(),
            document: document.to_string(),
        };
        let request = testing::request(request, &self.caller);
        let done = self.client().process_bulk(request).await?.into_inner();
        Ok(serde_json::from_str(&done.document).unwrap())
    }
}

fn read(resource: &ScimResource) -> Value {
    serde_json::from_str(&resource.document).unwrap()
}

pub(super) fn id(resource: &Value) -> &str {
    resource["id"].as_str().unwrap()
}

/// A customer with its first administrator.
pub(super) async fn customer(world: &World, owner: PartnerId, email: &str) -> Organization {
    let customer = world.customer(owner).await;
    world.enrol(&customer, email).await.unwrap();
    customer
}
