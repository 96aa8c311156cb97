//! Providers as partners register them (R-1302, R-1303).

use identity::Config;
use kit::{auth::Act, fault::Fault, id::PartnerId, testing};
use proto::identity::v1::{
    CreateCustomerOrganizationRequest, IdentityProvider, ListIdentityProvidersRequest,
    OidcSettings, ProviderState, SamlSettings, identity_provider::Settings,
};
use sqlx::{Connection as _, PgConnection};

use super::registry::{SECRET, oidc, told};
use crate::it::world::{World, config, new_customer, partner, reason, service};

fn names(fault: &Fault) -> Vec<String> {
    let wrong = fault.violations.iter();
    wrong
        .map(|one| format!("{} {}", one.field, one.reason))
        .collect()
}

#[tokio::test]
async fn r22_names() {
    let world = World::new().await;
    let (own, other) = (world.partner(None).await, world.partner(None).await);
    let made = world
        .register_provider(&partner(own), told("Own-Idp"))
        .await
        .unwrap();
    assert_eq!(made.state(), ProviderState::Draft);
    let id = &made.connection_id;
    let Some(Settings::Oidc(oidc)) = &made.settings else {
        panic!("{made:?}");
    };
    assert_eq!(
        oidc.redirect_uri,
        format!("https://api.example.net/oidc/{id}/callback")
    );

    // whatever the case, and at another partner as well
    let clash = world
        .register_provider(&partner(other), told("OWN-idp"))
        .await;
    assert_eq!(reason(clash), "PROVIDER_NAME_IN_USE");
    let mut renamed = told("Own-Idp");
    renamed.name = "second".to_owned();
    let same = world
        .register_provider(&partner(own), renamed.clone())
        .await;
    assert_eq!(reason(same), "PROVIDER_EXISTS", "the same issuer");
    world
        .register_provider(&partner(other), renamed)
        .await
        .unwrap();

    for (name, wrong) in [
        ("x".repeat(129), "name TOO_LONG"),
        (String::new(), "name MISSING"),
        ("a b".to_owned(), "name INVALID"),
        ("ä".to_owned(), "name INVALID"),
    ] {
        let mut provider = told("other");
        provider.name = name;
        let fault = world
            .register_provider(&partner(own), provider)
            .await
            .unwrap_err();
        assert_eq!(names(&fault), [wrong]);
    }
    let mut longest = told("longest");
    longest.name = "x".repeat(128);
    world
        .register_provider(&partner(own), longest)
        .await
        .unwrap();
}

#[tokio::test]
async fn r23_r24_everything_wrong_is_named_at_once() {
    let world = World::new().await;
    let own = partner(world.partner(None).await);
    let mut provider = told("own");
    *oidc(&mut provider) = OidcSettings {
        scopes: vec!["openid".to_owned()],
        authorization_endpoint: "http://own.example/authorize".to_owned(),
        ..OidcSettings::default()
    };
    let fault = world.register_provider(&own, provider).await.unwrap_err();
    assert_eq!(
        names(&fault),
        [
            "clientSecret MISSING",
            "clientId MISSING",
            "scopes MISSING",
            "authorizationEndpoint INVALID",
            "issuer MISSING",
            "tokenEndpoint MISSING",
            "keySetEndpoint MISSING",
        ]
    );
    let saml = IdentityProvider {
        settings: Some(Settings::Saml(SamlSettings::default())),
        ..told("own")
    };
    let fault = world.register_provider(&own, saml).await.unwrap_err();
    assert_eq!(names(&fault), ["metadata MISSING"]);
}

#[tokio::test]
async fn r19_a_discovery_endpoint_inside_and_one_that_is_nowhere_look_the_same() {
    let world = World::new().await;
    let own = partner(world.partner(None).await);
    for place in [
        "https://127.0.0.1:8080/.well-known/openid-configuration",
        "https://169.254.169.254/.well-known/openid-configuration",
        "https://metadata.internal/.well-known/openid-configuration",
    ] {
        let mut provider = told("own");
        *oidc(&mut provider) = OidcSettings {
            client_id: "us".to_owned(),
            client_secret: SECRET.to_owned(),
            scopes: vec!["openid".to_owned(), "email".to_owned()],
            discovery_endpoint: place.to_owned(),
            ..OidcSettings::default()
        };
        let fault = world.register_provider(&own, provider).await.unwrap_err();
        assert_eq!(names(&fault), ["discoveryEndpoint UNREACHABLE"], "{place}");
    }
}

