//! What each role allows (R-1201, R-1202).

use super::{
    permission::{Permission as P, Permissions},
    scope::{Machine, machine},
};

/// Whose people hold a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The operator's.
    Operator,
    /// A partner's, in its own organization and in those that it manages.
    Partner,
    /// The customer's own. Restrictions bind these only.
    Customer,
}

/// A role.
#[derive(Debug)]
pub struct RoleRow {
    /// Which.
    pub role: Role,
    /// As it is stored and stands in tokens; stable.
    pub code: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Whose people hold it.
    pub side: Side,
    /// What it allows, wherever it is held.
    pub permissions: Permissions,
}

macro_rules! roles {
    ($($role:ident = $code:literal, $name:literal, $side:ident, $permissions:expr;)+) => {
        /// A role, held by somebody in an organization.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role {
            $(#[doc = $name] $role,)+
        }

        /// Every role.
        pub const ROLES: &[RoleRow] = &[
            $(RoleRow {
                role: Role::$role,
                code: $code,
                name: $name,
                side: Side::$side,
                permissions: $permissions,
            },)+
        ];

        impl Role {
            /// Its row in the table.
            pub fn row(self) -> &'static RoleRow {
                match self {
                    $(Self::$role => const { &RoleRow {
                        role: Role::$role,
                        code: $code,
                        name: $name,
                        side: Side::$side,
                        permissions: $permissions,
                    } },)+
                }
            }
        }
    };
}

roles! {
    PartnerFullAdmin = "partner_full_admin", "Partner full administrator", Partner, PARTNER_FULL;
    WholesaleAdmin = "wholesale_admin", "Wholesale administrator", Partner, WHOLESALE;
    PartnerAdmin = "partner_admin", "Partner administrator", Partner, PARTNER_ADMIN;
    PartnerReadonlyAdmin = "partner_readonly_admin", "Partner read-only administrator", Partner, PARTNER_READ;
    PartnerHelpDesk = "partner_help_desk", "Partner help desk", Partner, HELP_DESK;
    ProvisioningAdmin = "provisioning_admin", "Provisioning administrator", Partner, PROVISIONING;
    BillingReader = "billing_reader", "Billing, read only", Partner, BILLING;
    BillingAdmin = "billing_admin", "Billing administrator", Partner, BILLING.and(&[P::ReportsWrite]);
    CustomerFullAdmin = "customer_full_admin", "Full administrator", Customer, CUSTOMER_FULL;
    CustomerReadonlyAdmin = "customer_readonly_admin", "Read-only administrator", Customer, CUSTOMER_READ;
    CustomerUserDeviceAdmin = "customer_user_device_admin", "User and device administrator", Customer, USER_DEVICE;
    CustomerSupport = "customer_support", "Support administrator", Customer, SUPPORT;
    ExternalFullAdmin = "external_full_admin", "External full administrator", Partner, EXTERNAL_FULL;
    ExternalProvisioningAdmin = "external_provisioning_admin", "External provisioning administrator", Partner, EXTERNAL_PROVISIONING;
    User = "user", "User", Customer, USER;
    OperatorAdmin = "operator_admin", "Operator", Operator, OPERATOR;
    ComplianceReviewer = "compliance_reviewer", "Compliance reviewer", Operator, REVIEWER;
    ClientOperator = "client_operator", "API client of the operator", Operator, machine(Machine::Operator);
    ClientPartner = "client_partner", "API client of a partner", Partner, machine(Machine::Partner);
    ClientReviewer = "client_reviewer", "API client of a reviewer", Operator, machine(Machine::Reviewer);
    ClientService = "client_service", "Context of the platform", Operator, machine(Machine::Service);
}

impl Role {
    /// The role with this code.
    pub fn parse(code: &str) -> Option<Self> {
        let found = ROLES.iter().find(|row| row.code == code);
        found.map(|row| row.role)
    }

    /// As it is stored.
    pub fn code(self) -> &'static str {
        self.row().code
    }

    /// What it allows.
    pub fn permissions(self) -> Permissions {
        self.row().permissions
    }

    /// The role of a kind of API client.
    pub fn of_machine(kind: Machine) -> Self {
        match kind {
            Machine::Operator => Self::ClientOperator,
            Machine::Partner => Self::ClientPartner,
            Machine::Reviewer => Self::ClientReviewer,
            Machine::Service => Self::ClientService,
        }
    }

    /// Whether it belongs to an API client and not to a person.
    pub fn is_machines(self) -> bool {
        self.code().starts_with("client_")
    }
}

