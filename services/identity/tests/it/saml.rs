//! SAML providers, through the database: what a partner registers, and who comes in through it.

use certificate::OwnKey;

#[path = "../../src/domain/saml/certificate.rs"]
#[expect(
    dead_code,
    reason = "what the context does with certificates; tests make and sign"
)]
mod certificate;
#[path = "../../src/domain/saml/corpus/forge.rs"]
#[expect(
    dead_code,
    reason = "most of the forgeries are for the tests beside the code"
)]
mod forge;

mod corpus;
mod provider;
mod registry;
mod sign_in;
mod tenants;
mod visitor;
