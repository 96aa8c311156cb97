//! A43: nobody gets out of the organization, or above oneself.

use kit::{auth::CallerKind, testing};
use serde_json::json;

use super::directory::{Directory, WORK, customer, id};
use crate::it::world::{World, reason};

#[tokio::test]
async fn a43_scim_stays_in_its_organization() {
    let world = World::with_holders().await;
    let (owner, stranger) = (world.partner(None).await, world.partner(None).await);
    let own = customer(&world, owner, "first@own.example").await;
    let sibling = customer(&world, owner, "first@sibling.example").await;
    let foreign = customer(&world, stranger, "first@foreign.example").await;
    let here = Directory::new(&world, owner, &own.organization_id);
    let there = Directory::new(&world, owner, &foreign.organization_id);
    let foreigner = world.person_id("first@foreign.example").await;
    let neighbour = world.person_id("first@sibling.example").await;
    assert_eq!(reason(there.find("").await), "NOT_FOUND");
    assert_eq!(
        reason(there.add(&json!({ "userName": "x@y.example" })).await),
        "NOT_FOUND"
    );
    assert_eq!(
        reason(
            there
                .bulk(json!([{ "method": "DELETE", "path": "/Users/x" }]))
                .await
        ),
        "NOT_FOUND"
    );
    // not even by way of an organization that is the caller's own
    for other in [&foreigner, &neighbour] {
        assert_eq!(reason(here.get(other).await), "NOT_FOUND");
        let document = json!({ "userName": "taken@own.example" });
        assert_eq!(reason(here.put(other, &document).await), "NOT_FOUND");
        let change = json!([{ "op": "replace", "path": "active", "value": false }]);
        assert_eq!(reason(here.patch(other, change).await), "NOT_FOUND");
        assert_eq!(reason(here.delete(other).await), "NOT_FOUND");
        let group = json!({ "displayName": "Mixed", "members": [{ "value": other }] });
        assert_eq!(
            reason(here.groups().add(&group).await),
            "SCIM_INVALID_VALUE"
        );
        let managed =
            json!({ "userName": "m@own.example", WORK: { "manager": { "value": other } } });
        assert_eq!(reason(here.add(&managed).await), "SCIM_INVALID_VALUE");
    }
    assert_eq!(here.find("").await.unwrap(), ["first@own.example"]);
    let beside = Directory::new(&world, owner, &sibling.organization_id);
    assert_eq!(beside.find("").await.unwrap(), ["first@sibling.example"]);
    // whose address is whose stays untold, and nobody gets a second person's
    let clash = here
        .add(&json!({ "userName": "first@foreign.example" }))
        .await;
    assert_eq!(reason(clash), "EMAIL_IN_USE");
}

