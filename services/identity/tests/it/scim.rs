//! SCIM.

mod directory;
mod resources;
mod safety;
