//! Issuing tokens and publishing keys.

use chrono::TimeDelta;
use kit::{
    auth::{Act, CallerKind, OrgKind},
    fault::{Fault, Kind},
    testing,
    time::from_proto,
};
use proto::identity::v1::{
    ActForSubPartnerRequest, GetOrganizationRequest, ListKeysRequest, ListKeysResponse,
    organizations_client::OrganizationsClient, tokens_client::TokensClient,
};

use super::world::{World, partner, reason, service};

#[tokio::test]
async fn a_token_verifies_with_the_published_keys_and_says_who_calls() {
    let (world, credentials) = World::started().await;
    let client = &credentials.partner;
    let issued = world
        .issue(&client.client_id, &client.client_secret, &[])
        .await
        .unwrap();
    assert!(!issued.suspended);

    let caller = world.verify(&issued.access_token).await.unwrap();
    assert_eq!(caller.subject, client.client_id);
    assert_eq!(caller.kind, CallerKind::Partner);
    assert_eq!(caller.partner, credentials.partner_id);
    assert_eq!(caller.actor, None);
    assert_eq!(caller.client, client.client_id);
    assert_eq!(caller.organization, credentials.partner_id.uuid());
    assert_eq!(caller.organization_kind, OrgKind::Partner);
    assert_eq!((caller.session, caller.authenticated_at), (None, None));
    assert!(
        caller
            .scopes
            .contains("spark-admin:wholesale_customers_write")
    );
    assert_eq!(caller.scopes, issued.scopes.into_iter().collect());
}

#[tokio::test]
async fn the_token_of_a_context_opens_nothing_at_the_edge() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    for (caller, at_the_edge) in [
        (service(), Some(Kind::Unauthenticated)),
        (partner(owner), None),
    ] {
        let asked = GetOrganizationRequest {
            organization_id: owner.to_string(),
        };
        let plain = testing::request(asked.clone(), &caller);
        world.organizations().get_organization(plain).await.unwrap();
        let mut marked = testing::request(asked, &caller);
        let mark = "1".parse().unwrap();
        marked.metadata_mut().insert(kit::auth::EDGE, mark);
        let answer = world.organizations().get_organization(marked).await;
        let refused = answer.err().map(|status| Fault::from(status).kind);
        assert_eq!(refused, at_the_edge);
    }
}

#[tokio::test]
async fn a_token_lives_ten_minutes() {
    let (world, credentials) = World::started().await;
    let client = &credentials.partner;
    let issued = world
        .issue(&client.client_id, &client.client_secret, &[])
        .await
        .unwrap();
    let end = from_proto(&issued.expires_at.unwrap()).unwrap();
    let life = end - world.context.clock.now();
    assert!(
        life <= TimeDelta::minutes(10) && life > TimeDelta::minutes(10) - TimeDelta::seconds(1)
    );

    world
        .context
        .clock
        .advance(TimeDelta::minutes(10) - TimeDelta::seconds(2));
    assert!(world.verify(&issued.access_token).await.is_ok());
    world.context.clock.advance(TimeDelta::seconds(2));
    assert_eq!(
        reason(world.verify(&issued.access_token).await),
        "TOKEN_INVALID"
    );
}

