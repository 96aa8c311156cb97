//! Organizations: creation, repeats, isolation of tenants.

use std::collections::BTreeSet;

use kit::{auth::Caller, fault::Fault, id::PartnerId, scope::Scope, testing};
use proto::identity::v1::{GetOrganizationRequest, Organization, OrganizationKind};

use super::world::{World, new_customer, new_partner, operator, partner, reason, service};

impl World {
    async fn get(&self, caller: &Caller, id: &str) -> Result<Organization, Fault> {
        let request = GetOrganizationRequest {
            organization_id: id.to_owned(),
        };
        let request = testing::request(request, caller);
        Ok(self
            .organizations()
            .get_organization(request)
            .await?
            .into_inner())
    }
}

#[tokio::test]
async fn r306_every_organization_has_a_sip_domain_of_its_own() {
    let world = World::new().await;
    let partner = world.partner(None).await;
    let mut domains = BTreeSet::new();
    domains.insert(
        world
            .get(&service(), &partner.to_string())
            .await
            .unwrap()
            .sip_domain,
    );
    for _ in 0..3 {
        let customer = world.customer(partner).await;
        assert!(
            customer.sip_domain.starts_with("backerei-muller-"),
            "{}",
            customer.sip_domain
        );
        assert!(customer.sip_domain.ends_with(".sip.entrepot.example"));
        domains.insert(customer.sip_domain);
    }
    assert_eq!(domains.len(), 4);
}

#[tokio::test]
async fn a_customer_is_read_as_it_was_created() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let created = world.customer(owner).await;
    assert_eq!(created.kind(), OrganizationKind::Customer);
    assert_eq!(created.partner_id, owner.to_string());
    assert_eq!(created.country, "DE");
    assert_eq!(created.locale, "de_DE");
    let found = world
        .get(&partner(owner), &created.organization_id)
        .await
        .unwrap();
    assert_eq!(found, created);
}

#[tokio::test]
async fn creating_again_with_the_same_id_answers_with_what_there_is() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let first = world.customer(owner).await;
    world.context.clock.advance(chrono::TimeDelta::hours(1));
    let request = new_customer(owner, &first.organization_id);
    let again = testing::request(request.clone(), &service());
    let again = world
        .organizations()
        .create_customer_organization(again)
        .await
        .unwrap();
    assert_eq!(again.into_inner(), first);

    let mut differs = request;
    differs.country = "AT".to_owned();
    let differs = testing::request(differs, &service());
    let refused = world
        .organizations()
        .create_customer_organization(differs)
        .await;
    assert_eq!(reason(refused), "ORGANIZATION_DIFFERS");

    let id = owner.to_string();
    let again = testing::request(new_partner(&id, None), &service());
    let again = world
        .organizations()
        .create_partner(again)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(again.partner_id, id);
    let other = world.partner(None).await;
    let differs = testing::request(new_partner(&id, Some(other)), &service());
    assert_eq!(
        reason(world.organizations().create_partner(differs).await),
        "ORGANIZATION_DIFFERS"
    );
}

#[tokio::test]
async fn r1203_the_id_of_anothers_customer_cannot_be_taken() {
    let world = World::new().await;
    let (owner, other) = (world.partner(None).await, world.partner(None).await);
    let customer = world.customer(owner).await;
    let request = testing::request(new_customer(other, &customer.organization_id), &service());
    let refused = world
        .organizations()
        .create_customer_organization(request)
        .await;
    assert_eq!(reason(refused), "ORGANIZATION_DIFFERS");
    assert_eq!(
        world
            .get(&service(), &customer.organization_id)
            .await
            .unwrap(),
        customer
    );
}

#[tokio::test]
async fn a_customer_needs_a_partner() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let customer = world.customer(owner).await.organization_id.parse().unwrap();
    for nobody in [PartnerId::new(&world.context.ids), customer] {
        let request = testing::request(new_customer(nobody, &world.id()), &service());
        let refused = world
            .organizations()
            .create_customer_organization(request)
            .await;
        assert_eq!(reason(refused), "NOT_FOUND");
    }
}

#[tokio::test]
async fn r408_all_that_is_wrong_is_reported_by_the_names_of_the_public_api() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let mut request = new_customer(owner, "nonsense");
    request.display_name = " ".to_owned();
    request.country = "Germany".to_owned();
    request.locale = "german".to_owned();
    let request = testing::request(request, &service());
    let refused = world
        .organizations()
        .create_customer_organization(request)
        .await
        .unwrap_err();
    let fields: Vec<String> = Fault::from(refused)
        .violations
        .into_iter()
        .map(|violation| violation.field)
        .collect();
    assert_eq!(
        fields,
        [
            "orgId",
            "customerInfo.name",
            "address.country",
            "customerInfo.language"
        ]
    );
}

#[tokio::test]
async fn only_contexts_create_customers() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    for caller in [partner(owner), operator(owner)] {
        let request = testing::request(new_customer(owner, &world.id()), &caller);
        let refused = world
            .organizations()
            .create_customer_organization(request)
            .await;
        assert_eq!(reason(refused), "CALLER_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn r1203_a_tenant_reads_its_own_organizations_only() {
    let world = World::new().await;
    let (parent, stranger) = (world.partner(None).await, world.partner(None).await);
    let child = world.partner(Some(parent)).await;
    let sibling = world.partner(Some(parent)).await;
    let customer = world.customer(child).await.organization_id;

    let nothing = world.get(&partner(parent), &world.id()).await.unwrap_err();
    assert_eq!(nothing.reason, "NOT_FOUND");
    for (caller, id) in [
        (parent, customer.clone()), // only by acting for the sub-partner
        (parent, child.to_string()),
        (stranger, customer.clone()),
        (stranger, parent.to_string()),
        (sibling, customer.clone()),
        (sibling, child.to_string()),
        (child, parent.to_string()),
        (child, sibling.to_string()),
        (child, "nonsense".to_owned()),
    ] {
        let refused = world.get(&partner(caller), &id).await.unwrap_err();
        assert_eq!(refused.to_string(), nothing.to_string(), "{id}");
    }
    assert!(world.get(&partner(child), &customer).await.is_ok());
    assert!(world.get(&operator(stranger), &customer).await.is_ok());

    let mut weak = partner(child);
    weak.scopes.clear();
    assert_eq!(reason(world.get(&weak, &customer).await), "SCOPE_MISSING");
}

#[tokio::test]
async fn row_level_security_hides_other_tenants_from_any_query() {
    let (world, credentials) = World::started().await;
    let customer = world.customer(credentials.partner_id).await;
    world.enrol(&customer, "ann@example.com").await.unwrap();
    let stranger = world.partner(None).await;
    let count = async |scope: Scope, table: &str| -> i64 {
        let mut tx = world.context.db.begin(scope).await.unwrap();
        let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        sqlx::query_scalar(sql).fetch_one(tx.conn()).await.unwrap()
    };
    for (table, own, all) in [("organization", 1, 4), ("person", 0, 3), ("client", 0, 3)] {
        assert_eq!(count(Scope::Partner(stranger), table).await, own, "{table}");
        assert_eq!(count(Scope::Whole("a test"), table).await, all, "{table}");
    }
}
