//! Sub-partners and their suspension.

use kit::{auth::Caller, fault::Fault, id::PartnerId, testing};
use proto::identity::v1::{
    ActForSubPartnerRequest, ClientKind, CreateClientRequest, GetOrganizationRequest,
    SetPartnerSuspendedRequest,
};

use super::world::{World, new_partner, operator, partner, reason, service};

impl World {
    async fn suspend(&self, caller: &Caller, id: &str, suspended: bool) -> Result<bool, Fault> {
        let request = SetPartnerSuspendedRequest {
            partner_id: id.to_owned(),
            suspended,
        };
        let request = testing::request(request, caller);
        Ok(self
            .organizations()
            .set_partner_suspended(request)
            .await?
            .into_inner()
            .suspended)
    }

    async fn acting_is_suspended(&self, parent: PartnerId, child: PartnerId) -> bool {
        let request = ActForSubPartnerRequest {
            sub_partner_id: child.to_string(),
        };
        let request = testing::request(request, &partner(parent));
        let issued = self
            .tokens()
            .act_for_sub_partner(request)
            .await
            .unwrap()
            .into_inner();
        let caller = self.verify(&issued.access_token).await.unwrap();
        assert_eq!(caller.suspended, issued.suspended);
        caller.suspended
    }
}

#[tokio::test]
async fn r1101_a_sub_partner_has_no_sub_partners() {
    let world = World::new().await;
    let parent = world.partner(None).await;
    let child = world.partner(Some(parent)).await;
    let request = testing::request(new_partner(&world.id(), Some(child)), &service());
    let refused = world.organizations().create_partner(request).await;
    assert_eq!(reason(refused), "SUB_PARTNER_LEVEL");
    let request = testing::request(new_partner(&world.id(), Some(child)), &partner(child));
    let refused = world.organizations().create_partner(request).await;
    assert_eq!(reason(refused), "SUB_PARTNER_LEVEL");
}

#[tokio::test]
async fn r1101_the_database_itself_knows_one_level() {
    use sqlx::Connection as _;

    let world = World::new().await;
    let parent = world.partner(None).await;
    let child = world.partner(Some(parent)).await;
    let customer = world.customer(parent).await.organization_id;
    let mut owner = sqlx::PgConnection::connect(&world.url).await.unwrap();
    let mut insert = async |kind: &str, id: uuid::Uuid, partner: uuid::Uuid, parent: &str| {
        let parent: Option<uuid::Uuid> = parent.parse().ok();
        sqlx::query(
            "insert into identity.organization
                 (partner_id, organization_id, kind, parent_partner_id, display_name, country,
                  locale, sip_domain, created_at, changed_at)
             values ($1, $2, $3, $4, 'x', 'DE', 'de_DE', $2::text, to_timestamp(0), to_timestamp(0))",
        )
        .bind(partner)
        .bind(id)
        .bind(kind)
        .bind(parent)
        .execute(&mut owner)
        .await
        .map_err(|error| {
            error
                .into_database_error()
                .unwrap()
                .constraint()
                .unwrap()
                .to_owned()
        })
    };
    let id = || world.context.ids.uuid();
    let new = id();
    let below_child = insert("partner", new, new, &child.to_string()).await;
    assert_eq!(below_child.unwrap_err(), "organization_one_level");
    let below_customer = insert("partner", new, new, &customer).await;
    assert_eq!(below_customer.unwrap_err(), "organization_one_level");
    let of_customer = insert("customer", new, customer.parse().unwrap(), "").await;
    assert_eq!(of_customer.unwrap_err(), "organization_owner");
    let of_nobody = insert("customer", new, id(), "").await;
    assert_eq!(of_nobody.unwrap_err(), "organization_owner");
    let with_parent = insert("customer", new, parent.uuid(), &parent.to_string()).await;
    assert_eq!(
        with_parent.unwrap_err(),
        "organization_only_partners_have_parents"
    );
    let of_another = insert("partner", new, parent.uuid(), "").await;
    assert_eq!(of_another.unwrap_err(), "organization_owns_itself");
    insert("partner", new, new, &parent.to_string())
        .await
        .unwrap();
}