#[tokio::test]
async fn a_token_is_an_access_token_by_its_type() {
    let (world, credentials) = World::started().await;
    let client = &credentials.operator;
    let issued = world
        .issue(&client.client_id, &client.client_secret, &[])
        .await
        .unwrap();
    let header = jsonwebtoken::decode_header(&issued.access_token).unwrap();
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    assert_eq!(header.alg, jsonwebtoken::Algorithm::EdDSA);
    assert!(header.jwk.is_none() && header.jku.is_none());
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_client_get_the_same_answer() {
    let (world, credentials) = World::started().await;
    let id = &credentials.partner.client_id;
    let wrong = world
        .issue(id, &credentials.operator.client_secret, &[])
        .await
        .unwrap_err();
    let unknown = world.issue("nobody", "nothing", &[]).await.unwrap_err();
    assert_eq!(wrong.reason, "INVALID_CLIENT");
    assert_eq!(wrong.kind, Kind::Unauthenticated);
    assert_eq!(wrong.to_string(), unknown.to_string());
    assert_eq!(reason(world.issue(id, "", &[]).await), "INVALID_CLIENT");
    assert_eq!(reason(world.issue("", "", &[]).await), "INVALID_CLIENT");
}

#[tokio::test]
async fn r1203_a_client_gets_fewer_scopes_but_never_more() {
    let (world, credentials) = World::started().await;
    let client = &credentials.partner;
    let (id, secret) = (&client.client_id, &client.client_secret);
    let wanted = ["platform:templates_read"];
    let issued = world.issue(id, secret, &wanted).await.unwrap();
    assert_eq!(issued.scopes, wanted);
    for refused in ["platform:screening_write", "internal", "nonsense", "", "*"] {
        let outcome = world
            .issue(id, secret, &["platform:templates_read", refused])
            .await;
        assert_eq!(reason(outcome), "INVALID_SCOPE", "{refused}");
    }
}

#[tokio::test]
async fn keys_are_made_once_and_only_their_public_half_leaves() {
    let world = World::new().await;
    let (mut one, mut two) = (world.tokens(), TokensClient::new(world.own.clone()));
    // two replicas that both find no key
    let (one, two) = tokio::join!(
        one.list_keys(ListKeysRequest {}),
        two.list_keys(ListKeysRequest {})
    );
    let of = |answer: ListKeysResponse| {
        let keys = answer.keys.into_iter();
        keys.filter(|key| key.algorithm == "EdDSA")
            .collect::<Vec<_>>()
    };
    let (one, two) = (of(one.unwrap().into_inner()), of(two.unwrap().into_inner()));
    assert_eq!(one, two);
    assert_eq!(one.len(), 1);
    assert_eq!(one[0].x.len(), 43, "32 bytes, base64url");
}

#[tokio::test]
async fn a_token_of_its_own_opens_the_service() {
    let (world, credentials) = World::started().await;
    let client = &credentials.partner;
    let issued = world
        .issue(&client.client_id, &client.client_secret, &[])
        .await
        .unwrap();
    let ask = || GetOrganizationRequest {
        organization_id: credentials.partner_id.to_string(),
    };
    let mut organizations = OrganizationsClient::new(world.own.clone());
    let request = kit::auth::bearer(ask(), &issued.access_token).unwrap();
    let found = organizations
        .get_organization(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(found.display_name, "Nordtel");

    // one changed letter in the middle of what is signed
    let mut forged = issued.access_token.into_bytes();
    let middle = forged.len() / 2;
    forged[middle] = if forged[middle] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    let request = kit::auth::bearer(ask(), &forged).unwrap();
    assert_eq!(
        reason(organizations.get_organization(request).await),
        "TOKEN_INVALID"
    );
    assert_eq!(
        reason(organizations.get_organization(ask()).await),
        "TOKEN_INVALID"
    );
}

#[tokio::test]
async fn r1103_a_parent_acts_for_its_sub_partner() {
    let world = World::new().await;
    let parent = world.partner(None).await;
    let child = world.partner(Some(parent)).await;
    let request = ActForSubPartnerRequest {
        sub_partner_id: child.to_string(),
    };
    let request = testing::request(request, &partner(parent));
    let issued = world
        .tokens()
        .act_for_sub_partner(request)
        .await
        .unwrap()
        .into_inner();
    let end = from_proto(&issued.expires_at.unwrap()).unwrap();
    assert!(end - world.context.clock.now() <= TimeDelta::minutes(15));

    let caller = world.verify(&issued.access_token).await.unwrap();
    assert_eq!(caller.partner, child);
    let actor = caller.actor.unwrap();
    assert_eq!((actor.sub.as_str(), actor.org), ("testing", parent));
    assert_eq!(caller.organization, child.uuid());
    assert_eq!(caller.organization_kind, OrgKind::SubPartner);
    assert_eq!(caller.subject, "testing");
    assert!(!caller.suspended);
    assert!(
        caller
            .scopes
            .contains("spark-admin:wholesale_customers_write")
    );
    assert!(
        caller.scopes.is_subset(&partner(parent).scopes),
        "nothing is gained by acting"
    );
    assert!(
        !caller.scopes.contains("platform:clients_write"),
        "credentials outlive the acting"
    );
}

#[tokio::test]
async fn r1103_r1203_nobody_acts_for_a_stranger_and_the_answer_tells_nothing() {
    let world = World::new().await;
    let (parent, stranger) = (world.partner(None).await, world.partner(None).await);
    let child = world.partner(Some(parent)).await;
    let sibling = world.partner(Some(parent)).await;
    let customer = world.customer(parent).await.organization_id;

    let act = async |caller: &kit::auth::Caller, id: &str| -> Fault {
        let request = ActForSubPartnerRequest {
            sub_partner_id: id.to_owned(),
        };
        let request = testing::request(request, caller);
        world
            .tokens()
            .act_for_sub_partner(request)
            .await
            .unwrap_err()
            .into()
    };
    let nothing = act(&partner(parent), &world.id()).await;
    assert_eq!(
        (nothing.kind, nothing.reason.as_str()),
        (Kind::Missing, "NOT_FOUND")
    );
    let mut acting = partner(child);
    acting.actor = Some(Act {
        sub: "testing".to_owned(),
        org: parent,
        sid: None,
    });
    for (caller, id) in [
        (partner(stranger), child.to_string()),
        (partner(parent), stranger.to_string()),
        (partner(parent), parent.to_string()),
        (partner(parent), customer),
        (partner(parent), "nonsense".to_owned()),
        (partner(parent), String::new()),
        (partner(child), parent.to_string()),
        (partner(child), sibling.to_string()),
        (acting, sibling.to_string()),
    ] {
        assert_eq!(
            act(&caller, &id).await.to_string(),
            nothing.to_string(),
            "{id}"
        );
    }
}
