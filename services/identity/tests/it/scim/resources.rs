//! People and groups come, change and go, as directories of the field write it.

use serde_json::json;

use super::directory::{Directory, PATCH, WORK, customer, id};
use crate::it::world::{World, reason};

#[tokio::test]
async fn a_person_comes_changes_and_goes() {
    let world = World::with_holders().await;
    let owner = world.partner(None).await;
    let customer = customer(&world, owner, "first@c.example").await;
    let users = Directory::new(&world, owner, &customer.organization_id);
    let made = users
        .add(&json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", WORK],
            "USERNAME": "Ann@C.example",
            "name": { "givenName": "Ann", "familyName": "Lee", "middleName": "Q" },
            "externalId": "e-1",
            "active": "True",
            "phoneNumbers": [{ "value": "+15550100", "type": "mobile" }],
            "unknown": { "is": "ignored" },
            WORK: { "department": "Baking", "costCenter": "7" },
        }))
        .await
        .unwrap();
    assert_eq!(made["userName"], "Ann@C.example");
    assert_eq!(made["emails"][0]["value"], "ann@c.example");
    assert_eq!(made["displayName"], "Ann Lee");
    assert_eq!(made["name"]["middleName"], "Q");
    assert_eq!(made[WORK]["department"], "Baking");
    assert_eq!(made["active"], true);
    assert!(made.get("unknown").is_none() && made.get("roles").is_none());
    let at = made["meta"]["location"].as_str().unwrap();
    assert!(
        at.starts_with("https://api.example.net/identity/scim/"),
        "{at}"
    );
    assert_eq!(users.get(id(&made)).await.unwrap(), made);

    // as Entra writes it: without paths, with whole names of attributes, with texts for flags
    let changed = users
        .patch(
            id(&made),
            json!([
                { "op": "Add", "value": { "nickName": "Annie", format!("{WORK}:division"): "North", "name.familyName": "Moe" } },
                { "op": "Replace", "path": "active", "value": "False" },
                { "op": "Add", "path": "phoneNumbers[type eq \"work\"].value", "value": "+15550101" },
                { "op": "remove", "path": "phoneNumbers[type eq \"mobile\"]" },
                { "op": "remove", "path": format!("{WORK}:costCenter") },
            ]),
        )
        .await
        .unwrap();
    assert_eq!(changed["nickName"], "Annie");
    assert_eq!(changed["name"]["familyName"], "Moe");
    assert_eq!(changed["active"], false);
    assert_eq!(
        changed[WORK],
        json!({ "department": "Baking", "division": "North" })
    );
    let phones = json!([{ "value": "+15550101", "type": "work", "primary": false }]);
    assert_eq!(changed["phoneNumbers"], phones);

    // what a replacement leaves out goes, but nobody gets back in by it
    let replaced = users
        .put(
            id(&made),
            &json!({ "userName": "ann@c.example", "displayName": "Ann" }),
        )
        .await
        .unwrap();
    assert!(replaced.get("nickName").is_none() && replaced.get(WORK).is_none());
    assert_eq!(replaced["active"], false);

    let late = users
        .patch_version(
            id(&made),
            json!([{ "op": "remove", "path": "nickName" }]),
            "W/\"1\"",
        )
        .await;
    assert_eq!(reason(late), "VERSION_DIFFERS");
    users.delete(id(&made)).await.unwrap();
    assert_eq!(reason(users.get(id(&made)).await), "NOT_FOUND");
    assert_eq!(reason(users.delete(id(&made)).await), "NOT_FOUND");
}

#[tokio::test]
async fn who_has_wholesale_service_is_not_deleted() {
    let world = World::with_holders().await;
    let owner = world.partner(None).await;
    let customer = customer(&world, owner, "first@c.example").await;
    let users = Directory::new(&world, owner, &customer.organization_id);
    let made = users
        .add(&json!({ "userName": "held@c.example" }))
        .await
        .unwrap();
    world.hold(id(&made));
    assert_eq!(reason(users.delete(id(&made)).await), "PERSON_IN_USE");
    users.get(id(&made)).await.unwrap();
    // who cannot ask deletes nobody
    let alone = World::new().await;
    let owner = alone.partner(None).await;
    let customer = super::directory::customer(&alone, owner, "first@c.example").await;
    let users = Directory::new(&alone, owner, &customer.organization_id);
    let made = users
        .add(&json!({ "userName": "ann@c.example" }))
        .await
        .unwrap();
    assert_eq!(reason(users.delete(id(&made)).await), "UNAVAILABLE");
    users.get(id(&made)).await.unwrap();
}

