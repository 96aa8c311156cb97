//! Wire forms of the audit.

use super::wire;

wire! {
    /// A published page of what administrators did.
    struct AdminAuditEvents {
        /// Newest first.
        items: Vec<AdminAuditEvent>,
    }

    /// One act, in the published form.
    struct AdminAuditEvent {
        /// About it.
        data: AdminAuditData,
        /// When it happened.
        created: Option<String>,
        /// Organization of who did it.
        actor_org_id: Option<String>,
        /// Id of the event.
        id: String,
        /// Who did it: a person's id, or a client's.
        actor_id: Option<String>,
    }

    /// About an act, in the published form.
    struct AdminAuditData {
        /// What was done, as a name.
        event_description: String,
        /// Category of the action.
        event_category: String,
        /// What was done, in words.
        action_text: String,
        /// Kind of the thing that it was done to.
        target_type: Option<String>,
        /// The thing that it was done to.
        target_id: Option<String>,
        /// Its name.
        target_name: Option<String>,
        /// The organization that it was done to.
        target_org_id: Option<String>,
        /// Its name.
        target_org_name: Option<String>,
        /// Name of who did it.
        actor_name: Option<String>,
        /// Mail address of who did it.
        actor_email: Option<String>,
        /// Name of the organization of who did it.
        actor_org_name: Option<String>,
        /// Browser that it was done with.
        actor_user_agent: Option<String>,
        /// Address that it was done from.
        actor_ip: Option<String>,
        /// Identifies the request.
        tracking_id: Option<String>,
        /// Why it was refused; absent when it was done.
        error_code: Option<String>,
    }

    /// The categories of actions.
    struct AuditCategories {
        /// In the order of the alphabet.
        event_categories: Vec<String>,
    }

    /// A page of the audit.
    struct AuditEvents {
        /// Newest first.
        items: Vec<AuditEvent>,
    }

    /// One act with its place in the chain.
    struct AuditEvent {
        /// Id of the event.
        id: String,
        /// Place in the chain, from 1 without a hole.
        sequence: i64,
        /// Hash over the one before and this one, hex.
        hash: String,
        /// When it happened.
        occurred: Option<String>,
        /// When it was added to the chain.
        recorded: Option<String>,
        /// The part of the platform that tells it.
        context: String,
        /// What was done, as a name.
        action: String,
        /// Category of the action.
        category: String,
        /// What was done, in words.
        text: String,
        /// `done` or `refused`.
        outcome: String,
        /// Why it was refused.
        reason: Option<String>,
        /// Who did it: a person's id, or a client's.
        actor_id: Option<String>,
        /// Organization of who did it.
        actor_org_id: Option<String>,
        /// With which client.
        client_id: Option<String>,
        /// Who really did it, in the name of that organization.
        acting_id: Option<String>,
        /// Where the one who really did it comes from.
        acting_org_id: Option<String>,
        /// Session of who did it.
        session_id: Option<String>,
        /// The organization that it was done to.
        org_id: Option<String>,
        /// Kind of the thing that it was done to.
        target_type: Option<String>,
        /// The thing that it was done to.
        target_id: Option<String>,
        /// Address that it was done from.
        address: Option<String>,
        /// Identifies the request.
        tracking_id: Option<String>,
        /// More about it.
        details: Option<Vec<AuditDetail>>,
    }

    /// One more thing to know.
    struct AuditDetail {
        /// What it is.
        name: String,
        /// What it was.
        text: String,
    }

    /// What came of computing the chain again.
    struct AuditVerification {
        /// Number of acts.
        length: i64,
        /// Hash of the last one, hex: note it down, and ask for it later.
        head: String,
        /// Nothing was changed.
        intact: bool,
        /// The first place that does not fit.
        first_broken: Option<BrokenPlace>,
        /// Whether the head that was asked for is inside of the chain.
        head_found: Option<bool>,
        /// When it was computed.
        verified: Option<String>,
    }

    /// A place of the chain that does not fit.
    struct BrokenPlace {
        /// The place.
        sequence: i64,
        /// What is wrong there.
        problem: String,
    }
}
