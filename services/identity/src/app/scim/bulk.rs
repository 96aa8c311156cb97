//! Several operations, each by itself.

use std::collections::HashMap;

use kit::{
    auth::Caller,
    fault::{Failure as _, Kind as Fault},
};
use serde_json::Value;
use uuid::Uuid;

use super::{At, Change, change, create, delete};
use crate::{
    app::State,
    domain::scim::{
        bulk::{Bulk, Operation, Verb, response},
        document::Selection,
    },
    error::Error,
};

/// Does one after another; what fails leaves the others as they are.
pub(crate) async fn bulk(
    state: &State,
    caller: &Caller,
    organization: Uuid,
    bulk: Bulk,
) -> Result<Value, Error> {
    // who may do nothing here is told so once
    crate::app::enter::organization(state, caller, organization).await?;
    let mut made = HashMap::new();
    let (mut answers, mut failures) = (Vec::new(), 0);
    for mut operation in bulk.operations {
        let done = perform(state, caller, organization, &mut operation, &made).await;
        let answer = match done {
            Ok(Done { id, location }) => {
                if operation.verb == Verb::Post {
                    made.insert(operation.bulk_id.clone(), id);
                }
                let status = match operation.verb {
                    Verb::Post => 201,
                    Verb::Put | Verb::Patch => 200,
                    Verb::Delete => 204,
                };
                operation.answer(status, location)
            }
            Err(error) => {
                failures += 1;
                refused(&operation, error)
            }
        };
        answers.push(answer);
        if bulk.fail_on_errors.is_some_and(|most| failures >= most) {
            break;
        }
    }
    Ok(response(&answers))
}

struct Done {
    id: String,
    location: Option<String>,
}

async fn perform(
    state: &State,
    caller: &Caller,
    organization: Uuid,
    operation: &mut Operation,
    made: &HashMap<String, String>,
) -> Result<Done, Error> {
    operation.resolve(made)?;
    let at = At {
        organization,
        kind: operation.kind,
        selection: Selection::default(),
    };
    let id = || operation.id.parse().map_err(|_| Error::Missing("resource"));
    let (data, version) = (&operation.data, &operation.version);
    let found = match operation.verb {
        Verb::Post => create(state, caller, &at, data).await?,
        Verb::Put => {
            let how = Change::Replace(data.clone());
            change(state, caller, &at, id()?, &how, version).await?
        }
        Verb::Patch => {
            let how = Change::Patch(data.clone());
            change(state, caller, &at, id()?, &how, version).await?
        }
        Verb::Delete => {
            delete(state, caller, &at, id()?, version).await?;
            return Ok(Done {
                id: operation.id.clone(),
                location: None,
            });
        }
    };
    Ok(Done {
        id: found.id.to_string(),
        location: Some(found.location),
    })
}

fn refused(operation: &Operation, error: Error) -> Value {
    let status = match error.kind() {
        Fault::Invalid => 400,
        Fault::Unauthenticated => 401,
        Fault::Forbidden => 403,
        Fault::Missing => 404,
        Fault::Conflict | Fault::Precondition => 409,
        Fault::Exhausted => 429,
        Fault::Unavailable => 503,
        Fault::Internal => 500,
    };
    let mut detail = error.to_string();
    for violation in error.violations() {
        detail = format!("{detail}; {}: {}", violation.field, violation.description);
    }
    let reason = error.reason().to_owned();
    if status == 500 {
        // what went wrong stays inside, and is told in the log
        drop(kit::fault::status(error));
        "internal error".clone_into(&mut detail);
    }
    let mut answer = operation.answer(kit::scim::status(status, &reason), None);
    answer["response"] = kit::scim::error(status, &reason, &detail);
    answer
}
