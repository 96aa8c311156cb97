//! Identity providers of partners, and people who come through them.

mod provider;
mod registry;
