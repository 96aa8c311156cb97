//! `/platform/v1/organizations/{id}/settings` with its published twin, and what is left of one's rights.

use kit::fault::reason;
use proto::identity::v1::{
    self as pb, ChangeSettingsRequest, ReadEffectivePermissionsRequest, ReadSettingsRequest,
    settings_client::SettingsClient,
};

use crate::{
    call::{Call, Outcome, ok},
    failure::Failure,
    id::{self, Kind},
    routes::{Route, handler},
    wire::settings::{
        ChangeSettings, EffectivePermissions, OrganizationSettings, PublishedSetting,
        SetPublishedSetting, Withheld,
    },
};

const OURS: &str = "/platform/v1/organizations/{id}/settings";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(
        "GET",
        OURS,
        "platform:settings_read",
        "getSettings",
        "Get what restricts an organization",
        handler!(get),
    )
    .answers::<OrganizationSettings>(),
    Route::new(
        "PATCH",
        OURS,
        "platform:settings_write",
        "changeSettings",
        "Change what restricts a customer's own administrators; for its partner only",
        handler!(change),
    )
    .takes::<ChangeSettings>()
    .answers::<OrganizationSettings>(),
    Route::new(
        "GET",
        "/platform/v1/organizations/{id}/effective-permissions",
        "platform:settings_read",
        "getEffectivePermissions",
        "What the caller may do in an organization, and what was taken away by which rule",
        handler!(effective),
    )
    .answers::<EffectivePermissions>(),
    Route::new(
        "GET",
        "/v1/settings/organizations/{orgId}/settings/{settingKey}",
        "identity:organizations_read",
        "getPublishedSetting",
        "Get one setting of an organization",
        handler!(get_one),
    )
    .answers::<PublishedSetting>(),
    Route::new(
        "POST",
        "/v1/settings/organizations/{orgId}/settings",
        "identity:organizations_rw",
        "setPublishedSetting",
        "Change one setting of an organization",
        handler!(set_one),
    )
    .takes::<SetPublishedSetting>()
    .answers::<PublishedSetting>(),
];

fn client(call: &Call) -> SettingsClient<kit::link::Link> {
    SettingsClient::new(call.surface.links.identity.clone())
}

async fn read(call: &Call, organization_id: String) -> Result<pb::OrganizationSettings, Failure> {
    let request = call.own_request(ReadSettingsRequest { organization_id })?;
    Ok(client(call).read_settings(request).await?.into_inner())
}

async fn write(
    call: &Call,
    change: ChangeSettingsRequest,
) -> Result<pb::OrganizationSettings, Failure> {
    let request = call.own_request(change)?;
    Ok(client(call).change_settings(request).await?.into_inner())
}

async fn get(call: Call) -> Outcome {
    let id = call.id("id", Kind::Organization)?.to_string();
    ok(&settings_out(&read(&call, id).await?))
}

async fn change(call: Call) -> Outcome {
    let organization_id = call.id("id", Kind::Organization)?.to_string();
    let body: ChangeSettings = call.json()?;
    let change = ChangeSettingsRequest {
        organization_id,
        restricted_by_partner: body.restricted_by_partner,
        enterprise_settings_restricted: body.restrict_enterprise_settings,
        third_party_devices: body.allow_third_party_devices,
        hybrid: body.hybrid,
    };
    ok(&settings_out(&write(&call, change).await?))
}

fn settings_out(found: &pb::OrganizationSettings) -> OrganizationSettings {
    OrganizationSettings {
        org_id: id::encode(Kind::Organization, &found.organization_id),
        restricted_by_partner: found.restricted_by_partner,
        restrict_enterprise_settings: found.enterprise_settings_restricted,
        allow_third_party_devices: found.third_party_devices,
        hybrid: found.hybrid,
    }
}

async fn effective(call: Call) -> Outcome {
    let organization_id = call.id("id", Kind::Organization)?.to_string();
    let request = call.own_request(ReadEffectivePermissionsRequest { organization_id })?;
    let found = client(&call).read_effective_permissions(request).await?;
    let found = found.into_inner();
    let withheld = found.withheld.into_iter().map(|one| Withheld {
        feature: one.feature,
        permission: one.permission,
        effect: one.effect,
        rule: one.rule,
    });
    ok(&EffectivePermissions {
        org_id: id::encode(Kind::Organization, &found.organization_id),
        restricted: found.restricted,
        roles: found.roles,
        permissions: found.permissions,
        withheld: withheld.collect(),
        version: found.version,
    })
}

/// A setting under its published key: how it is read and how it is changed.
struct Key {
    name: &'static str,
    read: fn(&pb::OrganizationSettings) -> bool,
    change: fn(&mut ChangeSettingsRequest, bool),
}

const KEYS: &[Key] = &[
    Key {
        name: "restricted_by_partner",
        read: |settings| settings.restricted_by_partner,
        change: |change, value| change.restricted_by_partner = Some(value),
    },
    Key {
        name: "restrict_enterprise_settings",
        read: |settings| settings.enterprise_settings_restricted,
        change: |change, value| change.enterprise_settings_restricted = Some(value),
    },
    Key {
        name: "allow_third_party_devices",
        read: |settings| settings.third_party_devices,
        change: |change, value| change.third_party_devices = Some(value),
    },
];

fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

fn published(key: &Key, found: &pb::OrganizationSettings) -> PublishedSetting {
    PublishedSetting {
        key: key.name.to_owned(),
        value: (key.read)(found),
        name: key.name.to_owned(),
    }
}

async fn get_one(call: Call) -> Outcome {
    let id = call.id("orgId", Kind::Organization)?.to_string();
    let found = read(&call, id).await?;
    let key = key(call.part("settingKey")).ok_or_else(Failure::missing)?;
    ok(&published(key, &found))
}

async fn set_one(call: Call) -> Outcome {
    let organization_id = call.id("orgId", Kind::Organization)?.to_string();
    let body: SetPublishedSetting = call.json()?;
    let field = |name: &str, why: &str| Failure::field(name, reason::INVALID, why.to_owned());
    let key = key(&body.key.unwrap_or_default());
    let key = key.ok_or_else(|| field("key", "there is no such setting"))?;
    let value = body.value.ok_or_else(|| {
        let why = "value is required".to_owned();
        Failure::field("value", reason::MISSING, why)
    })?;
    let mut change = ChangeSettingsRequest {
        organization_id,
        ..ChangeSettingsRequest::default()
    };
    (key.change)(&mut change, value);
    ok(&published(key, &write(&call, change).await?))
}
