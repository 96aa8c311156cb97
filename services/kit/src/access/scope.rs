//! What each scope of a token reaches.

use super::permission::{Permission as P, Permissions};

/// Whom an API client speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machine {
    /// The platform's operator.
    Operator,
    /// A partner's back office.
    Partner,
    /// A compliance reviewer.
    Reviewer,
    /// A context of the platform.
    Service,
}

/// A scope.
#[derive(Debug, Clone, Copy)]
pub struct ScopeRow {
    /// As it stands in a token. Published scopes keep their published names.
    pub name: &'static str,
    /// What it reaches.
    pub permissions: Permissions,
    /// People of a customer's organization may have it.
    pub customer_side: bool,
    /// API clients of these kinds may have it.
    pub machine: &'static [Machine],
    /// What a person is told who is asked for it.
    pub text: &'static str,
}

const OPERATOR: &[Machine] = &[Machine::Operator];
const PARTNER: &[Machine] = &[Machine::Partner];
const BOTH: &[Machine] = &[Machine::Partner, Machine::Operator];
const SCREENING: &[Machine] = &[Machine::Reviewer, Machine::Operator];
/// Nothing that clients can call asks for it yet, or it is about the person who signed in.
const PEOPLE_ONLY: &[Machine] = &[];

const fn row(
    name: &'static str,
    permissions: &[P],
    machine: &'static [Machine],
    text: &'static str,
) -> ScopeRow {
    ScopeRow {
        name,
        permissions: Permissions::of(permissions),
        customer_side: false,
        machine,
        text,
    }
}

/// A row that people of customers may have as well.
const fn open(row: ScopeRow) -> ScopeRow {
    ScopeRow {
        customer_side: true,
        ..row
    }
}

