//! Restricted-party screening: checks, cases, lists.

use super::{common::Address, wire};

wire! {
    /// A party to be screened; nothing is recorded.
    struct CheckParty {
        /// Name of the organization or person.
        name: Option<String>,
        /// Other names.
        aliases: Option<Vec<String>>,
        /// Address.
        address: Option<Address>,
    }

    /// What screening found.
    struct CheckResult {
        /// `clear` or `review`.
        decision: String,
        /// The matches, best first.
        hits: Vec<Hit>,
        /// Which lists were used.
        index_version: String,
    }

    /// A listed party that matches.
    struct Hit {
        /// Name of the list.
        list: String,
        /// Id of the entry on its list.
        entry_id: String,
        /// The name on the list that matched.
        matched_name: String,
        /// From 0 to 1000.
        score: i32,
        /// One line for each piece of evidence.
        evidence: Vec<String>,
    }

    /// Who was screened.
    struct Party {
        /// Name.
        name: String,
        /// Other names.
        aliases: Option<Vec<String>>,
        /// Address.
        address: Option<Address>,
    }

    /// A case that a reviewer decides.
    struct Case {
        /// Id.
        id: String,
        /// The partner's organization.
        partner_org_id: String,
        /// The customer.
        customer_id: Option<String>,
        /// Who was screened.
        party: Option<Party>,
        /// `open`, `approved`, `rejected` or `expired`.
        status: String,
        /// The matches, best first.
        hits: Vec<Hit>,
        /// When it was opened.
        opened: Option<String>,
        /// When it expires.
        deadline: Option<String>,
        /// When it was decided.
        decided: Option<String>,
        /// Who decided.
        decided_by: Option<String>,
        /// Why.
        reason: Option<String>,
        /// Which lists were used.
        index_version: Option<String>,
    }

    /// A page of cases.
    struct CaseList {
        /// The cases.
        items: Vec<Case>,
    }

    /// A reviewer's decision.
    struct Decide {
        /// `approve` or `reject`; `approved` and `rejected` are understood too.
        decision: Option<String>,
        /// Why.
        reason: Option<String>,
    }

    /// A list to be imported.
    struct ImportList {
        /// Name of the list, for example `SDN`.
        list: Option<String>,
        /// `csl_csv`, `ofac_csv` or `operator_csv`.
        format: Option<String>,
        /// The files, base64, gzip accepted: one, or for OFAC the primary, alias and address file.
        files: Option<Vec<String>>,
    }

    /// The version of a list that is in use.
    struct ListVersion {
        /// Name of the list.
        list: String,
        /// Grows by one with each import.
        version: i64,
        /// SHA-256 over the files, hex.
        sha256: String,
        /// How many entries.
        entries: i32,
        /// How many names.
        names: i32,
        /// When it was imported.
        imported: Option<String>,
    }

    /// The lists in use.
    struct ListVersions {
        /// One for each list.
        items: Vec<ListVersion>,
    }
}
