//! Groups.

use super::wire;

wire! {
    /// A group.
    struct GroupBody {
        /// Its id.
        id: Option<String>,
        /// Its name.
        display_name: Option<String>,
        /// Its organization.
        org_id: Option<String>,
        /// When it was added.
        created: Option<String>,
        /// When it was last changed.
        last_modified: Option<String>,
        /// How many are in it.
        member_size: Option<i64>,
        /// Who is in it.
        members: Option<Vec<GroupMember>>,
    }

    /// Somebody in a group.
    struct GroupMember {
        /// Its id.
        id: Option<String>,
        /// What it is.
        #[serde(rename = "type")]
        kind: Option<String>,
    }

    /// Groups.
    struct GroupList {
        /// How many there are.
        total_results: i64,
        /// The first one, from 1 on.
        start_index: i64,
        /// How many are told.
        items_per_page: i64,
        /// The groups.
        groups: Vec<GroupBody>,
    }

    /// A group as wanted.
    struct NewGroup {
        /// Its organization; the caller's own when absent.
        org_id: Option<String>,
        /// Its name.
        display_name: Option<String>,
        /// The id in the client's directory.
        external_id: Option<String>,
        /// Who is to be in it.
        members: Option<Vec<NewGroupMember>>,
    }

    /// Somebody who is to be in a group.
    struct NewGroupMember {
        /// The person's id.
        value: Option<String>,
        /// What it is: `user`.
        #[serde(rename = "type")]
        kind: Option<String>,
    }
}