/// Every scope.
#[rustfmt::skip]
pub const SCOPES: &[ScopeRow] = &[
    // wholesale
    row("spark-admin:wholesale_customers_read", &[P::CustomersRead], PARTNER, "See your wholesale customers"),
    row("spark-admin:wholesale_customers_write", &[P::CustomersWrite], PARTNER, "Add, change and remove wholesale customers"),
    row("spark-admin:wholesale_subscribers_read", &[P::SubscribersRead], PARTNER, "See subscribers"),
    row("spark-admin:wholesale_subscribers_write", &[P::SubscribersWrite], PARTNER, "Add, change and remove subscribers"),
    row("spark-admin:wholesale_billing_reports_read", &[P::ReportsRead], PARTNER, "Read billing reports"),
    row("spark-admin:wholesale_billing_reports_write", &[P::ReportsWrite], PARTNER, "Make and delete billing reports"),
    row("spark-admin:wholesale_sub_partners_read", &[P::SubPartnersRead], PARTNER, "See your sub-partners"),
    row("spark-admin:wholesale_sub_partners_write", &[P::SubPartnersWrite], PARTNER, "Set up and suspend sub-partners"),
    row("platform:templates_read", &[P::TemplatesRead], BOTH, "See onboarding templates"),
    row("platform:templates_write", &[P::TemplatesWrite], BOTH, "Change onboarding templates"),
    row("platform:subscriptions_read", &[P::SubscriptionsRead], BOTH, "See your subscriptions"),
    row("platform:subscriptions_write", &[P::SubscriptionsWrite], OPERATOR, "Create and amend subscriptions"),
    row("platform:sub_partners_read", &[P::SubPartnersRead], BOTH, "See your sub-partners"),
    row("platform:sub_partners_write", &[P::SubPartnersWrite], BOTH, "Set up and suspend sub-partners"),
    row("platform:catalog_read", &[P::CatalogRead], BOTH, "See the catalogue"),
    row("platform:catalog_write", &[P::CatalogWrite], OPERATOR, "Change the catalogue"),
    row("platform:operations_read", &[P::OperationsRead], BOTH, "Watch operations"),
    // organizations
    row("platform:organizations_read", &[P::OrganizationsRead], BOTH, "See organizations"),
    open(row("spark-admin:organizations_read", &[P::OrganizationsRead], BOTH, "See organizations")),
    row("spark-admin:organizations_write", &[P::OrganizationsDelete, P::RolesWrite], PEOPLE_ONLY, "Delete organizations and appoint their administrators"),
    open(row("identity:organizations_read", &[P::OrganizationsRead, P::SettingsRead], BOTH, "See the organization")),
    open(row("identity:organizations_rw", &[P::OrganizationsRead, P::OrganizationName, P::OrganizationSettings, P::OrganizationDomains,
        P::OrganizationAuthentication, P::SettingsRead, P::SettingsWrite], BOTH, "Change the organization and its mail domains")),
    open(row("platform:settings_read", &[P::SettingsRead, P::ServicesStatus], PARTNER, "See settings of the organization")),
    open(row("platform:settings_write", &[P::SettingsWrite, P::ServicesWrite, P::MailWrite], PARTNER, "Change settings of the organization")),
    open(row("platform:attach_write", &[P::AttachDecide], PEOPLE_ONLY, "Approve or decline wholesale service")),
    row("platform:identity_providers_read", &[P::ProvidersRead], PARTNER, "See identity providers"),
    row("platform:identity_providers_write", &[P::ProvidersWrite], PARTNER, "Change identity providers"),
    open(row("platform:migrations_write", &[P::Migrations, P::ConnectedUc], PEOPLE_ONLY, "Run migrations")),
    // people
    row("platform:people_read", &[P::PeopleRead], BOTH, "See people"),
    open(row("spark-admin:people_read", &[P::PeopleRead], BOTH, "See people")),
    open(row("spark-admin:people_write", &[P::PeopleWrite, P::PeopleProfile, P::PeopleLicenses, P::PeopleClaim, P::PeoplePackageType,
        P::PeopleWorkNumber, P::RolesWrite], BOTH, "Add, change and remove people")),
    open(row("spark:people_read", &[P::OwnProfile], PEOPLE_ONLY, "See your own profile")),
    open(row("spark-admin:roles_read", &[P::RolesRead], BOTH, "See roles")),
    open(row("spark-admin:licenses_read", &[P::ServicesStatus], PEOPLE_ONLY, "See licences")),
    open(row("identity:people_read", &[P::PeopleRead, P::GroupsRead], BOTH, "See people and groups for a directory")),
    open(row("identity:people_rw", &[P::PeopleRead, P::PeopleWrite, P::PeopleProfile, P::PeopleSync, P::RolesWrite, P::GroupsRead, P::GroupsWrite],
        BOTH, "Synchronise people and groups with a directory")),
    open(row("identity:groups_read", &[P::GroupsRead], BOTH, "See groups")),
    open(row("identity:groups_rw", &[P::GroupsRead, P::GroupsWrite], BOTH, "Change groups")),
    open(row("identity:one_time_password", &[P::PeopleCredentials], BOTH, "Make one-time passwords for people")),
    // calling
    open(row("spark-admin:telephony_config_write", &[P::CallingClientSettings, P::CallingBehaviour, P::CallingOptionPriority,
        P::LocationCalling, P::CallRecording, P::Numbers], PEOPLE_ONLY, "Change calling settings")),
    open(row("spark-admin:telephony_pstn_write", &[P::Pstn, P::PstnLocalGateway, P::PstnOperator], PEOPLE_ONLY, "Change PSTN connections")),
    // the platform
    row("platform:partners_write", &[P::PartnersWrite], OPERATOR, "Create partners"),
    row("platform:clients_read", &[P::ClientsRead], PEOPLE_ONLY, "See API clients"),
    row("platform:clients_write", &[P::ClientsWrite], BOTH, "Register API clients"),
    row("platform:screening_read", &[P::ScreeningRead], SCREENING, "See screening cases"),
    row("platform:screening_write", &[P::ScreeningWrite], SCREENING, "Decide screening cases"),
    row("platform:audit_read", &[P::AuditRead], BOTH, "Read the audit"),
    open(row("audit:events_read", &[P::AuditRead], BOTH, "Read the audit")),
    // one context to another: the callee looks at the kind of the caller, nothing is allowed by it
    row("internal", &[], &[Machine::Service], "Contexts among each other"),
];

/// The scope with this name.
pub fn scope(name: &str) -> Option<&'static ScopeRow> {
    SCOPES.iter().find(|row| row.name == name)
}

/// Everything that the scopes of a kind of client reach together.
pub(super) const fn machine(kind: Machine) -> Permissions {
    let mut all = Permissions::NONE;
    let mut rows = SCOPES;
    while let [row, others @ ..] = rows {
        if is_for(row.machine, kind) {
            all = all.union(row.permissions);
        }
        rows = others;
    }
    all
}

const fn is_for(machines: &[Machine], kind: Machine) -> bool {
    let mut rest = machines;
    while let [first, others @ ..] = rest {
        if matches!(
            (first, kind),
            (Machine::Operator, Machine::Operator)
                | (Machine::Partner, Machine::Partner)
                | (Machine::Reviewer, Machine::Reviewer)
                | (Machine::Service, Machine::Service)
        ) {
            return true;
        }
        rest = others;
    }
    false
}
