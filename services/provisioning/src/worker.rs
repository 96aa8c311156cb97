//! Background work.

use kit::{boot::Worker, feed, operation};

use crate::app::{
    App, block_customer::BlockCustomer, change_customer::ChangeCustomer,
    provision_customer::ProvisionCustomer, remove_customer::RemoveCustomer,
};

pub(crate) mod announcer;
pub(crate) mod compliance;
pub(crate) mod housekeeper;

/// All of it.
pub(crate) fn workers(app: &App) -> Vec<Worker> {
    let context = &app.context;
    vec![
        feed::stamper(context.db.clone(), context.tasks.clone()),
        announcer::announcer(app.clone()),
        housekeeper::housekeeper(app.clone()),
        feed::follow(context, compliance::Cases(app.clone())),
        operation::runner(context, ProvisionCustomer(app.clone())),
        operation::runner(context, ChangeCustomer(app.clone())),
        operation::runner(context, RemoveCustomer(app.clone())),
        operation::runner(context, BlockCustomer(app.clone())),
    ]
}
