//! SQL, one file for each aggregate. A function takes the transaction that it joins; absence is
//! `None`, and a row that says something impossible is an error of its own.

use std::str::FromStr;

use crate::{domain::UnknownName, error::Error};

pub(crate) mod customer;
pub(crate) mod customer_change;
pub(crate) mod package;
pub(crate) mod screening_outcome;
pub(crate) mod standing;
pub(crate) mod sub_partner;
pub(crate) mod template;

/// A name of a closed set, from a column with a check constraint.
fn named<T: FromStr<Err = UnknownName>>(table: &'static str, name: &str) -> Result<T, Error> {
    name.parse()
        .map_err(|error: UnknownName| Error::Inconsistent {
            table,
            detail: error.to_string(),
        })
}