#[tokio::test]
async fn r25_the_secret_is_never_told_and_a45_lies_sealed() {
    let world = World::new().await;
    let own = partner(world.partner(None).await);
    let made = world.register_provider(&own, told("own")).await.unwrap();
    let read = world.read_provider(&own, &made.connection_id).await;
    let mut changed = told("own");
    changed.connection_id.clone_from(&made.connection_id);
    oidc(&mut changed).client_secret.clear();
    let changed = world.change_provider(&own, changed).await;
    let request = testing::request(ListIdentityProvidersRequest::default(), &own);
    let listed = world.providers().list_identity_providers(request).await;
    let acts = world.acts().await;
    let said = format!("{made:?} {read:?} {changed:?} {listed:?} {acts:?}");
    assert!(said.contains("own.example"), "{said}");
    assert!(!said.contains(SECRET), "{said}");

    let mut sql = PgConnection::connect(&world.url).await.unwrap();
    let kept: Vec<u8> = sqlx::query_scalar("select secrets from identity.identity_provider")
        .fetch_one(&mut sql)
        .await
        .unwrap();
    assert!(kept.len() > SECRET.len());
    let plain = kept
        .windows(SECRET.len())
        .any(|part| part == SECRET.as_bytes());
    assert!(!plain);
}

#[tokio::test]
async fn what_was_tested_is_what_is_used() {
    let world = World::new().await;
    let id = world.partner(None).await;
    let own = partner(id);
    let made = world.register_provider(&own, told("own")).await.unwrap();
    let connection = made.connection_id.as_str();
    assert_eq!(
        reason(world.activate(&own, connection).await),
        "PROVIDER_NOT_TESTED"
    );
    world.as_if_tested(connection).await;
    let active = world.activate(&own, connection).await.unwrap();
    assert_eq!(active.state(), ProviderState::Active);
    assert!(world.is_in_use(id, "oidc", "OWN").await);
    assert!(world.is_in_use(id, "oidc", "https://own.example").await);
    assert!(!world.is_in_use(id, "saml", "own").await);
    let other = world.partner(None).await;
    assert!(!world.is_in_use(other, "oidc", "own").await);

    // another secret or name is the same provider; another endpoint is not
    let mut changed = told("own");
    changed.connection_id = connection.to_owned();
    changed.name = "renamed".to_owned();
    changed.version = active.version;
    let kept = world.change_provider(&own, changed.clone()).await.unwrap();
    assert_eq!(kept.state(), ProviderState::Active);
    let late = world.change_provider(&own, changed.clone()).await;
    assert_eq!(reason(late), "VERSION_DIFFERS");
    changed.version = 0;
    oidc(&mut changed).key_set_endpoint = "https://own.example/other".to_owned();
    let draft = world.change_provider(&own, changed).await.unwrap();
    assert_eq!(draft.state(), ProviderState::Draft);
    assert!(!world.is_in_use(id, "oidc", "renamed").await);
    assert_eq!(
        reason(world.activate(&own, connection).await),
        "PROVIDER_NOT_TESTED"
    );

    world.as_if_tested(connection).await;
    world.activate(&own, connection).await.unwrap();
    let off = world.disable(&own, connection).await.unwrap();
    assert_eq!(off.state(), ProviderState::Disabled);
    assert!(!world.is_in_use(id, "oidc", "renamed").await);
    world.activate(&own, connection).await.unwrap();
    assert!(world.is_in_use(id, "oidc", "renamed").await);
}

