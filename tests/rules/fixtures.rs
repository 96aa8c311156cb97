//! What each route is called with. A new route belongs in here.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::world::World;
use crate::stage::subscriber;

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// A service provider's back office.
    Partner,
    /// Who runs the platform.
    Operator,
    /// Who decides screening cases.
    Reviewer,
}

/// Whose the id in the path is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Whose {
    /// There is none.
    Nobodys,
    /// A resource of this kind, of one partner.
    Partners(&'static str),
    /// A resource of this kind that the caller may have whoever's it is, and why.
    Everybodys(&'static str, &'static str),
}

/// How a route is called.
pub(super) struct Fixture {
    pub(super) operation: &'static str,
    /// Needs no token when absent.
    pub(super) who: Option<Who>,
    pub(super) whose: Whose,
    /// Of which kind a second id in the path is.
    pub(super) second: Option<&'static str>,
    /// Scopes that it needs besides its own.
    pub(super) also: &'static [&'static str],
    /// Scopes that open it instead of its own.
    pub(super) or: &'static [&'static str],
    /// Query parameters that it cannot do without.
    pub(super) query: Option<fn(&World) -> String>,
    /// A body that is good, where the route takes one.
    pub(super) body: Option<fn(&World) -> Value>,
}

const fn open(operation: &'static str) -> Fixture {
    Fixture {
        operation,
        who: None,
        whose: Whose::Nobodys,
        second: None,
        also: &[],
        or: &[],
        query: None,
        body: None,
    }
}

const fn by(who: Who, operation: &'static str, whose: Whose) -> Fixture {
    Fixture {
        who: Some(who),
        whose,
        ..open(operation)
    }
}

const fn on(operation: &'static str, kind: &'static str) -> Fixture {
    by(Who::Partner, operation, Whose::Partners(kind))
}

const fn plain(operation: &'static str) -> Fixture {
    by(Who::Partner, operation, Whose::Nobodys)
}

impl Fixture {
    const fn with(self, body: fn(&World) -> Value) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }

    const fn second(self, kind: &'static str) -> Self {
        Self {
            second: Some(kind),
            ..self
        }
    }

    const fn asked(self, query: fn(&World) -> String) -> Self {
        Self {
            query: Some(query),
            ..self
        }
    }

    const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    const fn or(self, or: &'static [&'static str]) -> Self {
        Self { or, ..self }
    }
}

/// Scopes of directories that open groups, too.
const GROUPS_READ: &[&str] = &[
    "identity:groups_rw",
    "identity:people_read",
    "identity:people_rw",
];
const SCIM_GROUPS_READ: &[&str] = &[
    "identity:people_rw",
    "identity:groups_read",
    "identity:groups_rw",
];

const REVIEW: &str = "a reviewer decides for all partners";

