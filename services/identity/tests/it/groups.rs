//! Customers' organizations that are asked for at once: each request gets its own answer.

use futures::future::join_all;
use kit::{fault::Fault, id::PartnerId, link::Link, scope::Scope, testing};
use proto::identity::v1::{
    CreateCustomerOrganizationRequest, Organization, organizations_client::OrganizationsClient,
};

use super::world::{World, new_customer, reason, service};

type Outcome = Result<Organization, Fault>;

/// Asks for all of them at the same time.
async fn create(link: &Link, wanted: &[CreateCustomerOrganizationRequest]) -> Vec<Outcome> {
    let calls = wanted.iter().map(async |wanted| {
        let request = testing::request(wanted.clone(), &service());
        let answer = OrganizationsClient::new(link.clone())
            .create_customer_organization(request)
            .await;
        Ok(answer?.into_inner())
    });
    join_all(calls).await
}

impl World {
    fn new_customers(
        &self,
        partner: PartnerId,
        count: usize,
    ) -> Vec<CreateCustomerOrganizationRequest> {
        let ids = (0..count).map(|_| self.id());
        ids.map(|id| new_customer(partner, &id)).collect()
    }

    /// The partner's customers, and in how many transactions they were added.
    async fn added(&self, partner: PartnerId) -> (i64, i64) {
        let mut tx = self
            .context
            .db
            .begin(Scope::Partner(partner))
            .await
            .unwrap();
        sqlx::query_as(
            "select count(*), count(distinct xmin::text) from organization where kind = 'customer'",
        )
        .fetch_one(tx.conn())
        .await
        .unwrap()
    }
}

#[tokio::test]
async fn r306_customers_who_come_at_once_are_added_together() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let wanted = world.new_customers(owner, 40);
    let created = create(&world.link, &wanted).await;
    for (created, wanted) in created.iter().zip(&wanted) {
        let created = created.as_ref().unwrap();
        assert_eq!(created.organization_id, wanted.organization_id);
        let number = wanted.organization_id.rsplit('-').next().unwrap();
        let label = format!("backerei-muller-{number}.");
        assert!(created.sip_domain.starts_with(&label), "{created:?}");
    }
    let (customers, transactions) = world.added(owner).await;
    assert_eq!(customers, 40);
    assert!(transactions <= 8, "{transactions} transactions");
    // what there is now is what was answered
    let again = create(&world.link, &wanted).await;
    for (again, created) in again.into_iter().zip(created) {
        assert_eq!(again.unwrap(), created.unwrap());
    }
}

#[tokio::test]
async fn r1203_each_of_many_requests_gets_its_own_answer() {
    let world = World::new().await;
    let (owner, stranger) = (world.partner(None).await, world.partner(None).await);
    let (old, foreign) = (world.customer(owner).await, world.customer(stranger).await);
    world.context.clock.advance(chrono::TimeDelta::hours(1));

    let mut wanted = world.new_customers(owner, 30);
    wanted.push(new_customer(owner, &old.organization_id));
    wanted.push(new_customer(owner, &old.organization_id));
    wanted[31].country = "AT".to_owned();
    wanted.push(new_customer(owner, &foreign.organization_id));
    wanted.push(new_customer(stranger, &foreign.organization_id));
    wanted.push(new_customer(owner, "nonsense"));
    wanted.extend(world.new_customers(PartnerId::new(&world.context.ids), 4));
    wanted.extend(world.new_customers(stranger, 4));

    let mut created = create(&world.link, &wanted).await.into_iter();
    for wanted in &wanted[..30] {
        let created = created.next().unwrap().unwrap();
        assert_eq!(created.organization_id, wanted.organization_id);
        assert_eq!(created.partner_id, owner.to_string());
    }
    assert_eq!(created.next().unwrap().unwrap(), old);
    assert_eq!(reason(created.next().unwrap()), "ORGANIZATION_DIFFERS");
    assert_eq!(reason(created.next().unwrap()), "ORGANIZATION_DIFFERS");
    assert_eq!(created.next().unwrap().unwrap(), foreign);
    assert_eq!(reason(created.next().unwrap()), "INVALID_ARGUMENT");
    for _ in 0..4 {
        assert_eq!(reason(created.next().unwrap()), "NOT_FOUND");
    }
    for created in created {
        assert_eq!(created.unwrap().partner_id, stranger.to_string());
    }
    assert_eq!(world.added(owner).await.0, 31);
    assert_eq!(world.added(stranger).await.0, 5);
}

#[tokio::test]
async fn of_requests_with_one_id_that_come_at_once_one_counts() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let mut wanted = Vec::new();
    for new in world.new_customers(owner, 10) {
        let mut other = new.clone();
        other.country = "AT".to_owned();
        wanted.extend([new.clone(), other, new]);
    }
    let created = create(&world.link, &wanted).await;
    for (three, wanted) in created.chunks(3).zip(wanted.chunks(3)) {
        let winners: Vec<&Organization> = three.iter().flatten().collect();
        assert!(winners.iter().all(|one| *one == winners[0]));
        for (outcome, wanted) in three.iter().zip(wanted) {
            match outcome {
                Ok(found) => assert_eq!(found.country, wanted.country),
                Err(refused) => {
                    assert_eq!(refused.reason, "ORGANIZATION_DIFFERS");
                    assert_ne!(winners[0].country, wanted.country);
                }
            }
        }
    }
    assert_eq!(world.added(owner).await.0, 10);
}

#[tokio::test]
async fn replicas_that_are_asked_for_the_same_at_once_agree() {
    let world = World::new().await;
    let parts = identity::parts(world.context.clone(), identity::Config::default());
    let replica = testing::serve(parts, &world.context);
    let owner = world.partner(None).await;
    for _ in 0..5 {
        let wanted = world.new_customers(owner, 20);
        let reversed: Vec<_> = wanted.iter().rev().cloned().collect();
        let (here, there) = tokio::join!(create(&world.link, &wanted), create(&replica, &reversed));
        for (here, there) in here.into_iter().zip(there.into_iter().rev()) {
            assert_eq!(here.unwrap(), there.unwrap());
        }
    }
    assert_eq!(world.added(owner).await.0, 100);
}
