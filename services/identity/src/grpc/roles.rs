//! `entrepot.identity.v1.Roles`.

use kit::{
    access::{self, Permission, ROLES},
    auth::Caller,
};
use proto::identity::v1::{ListRolesRequest, ListRolesResponse, Role, roles_server};
use tonic::{Request, Response, Status};

const READ: &str = "spark-admin:roles_read";

/// The service.
#[derive(Debug)]
pub(crate) struct Roles;

#[tonic::async_trait]
impl roles_server::Roles for Roles {
    async fn list_roles(
        &self,
        request: Request<ListRolesRequest>,
    ) -> Result<Response<ListRolesResponse>, Status> {
        Caller::of(&request)?.require(READ)?;
        let roles = ROLES
            .iter()
            .filter(|row| !row.role.is_machines() && row.role != access::Role::User)
            .map(|row| Role {
                role_id: row.code.to_owned(),
                name: row.name.to_owned(),
                permissions: row.permissions.iter().map(name).collect(),
            });
        Ok(Response::new(ListRolesResponse {
            roles: roles.collect(),
        }))
    }
}

fn name(permission: Permission) -> String {
    permission.name().to_owned()
}
