//! What can be allowed.

use std::fmt;

macro_rules! permissions {
    ($($permission:ident = $name:literal, $text:literal;)+) => {
        /// Something that one may do. The names are stable and part of the contract.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Permission {
            $(#[doc = $text] $permission,)+
        }

        impl Permission {
            /// All there are, in the order of their bits.
            pub const ALL: &[Self] = &[$(Self::$permission,)+];

            /// Its name, `<what>:<read or write>`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$permission => $name,)+
                }
            }
        }
    };
}

permissions! {
    OrganizationsRead = "organizations:read", "See organizations.";
    OrganizationsDelete = "organizations:delete", "Delete a customer's organization.";
    OrganizationName = "organizations.name:write", "Change the company's name.";
    OrganizationSettings = "organizations.settings:write", "Change its language and other settings.";
    OrganizationDomains = "organizations.domains:write", "Verify and claim mail domains.";
    OrganizationAuthentication = "organizations.authentication:write", "Change how its people sign in.";
    PeopleRead = "people:read", "See people.";
    PeopleWrite = "people:write", "Add, change and delete people.";
    PeopleProfile = "people.profile:write", "Change names and the primary address of people.";
    PeopleLicenses = "people.licenses:write", "Assign licences.";
    PeopleClaim = "people.claim:write", "Claim people of other organizations.";
    PeopleSync = "people.sync:write", "Synchronise people with a directory.";
    PeoplePackageType = "people.package_type:write", "Reset the package type.";
    PeopleWorkNumber = "people.work_number:write", "Change the primary work number.";
    PeopleCredentials = "people.credentials:write", "Make one-time passwords.";
    ServicesWrite = "services:write", "Edit services.";
    ServicesStatus = "services.status:read", "See the full status of services.";
    MailWrite = "mail:write", "Change mail settings.";
    CallingClientSettings = "calling.client_settings:write", "Change settings and call options of the apps.";
    CallingBehaviour = "calling.behaviour:write", "Change the calling behaviour.";
    CallingOptionPriority = "calling.option_priority:write", "Change the priority of call options.";
    LocationCalling = "calling.locations:write", "Change calling settings of a location.";
    CallRecording = "calling.recording:write", "Change call recording.";
    Numbers = "numbers:write", "Manage numbers.";
    Pstn = "pstn:write", "Manage the PSTN connection.";
    PstnLocalGateway = "pstn.local_gateway:write", "Choose a local gateway.";
    PstnOperator = "pstn.operator:write", "Choose operator PSTN.";
    Migrations = "migrations:write", "Run migrations.";
    ConnectedUc = "connected_uc:write", "Use connected UC.";
    RolesRead = "roles:read", "See roles and who holds them.";
    RolesWrite = "roles:write", "Give and take roles.";
    GroupsRead = "groups:read", "See groups.";
    GroupsWrite = "groups:write", "Change groups.";
    CustomersRead = "customers:read", "See wholesale customers.";
    CustomersWrite = "customers:write", "Add, change and remove wholesale customers.";
    SubscribersRead = "subscribers:read", "See subscribers.";
    SubscribersWrite = "subscribers:write", "Add, change and remove subscribers.";
    ReportsRead = "reports:read", "Read billing reports.";
    ReportsWrite = "reports:write", "Make and delete billing reports.";
    SubPartnersRead = "sub_partners:read", "See sub-partners.";
    SubPartnersWrite = "sub_partners:write", "Set up, suspend and resume sub-partners.";
    TemplatesRead = "templates:read", "See onboarding templates.";
    TemplatesWrite = "templates:write", "Change onboarding templates.";
    SubscriptionsRead = "subscriptions:read", "See subscriptions.";
    SubscriptionsWrite = "subscriptions:write", "Create and amend subscriptions.";
    CatalogRead = "catalog:read", "See the catalogue.";
    CatalogWrite = "catalog:write", "Change the catalogue.";
    OperationsRead = "operations:read", "Watch operations.";
    PartnersWrite = "partners:write", "Create partners.";
    ClientsRead = "clients:read", "See API clients.";
    ClientsWrite = "clients:write", "Register API clients.";
    ProvidersRead = "identity_providers:read", "See identity providers.";
    ProvidersWrite = "identity_providers:write", "Change identity providers.";
    ScreeningRead = "screening:read", "See screening cases and lists.";
    ScreeningWrite = "screening:write", "Decide screening cases.";
    AuditRead = "audit:read", "Read the audit.";
    SettingsRead = "settings:read", "See what restricts an organization.";
    SettingsWrite = "settings:write", "Change what restricts an organization.";
    AttachDecide = "attach:write", "Approve or decline wholesale service for the organization.";
    OwnProfile = "own_profile:read", "See one's own profile.";
}

impl Permission {
    /// The one with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name() == name)
    }

    /// True for everything but reading.
    pub fn writes(self) -> bool {
        !self.name().ends_with(":read")
    }

    const fn bit(self) -> u128 {
        #[expect(clippy::as_conversions, reason = "the number of a variant, below 128")]
        let number = self as u8;
        1 << number
    }
}

/// A set of permissions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Permissions(u128);

impl Permissions {
    /// None.
    pub const NONE: Self = Self(0);

    /// These.
    pub const fn of(permissions: &[Permission]) -> Self {
        let mut bits = 0;
        let mut rest = permissions;
        while let [first, others @ ..] = rest {
            bits |= first.bit();
            rest = others;
        }
        Self(bits)
    }

    /// Those of either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These and others.
    #[must_use]
    pub const fn and(self, others: &[Permission]) -> Self {
        self.union(Self::of(others))
    }

    /// Those of both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those that are not in the other.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether it is one of them.
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether all of the other are among them.
    pub const fn contains_all(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        let all = Permission::ALL.iter().copied();
        all.filter(move |permission| self.contains(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        let bits = permissions.into_iter().fold(0, |bits, it| bits | it.bit());
        Self(bits)
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(Permission::name))
            .finish()
    }
}
