//! What a verified caller may do.

use kit::{
    access::{Permission, Permissions},
    fault::Fault,
};
use serde_json::json;

use super::{NOW, World, claims, sign};

#[tokio::test]
async fn a41_a_caller_knows_what_its_roles_give_and_a_restriction_took() {
    let world = World::new();
    let mut administrator = claims(NOW);
    administrator["kind"] = json!("customer");
    administrator["org_kind"] = json!("customer");
    administrator["roles"] = json!(["customer_full_admin"]);
    administrator["scope"] = json!("spark-admin:people_write identity:organizations_rw");
    let free = world
        .verify(&sign(&world.ed, &administrator))
        .await
        .unwrap();
    free.may(Permission::PeopleWrite).unwrap();
    free.may(Permission::OrganizationName).unwrap();
    assert_eq!(free.masked, Permissions::NONE);
    let reason = |outcome: Result<(), Fault>| outcome.unwrap_err().reason;
    assert_eq!(
        reason(free.may(Permission::CustomersWrite)),
        "PERMISSION_MISSING"
    );

    administrator["rst"] = json!(["partner.1", "always.1"]);
    let bound = world
        .verify(&sign(&world.ed, &administrator))
        .await
        .unwrap();
    assert_eq!(
        reason(bound.may(Permission::PeopleWrite)),
        "RESTRICTED_BY_PARTNER"
    );
    assert_eq!(
        reason(bound.may(Permission::CustomersWrite)),
        "PERMISSION_MISSING"
    );
    bound.may(Permission::PeopleProfile).unwrap();
    // something of the scope is left
    bound.require("spark-admin:people_write").unwrap();
    assert_eq!(
        reason(bound.require("spark-admin:roles_read")),
        "SCOPE_MISSING"
    );

    // the same scopes without a role, or with one that nobody knows, are good for nothing
    for roles in [json!([]), json!(["emperor"])] {
        administrator["roles"] = roles;
        let nobody = world
            .verify(&sign(&world.ed, &administrator))
            .await
            .unwrap();
        assert_eq!(nobody.permissions, Permissions::NONE);
        let refused = nobody.require("spark-admin:people_write");
        assert_eq!(reason(refused), "PERMISSION_MISSING");
    }
    // a restriction that we do not know leaves nothing that writes
    administrator["roles"] = json!(["customer_full_admin"]);
    administrator["rst"] = json!(["tomorrow.9"]);
    let careful = world
        .verify(&sign(&world.ed, &administrator))
        .await
        .unwrap();
    assert!(
        careful
            .permissions
            .iter()
            .all(|permission| !permission.writes())
    );
}
