//! Journeys through the public API, each in one process and in six.

mod audit;
mod bad_input;
mod changes;
mod main_job;
mod prechecks;
mod quantities;
mod restriction;
mod revocation;
mod screening;
mod sign_in;
mod sub_partners;
mod trace;