const USER: Permissions = Permissions::of(&[P::OwnProfile]);

/// What all see who administer anything.
const SEEING: Permissions = USER.and(&[P::OrganizationsRead, P::PeopleRead, P::ServicesStatus]);

const PARTNER_READ: Permissions = SEEING.and(&[
    P::RolesRead,
    P::GroupsRead,
    P::CustomersRead,
    P::SubscribersRead,
    P::ReportsRead,
    P::SubPartnersRead,
    P::TemplatesRead,
    P::SubscriptionsRead,
    P::CatalogRead,
    P::OperationsRead,
    P::ClientsRead,
    P::ProvidersRead,
    P::AuditRead,
    P::SettingsRead,
]);

const HELP_DESK: Permissions = SEEING.and(&[P::CustomersRead, P::SubscribersRead]);

const PROVISIONING: Permissions = SEEING.and(&[
    P::CustomersRead,
    P::CustomersWrite,
    P::SubscribersRead,
    P::SubscribersWrite,
    P::TemplatesRead,
    P::CatalogRead,
    P::OperationsRead,
]);

const BILLING: Permissions = USER.and(&[P::ReportsRead, P::SubscriptionsRead, P::CatalogRead]);

/// What an administrator does for people of an organization.
const PEOPLE: Permissions = SEEING.and(&[
    P::PeopleWrite,
    P::PeopleProfile,
    P::PeopleLicenses,
    P::PeopleClaim,
    P::PeoplePackageType,
    P::PeopleWorkNumber,
    P::PeopleCredentials,
    P::RolesRead,
    P::GroupsRead,
    P::GroupsWrite,
]);

/// What an administrator does for an organization and its calling.
const ADMINISTRATION: Permissions = PEOPLE.and(&[
    P::OrganizationName,
    P::OrganizationSettings,
    P::OrganizationDomains,
    P::OrganizationAuthentication,
    P::PeopleSync,
    P::ServicesWrite,
    P::MailWrite,
    P::CallingClientSettings,
    P::CallingBehaviour,
    P::CallingOptionPriority,
    P::LocationCalling,
    P::CallRecording,
    P::Numbers,
    P::Pstn,
    P::PstnLocalGateway,
    P::PstnOperator,
    P::Migrations,
    P::ConnectedUc,
    P::RolesWrite,
    P::AuditRead,
    P::SettingsRead,
]);

/// Everything in a partner's own organization and for its customers but what is wholesale's.
const PARTNER_FULL: Permissions = ADMINISTRATION.union(PARTNER_READ).and(&[
    P::OrganizationsDelete,
    P::SubscribersWrite,
    P::ReportsWrite,
    P::ClientsWrite,
    P::ProvidersWrite,
    P::SettingsWrite,
]);

/// Comes on top of full administrator, to create customers, templates and sub-partners (R-1105).
const WHOLESALE: Permissions = SEEING.and(&[
    P::CustomersRead,
    P::CustomersWrite,
    P::SubscribersRead,
    P::SubscribersWrite,
    P::ReportsRead,
    P::SubPartnersRead,
    P::SubPartnersWrite,
    P::TemplatesRead,
    P::TemplatesWrite,
    P::SubscriptionsRead,
    P::CatalogRead,
    P::OperationsRead,
]);

/// Works for customers, and leaves the partner itself as it is.
const PARTNER_ADMIN: Permissions = PEOPLE.and(&[
    P::CustomersRead,
    P::SubscribersRead,
    P::SubscribersWrite,
    P::TemplatesRead,
    P::CatalogRead,
    P::OperationsRead,
]);

const CUSTOMER_FULL: Permissions = ADMINISTRATION.and(&[P::AttachDecide]);

const CUSTOMER_READ: Permissions =
    SEEING.and(&[P::RolesRead, P::GroupsRead, P::AuditRead, P::SettingsRead]);

const USER_DEVICE: Permissions = PEOPLE;

const SUPPORT: Permissions = SEEING;

/// A partner's administrator in an organization that it manages. Whether the partner gets in is not its
/// to decide.
const EXTERNAL_FULL: Permissions = ADMINISTRATION.and(&[P::SettingsWrite]);

const EXTERNAL_PROVISIONING: Permissions = SEEING.and(&[P::PeopleLicenses]);

const REVIEWER: Permissions = USER.and(&[P::ScreeningRead, P::ScreeningWrite]);

const OPERATOR: Permissions = ADMINISTRATION
    .union(PARTNER_READ)
    .union(machine(Machine::Operator))
    .and(&[P::ProvidersWrite, P::OrganizationsDelete]);
