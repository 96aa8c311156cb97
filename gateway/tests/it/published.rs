//! The eighteen published operations, by their methods and paths.

use std::collections::BTreeSet;

use gateway::ROUTES;

const OPERATIONS: [(&str, &str); 18] = [
    ("GET", "/wholesale/customers"),
    ("POST", "/wholesale/customers"),
    ("GET", "/wholesale/customers/{customerId}"),
    ("PUT", "/wholesale/customers/{customerId}"),
    ("DELETE", "/wholesale/customers/{customerId}"),
    ("POST", "/wholesale/customers/validate"),
    ("GET", "/wholesale/subPartners"),
    ("GET", "/wholesale/subscribers"),
    ("POST", "/wholesale/subscribers"),
    ("GET", "/wholesale/subscribers/{subscriberId}"),
    ("PUT", "/wholesale/subscribers/{subscriberId}"),
    ("DELETE", "/wholesale/subscribers/{subscriberId}"),
    ("POST", "/wholesale/subscribers/validate"),
    ("POST", "/subscribers/{subscriberId}/emails/consentMove"),
    ("GET", "/wholesale/billing/reports"),
    ("POST", "/wholesale/billing/reports"),
    ("GET", "/wholesale/billing/reports/{id}"),
    ("DELETE", "/wholesale/billing/reports/{id}"),
];

#[test]
fn every_published_operation_is_routed() {
    let ours: BTreeSet<_> = ROUTES
        .iter()
        .copied()
        .flatten()
        .map(|route| (route.method, route.path))
        .collect();
    for (method, path) in OPERATIONS {
        let path = format!("/v1{path}");
        assert!(ours.contains(&(method, path.as_str())), "{method} {path}");
    }
}
