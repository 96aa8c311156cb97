//! The public REST surface of Entrepot.
//!
//! Everything here faces outside: JSON bodies exactly as the published wholesale API has them
//! (`wire`), its ids, paging and error bodies (`id`, `paging`, `failure`), limits (`limit`), and one
//! handler for each operation (`rest`), which makes one gRPC call to the context that does the work.
//! Our own operations, without a published counterpart, live under `/platform/v1`.
//!
//! People get pages (`pages`): they sign in there, and what they fill in is decided elsewhere.
//!
//! The gateway keeps no state of its own and knows no rule of the trade. It does not verify tokens
//! either: it hands them on, and every context verifies them itself.
//!
//! [`ROUTES`] is the one table from which the router and the API description (`GET /openapi.json`) are
//! made, and from which tests enumerate the surface.

mod call;
mod caller;
mod config;
mod failure;
mod id;
mod json;
mod limit;
mod openapi;
mod pages;
mod paging;
mod peer;
mod query;
mod rest;
mod routes;
mod surface;
mod wire;

pub use config::Config;
pub use routes::{ROUTES, Route};

/// The whole surface as one router. Serve it with the peer's address
/// (`into_make_service_with_connect_info::<SocketAddr>()`), so that requests without a token are
/// limited by it.
pub fn surface(
    links: kit::link::Links,
    config: Config,
    clock: kit::time::Clock,
    random: kit::id::Random,
) -> axum::Router {
    surface::router(links, config, clock, random)
}
