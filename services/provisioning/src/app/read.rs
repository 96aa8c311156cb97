//! Reading customers, operations and the catalogue.

use kit::{
    auth::Caller,
    operation::{self, OperationId, View},
    page,
};

use crate::{
    app::{App, Page, after},
    domain::{
        catalogue::Catalogue,
        customer::{Customer, CustomerId},
    },
    error::Error,
    store::{self, customer::Filter},
};

/// Customers of a page when nothing else is asked for, and at most.
const PAGE: (i64, i64) = (100, 1000);

/// One customer.
pub(crate) async fn get_customer(
    app: &App,
    caller: &Caller,
    customer_id: CustomerId,
) -> Result<Customer, Error> {
    let mut tx = app.context.db.begin(caller.scope()).await?;
    store::customer::find(&mut tx, caller.partner, customer_id)
        .await?
        .ok_or(Error::Missing("customer"))
}

/// A page of customers, oldest first.
pub(crate) async fn list_customers(
    app: &App,
    caller: &Caller,
    filter: &Filter,
    size: i32,
    token: &str,
    offset: i32,
) -> Result<Page<Customer>, Error> {
    let size = page::size(size, PAGE.0, PAGE.1);
    let after = after(token)?;
    let offset = if after.is_some() {
        0
    } else {
        i64::from(offset.max(0))
    };
    let mut tx = app.context.db.begin(caller.scope()).await?;
    let customers =
        store::customer::list(&mut tx, caller.partner, filter, after, offset, size + 1).await?;
    Ok(Page::new(customers, size, |customer| {
        (customer.created_at, customer.id.uuid())
    }))
}

/// One operation on a customer.
pub(crate) async fn get_operation(
    app: &App,
    caller: &Caller,
    operation_id: OperationId,
) -> Result<View, Error> {
    let mut tx = app.context.db.begin(caller.scope()).await?;
    operation::view(&mut tx, operation_id)
        .await?
        .ok_or(Error::Missing("operation"))
}

/// The catalogue.
pub(crate) async fn list_packages(app: &App, caller: &Caller) -> Result<Catalogue, Error> {
    let mut tx = app.context.db.begin(caller.scope()).await?;
    store::package::catalogue(&mut tx).await
}