#[tokio::test]
async fn groups_hold_people_and_people_know_their_groups() {
    let world = World::with_holders().await;
    let owner = world.partner(None).await;
    let customer = customer(&world, owner, "first@c.example").await;
    let users = Directory::new(&world, owner, &customer.organization_id);
    let ann = users
        .add(&json!({ "userName": "ann@c.example" }))
        .await
        .unwrap();
    let ben = users
        .add(&json!({ "userName": "ben@c.example" }))
        .await
        .unwrap();
    let groups = users.groups();
    let made = groups
        .add(&json!({ "displayName": "Bakers", "members": [{ "value": id(&ann) }] }))
        .await
        .unwrap();
    assert_eq!(made["members"][0]["type"], "User");
    let clash = groups.add(&json!({ "displayName": "BAKERS" })).await;
    assert_eq!(reason(clash), "GROUP_NAME_IN_USE");
    let change = json!([
        { "op": "add", "path": "members", "value": [{ "value": id(&ben) }, { "value": id(&ann) }] },
        { "op": "replace", "path": "displayName", "value": "All bakers" },
    ]);
    let changed = groups.patch(id(&made), change).await.unwrap();
    assert_eq!(changed["members"].as_array().unwrap().len(), 2);
    assert_eq!(
        users.get(id(&ben)).await.unwrap()["groups"][0]["display"],
        "All bakers"
    );
    assert_eq!(
        groups.find(r#"displayName eq "all bakers""#).await.unwrap(),
        ["All bakers"]
    );
    let member = format!(r#"members.value eq "{}""#, id(&ben));
    assert_eq!(groups.find(&member).await.unwrap(), ["All bakers"]);
    let change = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", id(&ann)) }]);
    let changed = groups.patch(id(&made), change).await.unwrap();
    assert_eq!(changed["members"][0]["value"], id(&ben));
    users.delete(id(&ben)).await.unwrap();
    assert!(
        groups
            .get(id(&made))
            .await
            .unwrap()
            .get("members")
            .is_none()
    );
    groups.delete(id(&made)).await.unwrap();
    assert_eq!(reason(groups.get(id(&made)).await), "NOT_FOUND");
}

#[tokio::test]
async fn bulk_does_each_by_itself_and_knows_what_it_made() {
    let world = World::with_holders().await;
    let owner = world.partner(None).await;
    let customer = customer(&world, owner, "first@c.example").await;
    let users = Directory::new(&world, owner, &customer.organization_id);
    let done = users
        .bulk(json!([
            { "method": "POST", "path": "/Users", "bulkId": "ann", "data": { "userName": "ann@c.example" } },
            { "method": "POST", "path": "/Users", "bulkId": "bad", "data": { "userName": "no address" } },
            { "method": "POST", "path": "/Groups", "bulkId": "all", "data": "{\"displayName\": \"All\", \"members\": [{\"value\": \"bulkId:ann\"}]}" },
            { "method": "PATCH", "path": "/Users/bulkId:ann", "data": {
                "schemas": [PATCH], "Operations": [{ "op": "add", "path": "title", "value": "Baker" }] } },
            { "method": "DELETE", "path": "/Groups/bulkId:never" },
        ]))
        .await
        .unwrap();
    let told: Vec<_> = done["Operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["status"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["201", "400", "201", "200", "400"]);
    assert_eq!(
        done["Operations"][1]["response"]["scimType"],
        "invalidValue"
    );
    let group = users.groups().find("").await.unwrap();
    assert_eq!(group, ["All"]);
    assert_eq!(
        users
            .find(r#"title eq "Baker" and groups pr"#)
            .await
            .unwrap(),
        ["ann@c.example"]
    );
    let many: Vec<_> = (0..101)
        .map(|_| json!({ "method": "DELETE", "path": "/Users/x" }))
        .collect();
    assert_eq!(reason(users.bulk(many.into()).await), "SCIM_INVALID_SYNTAX");
}

#[tokio::test]
async fn r1002_an_address_follows_the_user_name_and_others_hear_of_it() {
    let world = World::with_holders().await;
    let owner = world.partner(None).await;
    let customer = customer(&world, owner, "first@c.example").await;
    let users = Directory::new(&world, owner, &customer.organization_id);
    let made = users
        .add(&json!({ "userName": "ann@c.example" }))
        .await
        .unwrap();
    let moved = json!([{ "op": "replace", "path": "userName", "value": "ann.lee@c.example" }]);
    let moved = users.patch(id(&made), moved).await.unwrap();
    assert_eq!(moved["emails"][0]["value"], "ann.lee@c.example");
    assert_eq!(world.person_id("ann.lee@c.example").await, id(&made));
    assert_eq!(world.moves_of(id(&made)).await, ["ann.lee@c.example"]);
    let taken =
        json!([{ "op": "replace", "path": "emails", "value": [{ "value": "first@c.example" }] }]);
    assert_eq!(reason(users.patch(id(&made), taken).await), "EMAIL_IN_USE");
    let same = users
        .add(
            &json!({ "userName": "ANN.lee@c.example", "emails": [{ "value": "other@c.example" }] }),
        )
        .await;
    assert_eq!(reason(same), "USER_NAME_IN_USE");
}
