//! The rules that hold for every crate, table, route and call: something new that breaks one, or that
//! no rule has been told about, fails by its name.

mod architecture;
mod calls;
mod fixtures;
mod isolation;
mod schema;
mod sources;
mod surface;
mod world;
