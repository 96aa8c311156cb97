//! The services: who may call, and messages to and from the domain.

use std::str::FromStr;

use kit::auth::Caller;
use proto::common::v1 as common;
use tonic::{Request, Status};

use crate::{domain::address::Address, error::Error};

pub(crate) mod catalogue;
pub(crate) mod customers;
pub(crate) mod events;
pub(crate) mod operations;
pub(crate) mod sub_partners;
pub(crate) mod templates;

/// The scopes that the services ask for.
mod scope {
    pub(super) const CUSTOMERS_READ: &str = "spark-admin:wholesale_customers_read";
    pub(super) const CUSTOMERS_WRITE: &str = "spark-admin:wholesale_customers_write";
    pub(super) const OPERATIONS_READ: &str = "platform:operations_read";
    pub(super) const SUB_PARTNERS_LIST: &str = "spark-admin:wholesale_sub_partners_read";
    pub(super) const SUB_PARTNERS_READ: &str = "platform:sub_partners_read";
    pub(super) const SUB_PARTNERS_WRITE: &str = "platform:sub_partners_write";
    pub(super) const TEMPLATES_READ: &str = "platform:templates_read";
    pub(super) const TEMPLATES_WRITE: &str = "platform:templates_write";
    pub(super) const CATALOG_READ: &str = "platform:catalog_read";
}

/// The caller, if it may read.
fn reader<T>(request: &Request<T>, scope: &str) -> Result<Caller, Status> {
    let caller = Caller::of(request)?;
    caller.require(scope)?;
    Ok(caller)
}

/// The caller, if it may create and update; a suspended one may not (R-1106).
fn writer<T>(request: &Request<T>, scope: &str) -> Result<Caller, Status> {
    let caller = reader(request, scope)?;
    caller.require_active()?;
    Ok(caller)
}

/// An id; a text that is none names nothing that is there.
fn id<T: FromStr>(text: &str, what: &'static str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Missing(what))
}

fn address(address: common::Address) -> Address {
    Address {
        line1: address.line1,
        line2: address.line2,
        city: address.city,
        state: address.state,
        postal_code: address.postal_code,
        country: address.country,
    }
}
