//! People: the first administrator, addresses, isolation of tenants.

use futures::future::join_all;
use kit::{auth::Caller, fault::Fault, testing};
use proto::identity::v1::{
    CheckEmailRequest, CheckEmailResponse, CheckEmailsRequest, GetPersonRequest, Person,
};

use super::world::{World, newcomer, partner, reason, service};

impl World {
    async fn check(&self, email: &str, organization: &str) -> CheckEmailResponse {
        let request = CheckEmailRequest {
            email: email.to_owned(),
            organization_id: organization.to_owned(),
        };
        let request = testing::request(request, &service());
        self.people()
            .check_email(request)
            .await
            .unwrap()
            .into_inner()
    }

    async fn check_all(
        &self,
        caller: &Caller,
        asked: &[(&str, &str)],
    ) -> Result<Vec<CheckEmailResponse>, Fault> {
        let questions = asked
            .iter()
            .map(|&(email, organization)| CheckEmailRequest {
                email: email.to_owned(),
                organization_id: organization.to_owned(),
            })
            .collect();
        let request = testing::request(CheckEmailsRequest { questions }, caller);
        let response = self.people().check_emails(request).await?;
        Ok(response.into_inner().answers)
    }

    async fn person(&self, caller: &Caller, id: &str) -> Result<Person, Fault> {
        let request = GetPersonRequest {
            person_id: id.to_owned(),
        };
        let request = testing::request(request, caller);
        Ok(self.people().get_person(request).await?.into_inner())
    }
}

#[tokio::test]
async fn r402_the_first_person_of_a_new_organization_is_its_administrator() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let customer = world.customer(owner).await;
    let first = world.enrol(&customer, "Ann@Example.com").await.unwrap();
    assert!(first.administrator);
    assert_eq!(first.email, "ann@example.com");
    let second = world.enrol(&customer, "ben@example.com").await.unwrap();
    assert!(!second.administrator);
    let other = world.customer(owner).await;
    assert!(
        world
            .enrol(&other, "cy@example.com")
            .await
            .unwrap()
            .administrator
    );
}

#[tokio::test]
async fn r402_of_people_who_come_at_once_one_is_the_administrator() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    for round in 0..5 {
        let customer = world.customer(owner).await;
        let emails: Vec<String> = (0..6).map(|n| format!("p{n}@r{round}.example")).collect();
        let people = join_all(emails.iter().map(|email| world.enrol(&customer, email))).await;
        let administrators = people
            .into_iter()
            .filter(|person| person.as_ref().unwrap().administrator)
            .count();
        assert_eq!(administrators, 1);
    }
}

#[tokio::test]
async fn r407_an_address_belongs_to_one_organization_of_the_platform() {
    let world = World::new().await;
    let (owner, stranger) = (world.partner(None).await, world.partner(None).await);
    let customer = world.customer(owner).await;
    world.enrol(&customer, "ann@example.com").await.unwrap();

    let neighbour = world.customer(owner).await;
    assert_eq!(
        reason(world.enrol(&neighbour, "ann@example.com").await),
        "EMAIL_IN_USE"
    );
    let foreign = world.customer(stranger).await;
    let clash = world
        .enrol(&foreign, " ANN@example.COM ")
        .await
        .unwrap_err();
    assert_eq!(clash.reason, "EMAIL_IN_USE");
    assert_eq!(clash.kind, kit::fault::Kind::Conflict);
    // the one who came too late leaves no trace: the next is still the first
    assert!(
        world
            .enrol(&foreign, "ben@example.com")
            .await
            .unwrap()
            .administrator
    );
}

#[tokio::test]
async fn r407_of_two_organizations_at_once_one_gets_the_address() {
    let world = World::new().await;
    let (one, two) = (world.partner(None).await, world.partner(None).await);
    let (one, two) = (world.customer(one).await, world.customer(two).await);
    for round in 0..5 {
        let email = format!("ann{round}@example.com");
        let (a, b) = tokio::join!(world.enrol(&one, &email), world.enrol(&two, &email));
        let (won, lost) = if a.is_ok() { (a, b) } else { (b, a) };
        assert!(won.is_ok());
        assert_eq!(reason(lost), "EMAIL_IN_USE");
    }
}

#[tokio::test]
async fn enrolling_again_changes_nothing() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let customer = world.customer(owner).await;
    let first = world.enrol(&customer, "ann@example.com").await.unwrap();
    let mut again = newcomer(&customer, "ANN@example.com");
    again.first_name = "Anna".to_owned();
    let again = testing::request(again, &service());
    let again = world
        .people()
        .enrol_person(again)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(again, first, "still the administrator, still Ann");

    let emails = vec!["ben@example.com"; 6];
    let people = join_all(
        emails
            .into_iter()
            .map(|email| world.enrol(&customer, email)),
    )
    .await;
    let people: Vec<Person> = people.into_iter().map(Result::unwrap).collect();
    assert!(people.iter().all(|person| *person == people[0]));
}

#[tokio::test]
async fn r407_r408_a_precheck_finds_the_clash() {
    let world = World::new().await;
    let (owner, stranger) = (world.partner(None).await, world.partner(None).await);
    let here = world.customer(owner).await.organization_id;
    let there = world.customer(stranger).await;
    let standing = |taken_elsewhere, known_here| CheckEmailResponse {
        taken_elsewhere,
        known_here,
    };

    assert_eq!(
        world.check("Ann@example.com", &here).await,
        standing(false, false)
    );
    world.enrol(&there, "ann@example.com").await.unwrap();
    assert_eq!(
        world.check("Ann@example.com", &here).await,
        standing(true, false)
    );
    assert_eq!(
        world.check("ann@example.com", "").await,
        standing(true, false)
    );
    let there = &there.organization_id;
    assert_eq!(
        world.check("ann@example.com", there).await,
        standing(false, true)
    );
}

