//! Wholesale billing reports.

use super::wire;

wire! {
    /// A report to be made.
    struct CreateReport {
        /// First day, `YYYY-MM-DD`.
        billing_start_date: Option<String>,
        /// Last day, `YYYY-MM-DD`.
        billing_end_date: Option<String>,
        /// `PARTNER` (default), `CUSTOMER` or `USER`.
        #[serde(rename = "type")]
        level: Option<String>,
        /// Only this sub-partner's usage.
        sub_partner_org_id: Option<String>,
        /// Published without a meaning; understood and ignored.
        internal: Option<bool>,
    }

    /// A report that was accepted.
    struct ReportId {
        /// Id.
        id: String,
        /// First day.
        billing_start_date: String,
        /// Last day.
        billing_end_date: String,
        /// `PARTNER`, `CUSTOMER` or `USER`.
        #[serde(rename = "type")]
        level: String,
        /// `RECONCILIATION`.
        category: String,
    }

    /// A report in a list.
    struct ListReport {
        /// Id.
        id: String,
        /// First day.
        billing_start_date: String,
        /// Last day.
        billing_end_date: String,
        /// `IN_PROGRESS`, `COMPLETED` or `FAILED`.
        status: String,
        /// `PARTNER`, `CUSTOMER` or `USER`.
        #[serde(rename = "type")]
        level: String,
        /// `RECONCILIATION`.
        category: String,
    }

    /// A list of reports.
    struct ReportList {
        /// The reports.
        items: Vec<ListReport>,
    }

    /// A report.
    struct Report {
        /// Id.
        id: String,
        /// First day.
        billing_start_date: String,
        /// Last day.
        billing_end_date: String,
        /// `PARTNER`, `CUSTOMER` or `USER`.
        #[serde(rename = "type")]
        level: String,
        /// `RECONCILIATION`.
        category: String,
        /// When it was asked for.
        created: Option<String>,
        /// Who asked for it.
        created_by: Option<String>,
        /// `IN_PROGRESS`, `COMPLETED` or `FAILED`.
        status: String,
        /// Where the CSV file is, for 30 minutes, without a token.
        #[serde(rename = "tempDownloadURL")]
        temp_download_url: Option<String>,
        /// Why it failed.
        errors: Option<Vec<ReportError>>,
    }

    /// Why a report failed.
    struct ReportError {
        /// Number from the table of error codes.
        code: i32,
        /// Text for people.
        description: String,
    }
}
