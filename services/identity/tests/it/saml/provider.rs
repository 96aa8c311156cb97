//! SAML providers as partners register them (S5, S6, S88), and what they read of us.

use kit::fault::Fault;
use proto::identity::v1::{
    ProviderState, ReadServiceProviderRequest, identity_provider::Settings,
    saml_sign_on_client::SamlSignOnClient,
};
use sqlx::{Connection as _, PgConnection};

use super::registry::{ATTACKER, Bound, PROVIDER, metadata, saml, told};
use crate::it::world::{World, partner, reason};

fn names(fault: &Fault) -> Vec<String> {
    let wrong = fault.violations.iter();
    wrong
        .map(|one| format!("{} {}", one.field, one.reason))
        .collect()
}

#[tokio::test]
async fn a_partner_registers_its_provider_by_its_metadata() {
    let world = World::new().await;
    let id = world.partner(None).await;
    let own = partner(id);
    let mut made = world
        .register_provider(&own, told("acme", &PROVIDER))
        .await
        .unwrap();
    assert_eq!(made.state(), ProviderState::Draft);
    assert_eq!(made.entity_id, "https://acme.example/idp");
    let connection = made.connection_id.clone();
    let base = format!("https://api.example.net/saml/{connection}");
    let read = saml(&mut made);
    assert_eq!(read.sign_in_url, "https://acme.example/sso");
    assert_eq!(read.acs_url, format!("{base}/acs"));
    assert_eq!(read.service_provider_entity_id, format!("{base}/metadata"));
    assert_eq!(read.certificates.len(), 1);

    let mut client = SamlSignOnClient::new(world.link.clone());
    let request = ReadServiceProviderRequest {
        connection_id: connection.clone(),
    };
    let ours = client.read_service_provider(request).await.unwrap();
    let ours = ours.into_inner().document;
    assert!(ours.contains(&format!("entityID=\"{base}/metadata\"")));
    assert!(ours.contains("AuthnRequestsSigned=\"true\""));
    let request = ReadServiceProviderRequest {
        connection_id: world.id(),
    };
    let nobody = client.read_service_provider(request).await;
    assert_eq!(reason(nobody), "NOT_FOUND");

    // another certificate is the same provider; a test of it stays one
    world.as_if_tested(&connection).await;
    let mut changed = told("acme", &ATTACKER);
    changed.connection_id.clone_from(&connection);
    let changed = world.change_provider(&own, changed).await.unwrap();
    assert_eq!(changed.state(), ProviderState::Tested);
    // what is not told again stays; another choice is to be tried
    let mut changed = told("acme", &ATTACKER);
    changed.connection_id.clone_from(&connection);
    saml(&mut changed).metadata.clear();
    saml(&mut changed).force_authentication = true;
    let mut changed = world.change_provider(&own, changed).await.unwrap();
    assert_eq!(changed.state(), ProviderState::Draft);
    assert_eq!(changed.entity_id, "https://acme.example/idp");
    assert!(saml(&mut changed).force_authentication);
    assert_eq!(saml(&mut changed).certificates.len(), 1);
}

#[tokio::test]
async fn s5_s88_metadata_that_is_no_good_is_refused() {
    let world = World::new().await;
    let own = partner(world.partner(None).await);
    let good = metadata("acme", &PROVIDER);
    for (text, wrong) in [
        (String::new(), "metadata MISSING"),
        ("nothing".to_owned(), "metadata METADATA_UNREADABLE"),
        (
            format!("<!DOCTYPE x>{good}"),
            "metadata METADATA_UNREADABLE",
        ),
        (
            good.replace(
                "<md:KeyDescriptor>",
                "<md:KeyDescriptor use=\"encryption\">",
            ),
            "metadata NO_CERTIFICATE",
        ),
        (
            good.replace("IDPSSODescriptor", "SPSSODescriptor"),
            "metadata NO_IDENTITY_PROVIDER",
        ),
        (
            good.replace("https://acme.example/sso", "http://acme.example/sso"),
            "metadata INVALID_LOCATION",
        ),
    ] {
        let mut provider = told("acme", &PROVIDER);
        saml(&mut provider).metadata = text;
        let fault = world.register_provider(&own, provider).await.unwrap_err();
        assert_eq!(names(&fault), [wrong]);
    }
    for place in [
        "http://acme.example/metadata",
        "javascript:x",
        "https://127.0.0.1/",
    ] {
        let mut provider = told("acme", &PROVIDER);
        saml(&mut provider).metadata.clear();
        saml(&mut provider).metadata_url = place.to_owned();
        let fault = world.register_provider(&own, provider).await.unwrap_err();
        assert!(names(&fault)[0].starts_with("metadataUrl "), "{fault:?}");
    }
}

#[tokio::test]
async fn s88_one_entity_id_is_one_provider_of_a_partner_and_may_be_anothers() {
    let world = World::new().await;
    let first = Bound::new(&world, "acme").await;
    let mut same = told("acme", &PROVIDER);
    "other".clone_into(&mut same.name);
    let again = world.register_provider(&first.caller, same.clone()).await;
    assert_eq!(reason(again), "PROVIDER_EXISTS");
    let second = partner(world.partner(None).await);
    assert!(world.register_provider(&second, same).await.is_ok());
}

#[tokio::test]
async fn a45_our_keys_lie_sealed() {
    let world = World::new().await;
    let bound = Bound::new(&world, "acme").await;
    let mut sql = PgConnection::connect(&world.url).await.unwrap();
    let kept: Vec<u8> = sqlx::query_scalar("select secrets from identity.identity_provider")
        .fetch_one(&mut sql)
        .await
        .unwrap();
    let plain = |word: &[u8]| kept.windows(word.len()).any(|part| part == word);
    assert!(kept.len() > 1000 && !plain(b"private") && !plain(b"MII"));
    let said = format!("{:?} {:?}", bound.provider, world.acts().await);
    assert!(!said.contains("MII") && !said.contains("private"), "{said}");
    assert!(matches!(bound.provider.settings, Some(Settings::Saml(_))));
}
