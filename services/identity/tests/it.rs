//! The identity context through its gRPC surface.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and so may what it calls"
)]

mod it {
    mod bootstrap;
    mod clients;
    mod feed;
    mod groups;
    mod keys;
    mod management;
    mod members;
    mod oidc;
    mod organizations;
    mod people;
    mod power;
    mod revocations;
    mod roles;
    mod saml;
    mod scim;
    mod settings;
    mod sign_in;
    mod sub_partners;
    mod tokens;
    mod told;
    mod world;
}
