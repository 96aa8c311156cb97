//! `/v1/roles`.

use proto::identity::v1::{self as pb, roles_client::RolesClient};

use crate::{
    call::{Call, Outcome, ok},
    failure::Failure,
    id::{self, Kind},
    routes::{Route, handler},
    wire::roles::{PublishedRole, PublishedRoleList},
};

const READ: &str = "spark-admin:roles_read";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(
        "GET",
        "/v1/roles",
        READ,
        "listRoles",
        "List roles",
        handler!(list),
    )
    .answers::<PublishedRoleList>(),
    Route::new(
        "GET",
        "/v1/roles/{roleId}",
        READ,
        "getRole",
        "Get a role",
        handler!(get),
    )
    .answers::<PublishedRole>(),
];

async fn all(call: &Call) -> Result<Vec<pb::Role>, Failure> {
    let mut roles = RolesClient::new(call.surface.links.identity.clone());
    let request = call.own_request(pb::ListRolesRequest {})?;
    Ok(roles.list_roles(request).await?.into_inner().roles)
}

async fn list(call: Call) -> Outcome {
    let items = all(&call).await?.into_iter().map(role_out).collect();
    ok(&PublishedRoleList { items })
}

async fn get(call: Call) -> Outcome {
    let wanted = id::decode_text(Kind::Role, call.part("roleId"));
    let found = all(&call).await?.into_iter();
    let mut found = found.filter(|role| Some(&role.role_id) == wanted.as_ref());
    ok(&role_out(found.next().ok_or_else(Failure::missing)?))
}

fn role_out(role: pb::Role) -> PublishedRole {
    PublishedRole {
        id: id::encode(Kind::Role, &role.role_id),
        name: role.name,
    }
}