#[tokio::test]
async fn a43_a_filter_is_data() {
    let world = World::with_holders().await;
    let owner = world.partner(None).await;
    let customer = customer(&world, owner, "first@c.example").await;
    let users = Directory::new(&world, owner, &customer.organization_id);
    for (name, family, title) in [("ann", "O'Hara", "Baker"), ("ben", "100%_\\", "Cook")] {
        let user = json!({
            "userName": format!("{name}@c.example"), "externalId": format!("X-{name}"), "title": title,
            "name": { "familyName": family }, "emails": [{ "value": format!("{name}@c.example"), "type": "work" }],
        });
        users.add(&user).await.unwrap();
    }
    for (filter, wanted) in [
        (r#"userName eq "ANN@c.example""#, vec!["ann@c.example"]),
        (r#"externalId eq "X-ben""#, vec!["ben@c.example"]),
        (r#"externalId eq "x-ben""#, vec![]),
        (r#"name.familyName eq "O'Hara""#, vec!["ann@c.example"]),
        (r#"name.familyName co "%_\\""#, vec!["ben@c.example"]),
        (
            r#"emails[type eq "work" and value sw "ben"]"#,
            vec!["ben@c.example"],
        ),
        (
            r#"emails.value eq "ben@c.example" or title eq "baker""#,
            vec!["ann@c.example", "ben@c.example"],
        ),
        (
            r#"title pr and not (title eq "Cook")"#,
            vec!["ann@c.example"],
        ),
        (r#"meta.created lt "2000-01-01T00:00:00Z""#, vec![]),
        (r#"active eq true and title sw "C""#, vec!["ben@c.example"]),
        (r#"userName eq "' or 1=1 --""#, vec![]),
        (r#"id eq "no id""#, vec![]),
        (
            r#"roles.value eq "customer_full_admin""#,
            vec!["first@c.example"],
        ),
    ] {
        assert_eq!(users.find(filter).await.unwrap(), wanted, "{filter}");
    }
    for wrong in [
        "userName eq",
        r#"password eq "x""#,
        r#"userName eq "a"; drop table person"#,
        r#"name.familyName.x eq "a""#,
        r#"userName[value eq "a"]"#,
        &format!("{}title pr{}", "(".repeat(1000), ")".repeat(1000)),
        &"title pr and ".repeat(2000),
    ] {
        assert_eq!(
            reason(users.find(wrong).await),
            "SCIM_INVALID_FILTER",
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn a43_no_change_gives_more_than_the_caller_has() {
    let world = World::with_holders().await;
    let owner = world.partner(None).await;
    let home = world.organization(owner).await;
    let chief = world.enrol(&home, "chief@partner.example").await.unwrap();
    // in its own organization a client may give no role of an administrator
    let own = Directory::new(&world, owner, &owner.to_string());
    let made = own
        .add(&json!({ "userName": "ann@partner.example" }))
        .await
        .unwrap();
    for op in ["add", "replace"] {
        let roles =
            json!([{ "op": op, "path": "roles", "value": [{ "value": "partner_full_admin" }] }]);
        assert_eq!(reason(own.patch(id(&made), roles).await), "ROLE_BEYOND_OWN");
        let roles = json!([{ "op": op, "value": { "roles": [{ "value": "wholesale_admin" }] } }]);
        assert_eq!(reason(own.patch(id(&made), roles).await), "ROLE_BEYOND_OWN");
    }
    let put = json!({ "userName": "ann@partner.example", "roles": ["partner_full_admin"] });
    assert_eq!(reason(own.put(id(&made), &put).await), "ROLE_BEYOND_OWN");
    // nor take the place of who holds one
    let moved = json!([{ "op": "replace", "path": "userName", "value": "mine@partner.example" }]);
    assert_eq!(
        reason(own.patch(&chief.person_id, moved).await),
        "PERSON_BEYOND_OWN"
    );
    assert_eq!(
        reason(own.delete(&chief.person_id).await),
        "PERSON_BEYOND_OWN"
    );

    let customer = customer(&world, owner, "first@c.example").await;
    let users = Directory::new(&world, owner, &customer.organization_id);
    let first = world.person_id("first@c.example").await;
    let made = users
        .add(&json!({ "userName": "ben@c.example" }))
        .await
        .unwrap();
    for role in [
        "partner_full_admin",
        "external_full_admin",
        "client_partner",
        "nothing",
    ] {
        let roles = json!([{ "op": "add", "path": "roles", "value": [{ "value": role }] }]);
        assert_eq!(
            users.patch(id(&made), roles).await.unwrap_err().kind,
            kit::fault::Kind::Invalid,
            "{role}"
        );
    }
    let roles =
        json!([{ "op": "add", "path": "roles", "value": [{ "value": "customer_support" }] }]);
    let given = users.patch(id(&made), roles).await.unwrap();
    assert_eq!(given["roles"], json!([{ "value": "customer_support" }]));
    // the last administrator stays, and so do what nobody may change
    assert_eq!(reason(users.delete(&first).await), "LAST_ADMINISTRATOR");
    let off = json!([{ "op": "replace", "path": "active", "value": false }]);
    assert_eq!(reason(users.patch(&first, off).await), "LAST_ADMINISTRATOR");
    for path in ["id", "meta.version", "groups"] {
        let change = json!([{ "op": "replace", "path": path, "value": "x" }]);
        assert_eq!(
            reason(users.patch(id(&made), change).await),
            "SCIM_MUTABILITY",
            "{path}"
        );
    }
    let change = json!([{ "op": "replace", "path": "password", "value": "x" }]);
    assert_eq!(
        reason(users.patch(id(&made), change).await),
        "SCIM_INVALID_PATH"
    );
    // a reader changes nothing
    let mut reader = Directory::new(&world, owner, &customer.organization_id);
    reader.caller = testing::caller(CallerKind::Partner, owner, &["identity:people_read"]);
    assert_eq!(reader.find("").await.unwrap().len(), 2);
    assert_eq!(reason(reader.delete(id(&made)).await), "SCOPE_MISSING");
}

#[tokio::test]
async fn a43_deactivation_and_deletion_take_tokens_back() {
    let world = World::with_holders().await;
    let owner = world.partner(None).await;
    let customer = customer(&world, owner, "first@c.example").await;
    let users = Directory::new(&world, owner, &customer.organization_id);
    for act in ["deactivate", "delete"] {
        let made = users
            .add(&json!({ "userName": format!("{act}@c.example") }))
            .await
            .unwrap();
        assert_eq!(world.revocations_of(id(&made)).await, 0);
        if act == "delete" {
            users.delete(id(&made)).await.unwrap();
        } else {
            let off = json!([{ "op": "replace", "value": { "active": false } }]);
            users.patch(id(&made), off).await.unwrap();
        }
        assert_eq!(world.revocations_of(id(&made)).await, 1, "{act}");
    }
}