/// Every route.
pub(super) const FIXTURES: &[Fixture] = &[
    // customers
    plain("listCustomers"),
    plain("createCustomer").with(customer),
    on("getCustomer", "customer"),
    on("updateCustomer", "customer")
        .with(|world| json!({ "externalId": world.name(), "packages": ["webex_calling"] })),
    on("deleteCustomer", "customer"),
    plain("validateCustomer").with(customer),
    // subscribers
    plain("listSubscribers"),
    plain("createSubscriber").with(|world| {
        let email = format!("{}@new.example", world.name());
        subscriber(world.own("customer"), &email, "webex_calling", 500)
    }),
    on("getSubscriber", "subscriber"),
    on("updateSubscriber", "subscriber").with(|_| json!({ "package": "webex_calling" })),
    on("deleteSubscriber", "subscriber"),
    plain("validateSubscriber").with(|world| json!({ "email": format!("{}@new.example", world.name()) })),
    on("sendConsentMail", "subscriber"),
    // sub-partners
    // one list, under a published name and under one of ours
    plain("listWholesaleSubPartners").or(&["platform:sub_partners_read"]),
    plain("listSubPartners").or(&["spark-admin:wholesale_sub_partners_read"]),
    plain("createSubPartner").with(|world| {
        let name = world.name();
        json!({
            "name": name,
            "adminEmail": format!("admin@{name}.example"),
            "adminFirstName": "Ada",
            "adminLastName": "Byron",
            "subscriptionId": world.subscription_id,
        })
    }),
    on("getSubPartner", "sub-partner"),
    on("suspendSubPartner", "sub-partner"),
    on("resumeSubPartner", "sub-partner"),
    // reports
    plain("listReports"),
    plain("createReport").with(|_| {
        json!({ "billingStartDate": "2026-02-01", "billingEndDate": "2026-02-02", "type": "USER" })
    }),
    on("getReport", "report"),
    on("deleteReport", "report"),
    open("downloadReport"),
    // templates
    plain("listTemplates"),
    plain("createTemplate").with(template),
    on("getTemplate", "template"),
    on("updateTemplate", "template").with(template),
    on("deleteTemplate", "template"),
    // screening
    by(Who::Reviewer, "listCases", Whose::Nobodys),
    by(Who::Reviewer, "getCase", Whose::Everybodys("case", REVIEW)),
    by(Who::Reviewer, "decideCase", Whose::Everybodys("case", REVIEW))
        .with(|_| json!({ "decision": "approve", "reason": "not the listed party" })),
    by(Who::Reviewer, "checkParty", Whose::Nobodys).with(|_| json!({ "name": "Prairie Bakery" })),
    by(Who::Reviewer, "listLists", Whose::Nobodys),
    by(Who::Operator, "importList", Whose::Nobodys).with(|_| {
        let file = "id,type,name,aliases,country\nX-1,company,Nobody At All Ltd,,\n";
        json!({ "list": "OWN", "format": "operator_csv", "files": [STANDARD.encode(file)] })
    }),
    // audit: its scopes open it under both names
    plain("listAdminAuditEvents")
        .asked(|world| format!("orgId={}&from=2026-01-01&to=2036-01-01", world.org))
        .or(&["platform:audit_read"]),
    plain("listAuditCategories").or(&["platform:audit_read"]),
    plain("listSecurityAuditEvents")
        .asked(|world| format!("orgId={}&startTime=2026-01-01&endTime=2036-01-01", world.org))
        .or(&["platform:audit_read"]),
    plain("listAuditEvents").or(&["audit:events_read"]),
    plain("exportAuditEvents").or(&["audit:events_read"]),
    plain("verifyAuditEvents").or(&["audit:events_read"]),
    // subscriptions
    plain("listSubscriptions"),
    by(Who::Operator, "createSubscription", Whose::Nobodys).with(|world| {
        json!({ "orgId": world.org, "subscriptionId": "Sub777001", "currency": "USD" })
    }),
    // partners, clients, tokens
    by(Who::Operator, "createPartner", Whose::Nobodys)
        .with(|world| json!({ "name": world.name(), "country": "US", "locale": "en_US" }))
        .also(&["platform:clients_write"]),
    plain("createClient").with(|world| json!({ "orgId": world.org, "displayName": "Back office" })),
    open("issueToken"),
    open("describeAuthorizationServer"),
    open("describeOpenidProvider"),
    open("listSigningKeys"),
    by(Who::Operator, "retireSigningKey", Whose::Everybodys("signing key", "keys belong to no tenant")),
    // people sign in
    on("generateOneTimePassword", "organization").second("person"),
    open("showSignIn"),
    open("signIn"),
    open("showAccount"),
    open("signOut"),
    open("pageStyle"),
    // organizations, people, roles
    plain("listOrganizations"),
    // one organization, in two forms
    on("getOrganization", "organization")
        .or(&["identity:organizations_read", "identity:organizations_rw"]),
    on("getIdentityOrganization", "organization")
        .or(&["spark-admin:organizations_read", "identity:organizations_rw"]),
    on("changeIdentityOrganization", "organization")
        .with(|world| json!({ "displayName": world.name() })),
    // what restricts an organization
    on("getSettings", "organization")
        .or(&["identity:organizations_read", "identity:organizations_rw"]),
    on("changeSettings", "organization")
        .with(|_| json!({ "allowThirdPartyDevices": true }))
        .or(&["identity:organizations_rw"]),
    on("getEffectivePermissions", "organization"),
    on("getPublishedSetting", "organization")
        .second("setting")
        .or(&["platform:settings_read", "identity:organizations_rw"]),
    on("setPublishedSetting", "organization")
        .with(|_| json!({ "key": "allow_third_party_devices", "value": true }))
        .or(&["platform:settings_write"]),
    plain("listPeople"),
    plain("createPerson").with(person),
    on("getPerson", "person"),
    on("updatePerson", "person").with(|_| json!({ "displayName": "Ann Example" })),
    plain("listRoles"),
    by(Who::Partner, "getRole", Whose::Everybodys("role", "roles are the same for all")),
    // identity providers
    plain("listIdentityProviders"),
    plain("createIdentityProvider").with(provider),
    on("getIdentityProvider", "provider"),
    on("updateIdentityProvider", "provider").with(provider),
    on("testIdentityProvider", "provider"),
    on("activateIdentityProvider", "provider"),
    on("disableIdentityProvider", "provider"),
    on("deleteIdentityProvider", "provider"),
    // directories
    plain("listGroups").or(GROUPS_READ),
    plain("createGroup").with(group).or(&["identity:people_rw"]),
    on("getGroup", "group").or(GROUPS_READ),
    on("changeGroup", "group").with(renamed).or(&["identity:people_rw"]),
    on("deleteGroup", "group").or(&["identity:people_rw"]),
    on("listGroupMembers", "group").or(GROUPS_READ),
    on("listScimUsers", "organization").or(&["identity:people_rw"]),
    on("createScimUser", "organization").with(scim_user),
    on("getScimUser", "organization").second("person").or(&["identity:people_rw"]),
    on("replaceScimUser", "organization").second("person").with(scim_user),
    on("changeScimUser", "organization").second("person").with(renamed),
    on("deleteScimUser", "organization").second("person"),
    on("searchScimUsers", "organization").with(|_| json!({})).or(&["identity:people_rw"]),
    on("listScimGroups", "organization").or(SCIM_GROUPS_READ),
    on("createScimGroup", "organization").with(group).or(&["identity:groups_rw"]),
    on("getScimGroup", "organization").second("group").or(SCIM_GROUPS_READ),
    on("replaceScimGroup", "organization").second("group").with(group).or(&["identity:groups_rw"]),
    on("changeScimGroup", "organization").second("group").with(renamed).or(&["identity:groups_rw"]),
    on("deleteScimGroup", "organization").second("group").or(&["identity:groups_rw"]),
    on("listScimGroupMembers", "organization").second("group").or(SCIM_GROUPS_READ),
    on("searchScimGroups", "organization").with(|_| json!({})).or(SCIM_GROUPS_READ),
    on("searchScim", "organization").with(|_| json!({})).or(&["identity:people_rw"]),
    on("runScimBulk", "organization").with(bulk),
    on("describeScim", "organization").or(SCIM_GROUPS_READ),
    on("listScimResourceTypes", "organization").or(SCIM_GROUPS_READ),
    on("getScimResourceType", "organization").second("resource type").or(SCIM_GROUPS_READ),
    on("listScimSchemas", "organization").or(SCIM_GROUPS_READ),
    on("getScimSchema", "organization").second("schema").or(SCIM_GROUPS_READ),
    Fixture {
        whose: Whose::Everybodys("provider", "our metadata is what providers read"),
        ..open("describeServiceProvider")
    },
    Fixture {
        whose: Whose::Everybodys("provider", "a browser comes with a link that is sealed"),
        ..open("testSingleSignOn")
    },
    Fixture {
        whose: Whose::Everybodys("provider", "a browser comes back before anybody is known"),
        ..open("receiveAssertion")
    },
    // the rest
    // the scope of the resource is enough
    on("getOperation", "operation").or(&["spark-admin:wholesale_customers_read"]),
    plain("listPackages"),
    open("describe"),
];