#[tokio::test]
async fn r407_r408_prechecks_of_many_are_answered_in_their_order() {
    let world = World::new().await;
    let (owner, stranger) = (world.partner(None).await, world.partner(None).await);
    let here = world.customer(owner).await;
    let there = world.customer(stranger).await;
    world.enrol(&here, "ann@example.com").await.unwrap();
    world.enrol(&there, "ben@example.com").await.unwrap();
    let here = here.organization_id.as_str();

    let asked = [
        ("ben@example.com", here),
        ("cy@example.com", here),
        ("no address", here),
        ("Ann@example.COM", here),
        ("ann@example.com", ""),
        ("", ""),
        ("ben@example.com", &there.organization_id),
        ("ben@example.com", here),
    ];
    let answers = world.check_all(&service(), &asked).await.unwrap();
    let found: Vec<(bool, bool)> = answers
        .iter()
        .map(|answer| (answer.taken_elsewhere, answer.known_here))
        .collect();
    let (free, elsewhere, known) = ((false, false), (true, false), (false, true));
    assert_eq!(
        found,
        [
            elsewhere, free, free, known, elsewhere, free, known, elsewhere
        ]
    );
    assert!(world.check_all(&service(), &[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_hundred_prechecks_at_once_are_enough() {
    let world = World::new().await;
    let asked = [("ann@example.com", ""); 101];
    let answers = world.check_all(&service(), &asked[1..]).await.unwrap();
    assert_eq!(answers.len(), 100);
    let refused = world.check_all(&service(), &asked).await.unwrap_err();
    assert_eq!(refused.kind, kit::fault::Kind::Invalid);
    let unclear = [("ann@example.com", "no id")];
    let refused = world.check_all(&service(), &unclear).await.unwrap_err();
    assert_eq!(refused.violations[0].field, "orgId");
}

#[tokio::test]
async fn only_contexts_enrol_people_and_ask_for_addresses() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let customer = world.customer(owner).await;
    let request = testing::request(newcomer(&customer, "a@b.example"), &partner(owner));
    assert_eq!(
        reason(world.people().enrol_person(request).await),
        "CALLER_NOT_ALLOWED"
    );
    let request = CheckEmailRequest {
        email: "a@b.example".to_owned(),
        ..Default::default()
    };
    let request = testing::request(request, &partner(owner));
    assert_eq!(
        reason(world.people().check_email(request).await),
        "CALLER_NOT_ALLOWED"
    );
    assert_eq!(
        reason(world.check_all(&partner(owner), &[]).await),
        "CALLER_NOT_ALLOWED"
    );
}

#[tokio::test]
async fn r408_all_that_is_wrong_with_a_person_is_reported() {
    let world = World::new().await;
    let owner = world.partner(None).await;
    let mut request = newcomer(&world.customer(owner).await, "ann at example");
    request.first_name = String::new();
    request.last_name = "x".repeat(200);
    let request = testing::request(request, &service());
    let refused = Fault::from(world.people().enrol_person(request).await.unwrap_err());
    let found: Vec<(&str, &str)> = refused
        .violations
        .iter()
        .map(|v| (v.field.as_str(), v.reason.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("email", "INVALID"),
            ("provisioningParameters.firstName", "MISSING"),
            ("provisioningParameters.lastName", "TOO_LONG"),
        ]
    );
}

#[tokio::test]
async fn nobody_joins_an_organization_of_another_tenant() {
    let world = World::new().await;
    let (owner, stranger) = (world.partner(None).await, world.partner(None).await);
    let mut customer = world.customer(owner).await;
    customer.partner_id = stranger.to_string();
    assert_eq!(
        reason(world.enrol(&customer, "a@b.example").await),
        "NOT_FOUND"
    );
    customer.organization_id = world.id();
    assert_eq!(
        reason(world.enrol(&customer, "a@b.example").await),
        "NOT_FOUND"
    );
    assert!(!world.check("a@b.example", "").await.taken_elsewhere);
}

#[tokio::test]
async fn r1203_a_tenant_reads_its_own_people_only() {
    let world = World::new().await;
    let (parent, stranger) = (world.partner(None).await, world.partner(None).await);
    let child = world.partner(Some(parent)).await;
    let sibling = world.partner(Some(parent)).await;
    let customer = world.customer(child).await;
    let person = world.enrol(&customer, "ann@example.com").await.unwrap();
    let id = &person.person_id;

    assert_eq!(world.person(&partner(child), id).await.unwrap(), person);
    assert_eq!(world.person(&service(), id).await.unwrap(), person);
    let nothing = world
        .person(&partner(child), &world.id())
        .await
        .unwrap_err();
    assert_eq!(nothing.reason, "NOT_FOUND");
    for caller in [parent, stranger, sibling] {
        let refused = world.person(&partner(caller), id).await.unwrap_err();
        assert_eq!(refused.to_string(), nothing.to_string());
    }
    let mut weak = partner(child);
    weak.scopes.remove("platform:people_read");
    assert_eq!(reason(world.person(&weak, id).await), "SCOPE_MISSING");
}
