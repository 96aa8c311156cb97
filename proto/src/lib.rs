//! The contract between the contexts and the gateway: versioned gRPC packages, one per context.
//!
//! The text of each message and field stands in `entrepot/<context>/v1/*.proto`; this crate only
//! holds what the compiler makes of it.

/// Descriptors of every package, for reflection and for tests.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

macro_rules! packages {
    ($($(#[$doc:meta])* $context:ident = $package:literal;)*) => {$(
        $(#[$doc])*
        pub mod $context {
            /// Version 1.
            pub mod v1 {
                tonic::include_proto!($package);
            }
        }
    )*};
}

packages! {
    /// Values with no behaviour that several contexts exchange.
    common = "entrepot.common.v1";
    /// The event feed's envelope.
    feed = "entrepot.feed.v1";
    /// Organizations, people, clients, tokens.
    identity = "entrepot.identity.v1";
    /// Catalogue, onboarding templates, customers, sub-partners.
    provisioning = "entrepot.provisioning.v1";
    /// Subscribers and what they hold.
    subscriber = "entrepot.subscriber.v1";
    /// Subscriptions, metering, reports.
    billing = "entrepot.billing.v1";
    /// Restricted-party screening and cases.
    compliance = "entrepot.compliance.v1";
}
