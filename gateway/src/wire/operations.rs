//! Asynchronous operations.

use super::wire;

wire! {
    /// An asynchronous operation.
    struct Operation {
        /// Id.
        id: String,
        /// What it does.
        kind: String,
        /// The customer it works on.
        customer_id: Option<String>,
        /// `running`, `undoing`, `done`, `undone` or `stuck`.
        state: String,
        /// The step it is at.
        step: String,
        /// How often that step was tried.
        attempt: i32,
        /// The last error.
        last_error: Option<String>,
        /// What happened so far, oldest first.
        events: Vec<OperationEvent>,
        /// When it began.
        created: Option<String>,
    }

    /// One thing that happened.
    struct OperationEvent {
        /// The step.
        step: String,
        /// What came of it.
        outcome: String,
        /// Detail.
        detail: Option<String>,
        /// When.
        occurred: Option<String>,
    }
}