#[tokio::test]
async fn r1101_who_may_create_partners() {
    let world = World::new().await;
    let (parent, other) = (world.partner(None).await, world.partner(None).await);
    let create = async |caller: &Caller, below: Option<PartnerId>| {
        let request = testing::request(new_partner(&world.id(), below), caller);
        world
            .organizations()
            .create_partner(request)
            .await
            .map_err(Fault::from)
    };
    let own = create(&partner(parent), Some(parent))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(own.parent_partner_id, parent.to_string());
    assert_eq!(
        own.partner_id, own.organization_id,
        "a partner is its own tenant"
    );
    assert!(create(&operator(other), None).await.is_ok());
    assert!(create(&operator(other), Some(parent)).await.is_ok());

    assert_eq!(
        reason(create(&partner(parent), None).await),
        "CALLER_NOT_ALLOWED"
    );
    assert_eq!(
        reason(create(&partner(parent), Some(other)).await),
        "NOT_FOUND"
    );
    let nobody = PartnerId::new(&world.context.ids);
    assert_eq!(
        reason(create(&partner(parent), Some(nobody)).await),
        "NOT_FOUND"
    );
    assert_eq!(reason(create(&service(), Some(nobody)).await), "NOT_FOUND");
    let customer = world
        .customer(parent)
        .await
        .organization_id
        .parse()
        .unwrap();
    assert_eq!(
        reason(create(&service(), Some(customer)).await),
        "NOT_FOUND"
    );

    let mut weak = partner(parent);
    weak.scopes.remove("platform:sub_partners_write");
    assert_eq!(reason(create(&weak, Some(parent)).await), "SCOPE_MISSING");
    let mut suspended = partner(parent);
    suspended.suspended = true;
    assert_eq!(
        reason(create(&suspended, Some(parent)).await),
        "TENANT_SUSPENDED"
    );
}

#[tokio::test]
async fn r1106_a_suspended_sub_partners_tokens_say_so() {
    let (world, credentials) = World::started().await;
    let parent = credentials.partner_id;
    let child = world.partner(Some(parent)).await;
    let request = CreateClientRequest {
        partner_id: child.to_string(),
        kind: ClientKind::Partner.into(),
        display_name: "back office".to_owned(),
        scopes: Vec::new(),
    };
    let request = testing::request(request, &partner(parent));
    let client = world
        .tokens()
        .create_client(request)
        .await
        .unwrap()
        .into_inner();
    let sign_in = async || {
        let issued = world
            .issue(&client.client_id, &client.client_secret, &[])
            .await
            .unwrap();
        let caller = world.verify(&issued.access_token).await.unwrap();
        assert_eq!(caller.suspended, issued.suspended);
        let life = issued.expires_at.unwrap().seconds - world.context.clock.now().timestamp();
        assert!(life <= 15 * 60, "a suspension takes effect soon: {life} s");
        caller
    };
    assert!(sign_in().await.require_active().is_ok());

    assert!(
        world
            .suspend(&partner(parent), &child.to_string(), true)
            .await
            .unwrap()
    );
    assert_eq!(reason(sign_in().await.require_active()), "TENANT_SUSPENDED");
    assert!(world.acting_is_suspended(parent, child).await);
    let sibling = world.partner(Some(parent)).await;
    assert!(!world.acting_is_suspended(parent, sibling).await);

    assert!(
        !world
            .suspend(&service(), &child.to_string(), false)
            .await
            .unwrap()
    );
    assert!(sign_in().await.require_active().is_ok());
    assert!(!world.acting_is_suspended(parent, child).await);
}

#[tokio::test]
async fn r1106_only_the_parent_suspends() {
    let world = World::new().await;
    let (parent, stranger) = (world.partner(None).await, world.partner(None).await);
    let child = world.partner(Some(parent)).await;
    let text = child.to_string();
    for caller in [partner(stranger), partner(child)] {
        assert_eq!(
            reason(world.suspend(&caller, &text, true).await),
            "NOT_FOUND"
        );
    }
    for id in [parent.to_string(), world.id(), "nonsense".to_owned()] {
        assert_eq!(
            reason(world.suspend(&partner(parent), &id, true).await),
            "NOT_FOUND"
        );
        assert_eq!(
            reason(world.suspend(&service(), &id, true).await),
            "NOT_FOUND"
        );
    }
    let customer = world.customer(parent).await.organization_id;
    assert_eq!(
        reason(world.suspend(&partner(parent), &customer, true).await),
        "NOT_FOUND"
    );
    let mut weak = partner(parent);
    weak.scopes.remove("platform:sub_partners_write");
    assert_eq!(
        reason(world.suspend(&weak, &text, true).await),
        "SCOPE_MISSING"
    );

    let request = GetOrganizationRequest {
        organization_id: text,
    };
    let request = testing::request(request, &partner(child));
    let found = world
        .organizations()
        .get_organization(request)
        .await
        .unwrap()
        .into_inner();
    assert!(!found.suspended);
}