fn customer(world: &World) -> Value {
    let name = world.name();
    crate::stage::customer(&world.provisioning_id, &name, &["webex_calling"])
}

fn person(world: &World) -> Value {
    let name = world.name();
    json!({ "emails": [format!("{name}@staff.example")], "firstName": "Ann", "lastName": name })
}

fn provider(world: &World) -> Value {
    crate::stage::provider(&world.name())
}

fn group(world: &World) -> Value {
    json!({ "displayName": world.name() })
}

fn renamed(world: &World) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "displayName", "value": world.name() }],
    })
}

fn scim_user(world: &World) -> Value {
    json!({ "userName": format!("{}@staff.example", world.name()) })
}

fn bulk(world: &World) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{ "method": "POST", "path": "/Users", "bulkId": "a", "data": scim_user(world) }],
    })
}

fn template(world: &World) -> Value {
    json!({
        "name": world.name(),
        "country": "US",
        "language": "en_US",
        "subscriptionId": world.subscription_id,
        "serviceProviderAdmin": "admin@telecom.example",
    })
}

/// Where else an id of another partner may be tried: the route, the field, the kind of the id.
pub(super) const BODIES: &[(&str, &str, &str)] = &[
    ("createCustomer", "provisioningId", "provisioning id"),
    ("validateCustomer", "provisioningId", "provisioning id"),
    ("createSubscriber", "customerId", "customer"),
    ("validateSubscriber", "customerId", "customer"),
    ("createReport", "subPartnerOrgId", "sub-partner"),
    ("createClient", "orgId", "partner"),
    ("createTemplate", "subscriptionId", "subscription"),
    ("createSubPartner", "subscriptionId", "subscription"),
    ("createPerson", "orgId", "organization"),
    ("createGroup", "orgId", "organization"),
];

/// Filters by an id of another partner: the route, the parameter, the kind of the id.
pub(super) const FILTERS: &[(&str, &str, &str)] = &[
    ("listCustomers", "orgId", "organization"),
    ("listCustomers", "externalId", "external id"),
    ("listSubscribers", "customerId", "customer"),
    ("listSubscribers", "personId", "person"),
    ("listSubscribers", "externalCustomerId", "external id"),
    ("listSubscribers", "email", "email"),
    ("listReports", "subPartnerOrgId", "sub-partner"),
    ("listPeople", "orgId", "organization"),
    ("listPeople", "email", "email"),
    ("listGroups", "orgId", "organization"),
    ("listAuditEvents", "orgId", "organization"),
];