#[tokio::test]
async fn r1303_an_organization_is_bound_when_it_is_created_and_keeps_what_it_had() {
    let world = World::new().await;
    let id = world.partner(None).await;
    let own = partner(id);
    let before = world.customer(id).await;
    let made = world.register_provider(&own, told("own")).await.unwrap();
    let connection = made.connection_id.as_str();
    assert_eq!(
        (
            before.authentication.as_str(),
            before.connection_id.as_str()
        ),
        ("platform", "")
    );

    let bound = world.bound_customer(id, "Own").await.unwrap();
    assert_eq!(bound.authentication, "oidc");
    assert_eq!(bound.connection_id, connection);
    let unknown = world.bound_customer(id, "nobody").await;
    assert_eq!(reason(unknown), "IDENTITY_PROVIDER_UNKNOWN");
    let stranger = world.partner(None).await;
    let foreign = world.bound_customer(stranger, "own").await;
    assert_eq!(reason(foreign), "IDENTITY_PROVIDER_UNKNOWN");
    let odd = CreateCustomerOrganizationRequest {
        authentication: "ldap".to_owned(),
        ..new_customer(id, &world.id())
    };
    let odd = testing::request(odd, &service());
    let odd = world
        .organizations()
        .create_customer_organization(odd)
        .await;
    assert_eq!(reason(odd), "IDENTITY_PROVIDER_UNKNOWN");

    // a repeat that asks for another way in is another request
    let repeat = new_customer(id, &bound.organization_id);
    let repeat = testing::request(repeat, &service());
    let repeat = world
        .organizations()
        .create_customer_organization(repeat)
        .await;
    assert_eq!(reason(repeat), "ORGANIZATION_DIFFERS");

    let counted = world.read_provider(&own, connection).await.unwrap();
    assert_eq!(counted.organizations, 1);
    let delete = world.delete_provider(&own, connection).await;
    assert_eq!(reason(delete), "PROVIDER_IN_USE");
    let unused = world.register_provider(&own, told("unused")).await.unwrap();
    world
        .delete_provider(&own, &unused.connection_id)
        .await
        .unwrap();
    let gone = world.read_provider(&own, &unused.connection_id).await;
    assert_eq!(reason(gone), "NOT_FOUND");
}

#[tokio::test]
async fn a29_nobody_changes_providers_of_somebody_whom_it_acts_for() {
    let world = World::new().await;
    let id = world.partner(None).await;
    let made = world
        .register_provider(&partner(id), told("own"))
        .await
        .unwrap();
    let mut acting = partner(id);
    acting.actor = Some(Act {
        sub: "parent".to_owned(),
        org: PartnerId::new(&world.context.ids),
        sid: None,
    });
    let connection = &made.connection_id;
    assert!(world.read_provider(&acting, connection).await.is_ok());
    let other = world.register_provider(&acting, told("other")).await;
    assert_eq!(reason(other), "ACTING_NOT_ALLOWED");
    let disabled = world.disable(&acting, connection).await;
    assert_eq!(reason(disabled), "ACTING_NOT_ALLOWED");
    let deleted = world.delete_provider(&acting, connection).await;
    assert_eq!(reason(deleted), "ACTING_NOT_ALLOWED");
}

#[tokio::test]
async fn an_api_client_does_not_decide_who_administers_its_partner() {
    let world = World::new().await;
    let id = world.partner(None).await;
    let own = partner(id);
    let made = world.register_provider(&own, told("own")).await.unwrap();
    let connection = &made.connection_id;
    world
        .sql(format!(
            "update organization set authentication = 'oidc', connection_id = '{connection}'
             where organization_id = '{id}'"
        ))
        .await;
    let mut changed = told("own");
    changed.connection_id.clone_from(connection);
    for refused in [
        reason(world.change_provider(&own, changed).await),
        reason(world.activate(&own, connection).await),
        reason(world.disable(&own, connection).await),
    ] {
        assert_eq!(refused, "CALLER_NOT_ALLOWED");
    }
}

#[test]
fn private_networks_are_closed_unless_the_operator_opens_them() {
    assert!(!Config::default().allow_private_networks);
    assert!(!config().allow_private_networks);
}
