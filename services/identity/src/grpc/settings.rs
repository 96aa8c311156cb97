//! `entrepot.identity.v1.Settings`.

use std::sync::Arc;

use kit::{
    access::{Effect, Permission, VERSION},
    auth::Caller,
};
use proto::identity::v1::{
    ChangeSettingsRequest, EffectivePermissions, OrganizationSettings,
    ReadEffectivePermissionsRequest, ReadSettingsRequest, Withheld, settings_server,
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{any_of, uuid};
use crate::{
    app::{
        State,
        change_settings::{change_settings, read_settings},
        enter,
    },
    domain::settings::{self, Change},
};

const READ: &str = "platform:settings_read";
const WRITE: &str = "platform:settings_write";
const IDENTITY_READ: &str = "identity:organizations_read";
const IDENTITY_WRITE: &str = "identity:organizations_rw";

/// The service.
#[derive(Debug)]
pub(crate) struct Settings(pub(crate) Arc<State>);

#[tonic::async_trait]
impl settings_server::Settings for Settings {
    async fn read_settings(
        &self,
        request: Request<ReadSettingsRequest>,
    ) -> Result<Response<OrganizationSettings>, Status> {
        let caller = Caller::of(&request)?;
        any_of(&caller, &[READ, IDENTITY_READ, IDENTITY_WRITE])?;
        let id = uuid(&request.get_ref().organization_id, "organization")?;
        let found = read_settings(&self.0, &caller, id).await?;
        Ok(Response::new(message(id, found)))
    }

    async fn change_settings(
        &self,
        request: Request<ChangeSettingsRequest>,
    ) -> Result<Response<OrganizationSettings>, Status> {
        let caller = Caller::of(&request)?;
        any_of(&caller, &[WRITE, IDENTITY_WRITE])?;
        caller.require_active()?;
        let request = request.into_inner();
        let id = uuid(&request.organization_id, "organization")?;
        let change = Change {
            restricted_by_partner: request.restricted_by_partner,
            enterprise_settings_restricted: request.enterprise_settings_restricted,
            third_party_devices: request.third_party_devices,
            hybrid: request.hybrid,
        };
        let changed = change_settings(&self.0, &caller, id, change).await?;
        Ok(Response::new(message(id, changed)))
    }

    async fn read_effective_permissions(
        &self,
        request: Request<ReadEffectivePermissionsRequest>,
    ) -> Result<Response<EffectivePermissions>, Status> {
        let caller = Caller::of(&request)?;
        // whoever is restricted may know it: of the permissions behind the scope none need be left
        caller.require_scope(READ)?;
        let id = match request.get_ref().organization_id.as_str() {
            "" => enter::own(&caller),
            id => uuid(id, "organization")?,
        };
        let entered = enter::organization(&self.0, &caller, id).await?;
        let name = |permission: Permission| permission.name().to_owned();
        let withheld = entered.withheld().map(|row| Withheld {
            feature: row.feature.to_owned(),
            permission: name(row.takes),
            effect: effect(row.effect).to_owned(),
            rule: row.rule.to_owned(),
        });
        Ok(Response::new(EffectivePermissions {
            organization_id: id.to_string(),
            withheld: withheld.collect(),
            restricted: entered.is_restricted(),
            permissions: entered.left.permissions.iter().map(name).collect(),
            roles: entered
                .roles
                .iter()
                .map(|role| role.code().to_owned())
                .collect(),
            version: i32::try_from(VERSION).unwrap_or(i32::MAX),
        }))
    }
}

fn message(id: Uuid, settings: settings::Settings) -> OrganizationSettings {
    OrganizationSettings {
        organization_id: id.to_string(),
        restricted_by_partner: settings.restricted_by_partner,
        enterprise_settings_restricted: settings.enterprise_settings_restricted,
        third_party_devices: settings.third_party_devices,
        hybrid: settings.hybrid,
    }
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Denied => "denied",
        Effect::ReadOnly => "read_only",
        Effect::Hidden => "hidden",
    }
}
