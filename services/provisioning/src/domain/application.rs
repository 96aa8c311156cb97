//! What a partner asks for when it creates a customer, and whether that can be.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use kit::fault::{
    Violations,
    reason::{INVALID, MISSING},
};

use crate::{
    domain::{
        address::Address,
        catalogue::{Catalogue, Package},
        customer::Entitled,
        text,
    },
    error::reason,
};

/// Longest external id.
const LONGEST_EXTERNAL_ID: usize = 255;
/// Longest name of an organization.
const LONGEST_NAME: usize = 255;
/// Longest name of a location for calling.
const LONGEST_LOCATION_NAME: usize = 80;
/// Longest of texts without a published length.
const LONGEST_TEXT: usize = 100;
/// How long billing may be deferred, counted from the customer's creation.
const MOST_DAYS_DEFERRED: u64 = 90;

/// The request as it came; every text may be anything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Application {
    pub(crate) provisioning_id: String,
    pub(crate) packages: Vec<String>,
    pub(crate) external_id: String,
    pub(crate) organization_id: String,
    pub(crate) address: Option<Address>,
    pub(crate) info: Option<Info>,
    pub(crate) parameters: Parameters,
    pub(crate) billing_start_date: String,
    pub(crate) sub_partner_admin_email: String,
    /// What tells a repeat from another request.
    pub(crate) fingerprint: [u8; 32],
}

/// Who the customer is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Info {
    pub(crate) name: String,
    pub(crate) primary_email: String,
    pub(crate) language: String,
}

/// What provisioning needs besides.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parameters {
    pub(crate) location: Option<LocationForm>,
    pub(crate) meetings_timezone: String,
    pub(crate) limits: Vec<(String, i32)>,
}

/// The first location as it came, or as it was found good.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LocationForm {
    pub(crate) name: String,
    pub(crate) address: Address,
    pub(crate) timezone: String,
    pub(crate) language: String,
    pub(crate) emergency_location_identifier: String,
}

/// How much of a request must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Everything that creation needs.
    Creation,
    /// Address and primary e-mail; the rest is judged if it is there.
    Precheck,
}

/// What the judgement leans on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) today: NaiveDate,
    /// The partner has `enable_wholesale_delayed_billing`.
    pub(crate) delayed_billing: bool,
    pub(crate) strictness: Strictness,
}

/// A request that was found good.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) external_id: String,
    pub(crate) packages: Vec<Entitled>,
    pub(crate) address: Address,
    pub(crate) name: String,
    pub(crate) primary_email: String,
    pub(crate) language: String,
    pub(crate) location: Option<LocationForm>,
    pub(crate) meetings_timezone: String,
    pub(crate) billing_start_date: Option<NaiveDate>,
    pub(crate) sub_partner_admin_email: String,
}

impl Application {
    /// Judges everything at once. The draft is of use only when nothing is wrong.
    pub(crate) fn checked(&self, rules: &Rules<'_>, violations: &mut Violations) -> Draft {
        let creation = rules.strictness == Strictness::Creation;
        // an organization that exists knows who it is
        let attached = !self.organization_id.trim().is_empty();
        let none = Info::default();
        let info = self.info.as_ref().unwrap_or(&none);
        let packages = if creation || !self.packages.is_empty() {
            rules.catalogue.choose(&self.packages, violations)
        } else {
            Vec::new()
        };
        let address = checked_address("address", self.address.as_ref(), violations);
        let name = if (creation && !attached) || !info.name.trim().is_empty() {
            checked_name("customerInfo.name", &info.name, violations)
        } else {
            String::new()
        };
        let external_id = if creation {
            violations.text("externalId", &self.external_id, LONGEST_EXTERNAL_ID)
        } else {
            violations.optional_text("externalId", &self.external_id, LONGEST_EXTERNAL_ID)
        };
        let limits = checked_limits(&self.parameters.limits, rules.catalogue, violations);
        let location = checked_location(self.parameters.location.as_ref(), violations);
        let meetings_timezone = checked_meetings_timezone(&self.parameters, violations);
        if creation {
            require_parameters(&packages, location.as_ref(), &meetings_timezone, violations);
        }
        let billing_start_date =
            text::day("billingStartDate", &self.billing_start_date, violations);
        if let Some(day) = billing_start_date {
            check_billing_start(day, rules.today, rules, violations);
        }
        let primary_email = if attached {
            text::optional_email("customerInfo.primaryEmail", &info.primary_email, violations)
        } else {
            text::email("customerInfo.primaryEmail", &info.primary_email, violations)
        };
        Draft {
            external_id,
            primary_email,
            packages: entitled(&packages, |name| limits.get(name).copied()),
            address,
            name,
            language: violations.optional_text(
                "customerInfo.language",
                &info.language,
                LONGEST_TEXT,
            ),
            location,
            meetings_timezone,
            billing_start_date,
            sub_partner_admin_email: text::optional_email(
                "subPartnerAdminEmail",
                &self.sub_partner_admin_email,
                violations,
            ),
        }
    }
}

/// The packages as other contexts hear of them.
pub(crate) fn entitled(
    packages: &[&Package],
    limit: impl Fn(&str) -> Option<i32>,
) -> Vec<Entitled> {
    packages
        .iter()
        .map(|package| Entitled::of(package, limit(&package.name)))
        .collect()
}

/// A required address.
pub(crate) fn checked_address(
    field: &str,
    address: Option<&Address>,
    violations: &mut Violations,
) -> Address {
    if let Some(address) = address {
        address.checked(field, violations)
    } else {
        violations.add(field, MISSING, format!("{field} is required"));
        Address::default()
    }
}

/// An external id that may be left out.
pub(crate) fn checked_external_id(value: &str, violations: &mut Violations) -> String {
    violations.optional_text("externalId", value, LONGEST_EXTERNAL_ID)
}

/// The name of an organization: without `%`.
pub(crate) fn checked_name(field: &str, value: &str, violations: &mut Violations) -> String {
    let name = violations.text(field, value, LONGEST_NAME);
    violations.check(
        !name.contains('%'),
        field,
        INVALID,
        "the name must not contain %",
    );
    name
}

/// Upper bounds: of packages that exist, none below zero.
pub(crate) fn checked_limits(
    limits: &[(String, i32)],
    catalogue: &Catalogue,
    violations: &mut Violations,
) -> BTreeMap<String, i32> {
    let mut checked = BTreeMap::new();
    for (name, limit) in limits {
        let field = format!("provisioningParameters.packages.limits.{name}");
        violations.check(*limit >= 0, &field, INVALID, "a limit is not below zero");
        match catalogue.find(name) {
            Some(package) => {
                checked.insert(package.name.clone(), *limit);
            }
            None => {
                violations.add(
                    &field,
                    reason::UNKNOWN_PACKAGE,
                    format!("no package {name}"),
                );
            }
        }
    }
    checked
}

/// The first location, when one is given.
pub(crate) fn checked_location(
    location: Option<&LocationForm>,
    violations: &mut Violations,
) -> Option<LocationForm> {
    let location = location?;
    let at = |part: &str| format!("provisioningParameters.calling.location.{part}");
    let timezone = violations.text(&at("timezone"), &location.timezone, LONGEST_TEXT);
    Some(LocationForm {
        name: violations.text(&at("name"), &location.name, LONGEST_LOCATION_NAME),
        address: location.address.checked(&at("address"), violations),
        timezone: text::timezone(&at("timezone"), &timezone, violations),
        language: violations.text(&at("language"), &location.language, LONGEST_TEXT),
        emergency_location_identifier: violations.optional_text(
            &at("emergencyLocationIdentifier"),
            &location.emergency_location_identifier,
            LONGEST_TEXT,
        ),
    })
}

/// The time zone of the meeting site; when none is named, the location's will do.
pub(crate) fn checked_meetings_timezone(
    parameters: &Parameters,
    violations: &mut Violations,
) -> String {
    const FIELD: &str = "provisioningParameters.meetings.timezone";
    let named = text::timezone(FIELD, &parameters.meetings_timezone, violations);
    match &parameters.location {
        Some(location) if named.is_empty() => location.timezone.trim().to_owned(),
        _ => named,
    }
}

/// What the packages wanted cannot do without.
pub(crate) fn require_parameters(
    packages: &[&Package],
    location: Option<&LocationForm>,
    meetings_timezone: &str,
    violations: &mut Violations,
) {
    if packages.iter().any(|package| package.calling) {
        violations.check(
            location.is_some(),
            "provisioningParameters.calling.location",
            MISSING,
            "a calling package needs a location",
        );
    }
    if packages.iter().any(|package| package.meetings) {
        violations.check(
            !meetings_timezone.is_empty() || location.is_some(),
            "provisioningParameters.meetings.timezone",
            MISSING,
            "a meetings package needs a time zone",
        );
    }
}

/// Deferred billing: for partners that have it, from today to 90 days after creation.
pub(crate) fn check_billing_start(
    day: NaiveDate,
    created: NaiveDate,
    rules: &Rules<'_>,
    violations: &mut Violations,
) {
    const FIELD: &str = "billingStartDate";
    violations.check(
        rules.delayed_billing,
        FIELD,
        reason::DELAYED_BILLING_DISABLED,
        "deferred billing is not enabled for this partner",
    );
    let last = created
        .checked_add_days(Days::new(MOST_DAYS_DEFERRED))
        .unwrap_or(created);
    violations.check(
        day >= rules.today && day <= last,
        FIELD,
        reason::BILLING_START_OUT_OF_RANGE,
        "billing begins between today and 90 days after the customer's creation",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::tests::catalogue;

    fn good() -> Application {
        let address = Address {
            line1: "1 Main Street".to_owned(),
            city: "Springfield".to_owned(),
            country: "us".to_owned(),
            ..Address::default()
        };
        Application {
            provisioning_id: "x".to_owned(),
            packages: vec!["talk".to_owned(), "meet".to_owned()],
            external_id: "42".to_owned(),
            address: Some(address.clone()),
            info: Some(Info {
                name: "Acme".to_owned(),
                primary_email: "Admin@Acme.example".to_owned(),
                language: String::new(),
            }),
            parameters: Parameters {
                location: Some(LocationForm {
                    name: "Headquarters".to_owned(),
                    address,
                    timezone: "America/Chicago".to_owned(),
                    language: "en_us".to_owned(),
                    emergency_location_identifier: String::new(),
                }),
                ..Parameters::default()
            },
            ..Application::default()
        }
    }

    fn judge(
        application: &Application,
        strictness: Strictness,
        delayed_billing: bool,
    ) -> (Draft, Vec<(String, String)>) {
        let catalogue = catalogue();
        let today = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        let rules = Rules {
            catalogue: &catalogue,
            today,
            delayed_billing,
            strictness,
        };
        let mut violations = Violations::default();
        let draft = application.checked(&rules, &mut violations);
        (
            draft,
            violations
                .into_vec()
                .into_iter()
                .map(|v| (v.field, v.reason))
                .collect(),
        )
    }

    fn wrong(change: impl FnOnce(&mut Application)) -> Vec<(String, String)> {
        let mut application = good();
        change(&mut application);
        judge(&application, Strictness::Creation, true).1
    }

    fn one(field: &str, reason: &str) -> Vec<(String, String)> {
        vec![(field.to_owned(), reason.to_owned())]
    }

    #[test]
    fn a_good_application_is_put_in_order() {
        let (draft, wrong) = judge(&good(), Strictness::Creation, false);
        assert_eq!(wrong, []);
        assert_eq!(draft.primary_email, "admin@acme.example");
        assert_eq!(draft.address.country, "US");
        assert_eq!(draft.meetings_timezone, "America/Chicago");
        assert!(
            draft.packages[0].calling && draft.packages[0].assignable && draft.packages[0].base
        );
    }

    #[test]
    fn r301_each_field_is_judged() {
        assert_eq!(
            wrong(|a| a.external_id = " ".to_owned()),
            one("externalId", "MISSING")
        );
        assert_eq!(
            wrong(|a| a.external_id = "x".repeat(256)),
            one("externalId", "TOO_LONG")
        );
        assert_eq!(
            wrong(|a| a.info.as_mut().unwrap().name = "100 %".to_owned()),
            one("customerInfo.name", "INVALID")
        );
        assert_eq!(
            wrong(|a| a.address.as_mut().unwrap().line1 = "x".repeat(51)),
            one("address.addressLine1", "TOO_LONG")
        );
        assert_eq!(
            wrong(|a| a.address.as_mut().unwrap().country = "ZZ".to_owned()),
            one("address.country", "UNKNOWN_COUNTRY")
        );
        assert_eq!(
            wrong(|a| a.info.as_mut().unwrap().primary_email = "acme".to_owned()),
            one("customerInfo.primaryEmail", "INVALID_EMAIL")
        );
        assert_eq!(wrong(|a| a.address = None), one("address", "MISSING"));
        assert_eq!(
            wrong(|a| a.parameters.limits = vec![("talk".to_owned(), -1)]),
            one("provisioningParameters.packages.limits.talk", "INVALID")
        );
        assert_eq!(
            wrong(|a| a.parameters.limits = vec![("nope".to_owned(), 1)]),
            one(
                "provisioningParameters.packages.limits.nope",
                "UNKNOWN_PACKAGE"
            )
        );
    }

    #[test]
    fn a_calling_package_needs_a_location_and_meetings_a_time_zone() {
        let found = wrong(|a| a.parameters.location = None);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].0, "provisioningParameters.calling.location");
        assert_eq!(found[1].0, "provisioningParameters.meetings.timezone");
        let meetings_only = wrong(|a| {
            a.packages = vec!["meet".to_owned()];
            a.parameters = Parameters {
                meetings_timezone: "Europe/Rome".to_owned(),
                ..Parameters::default()
            };
        });
        assert_eq!(meetings_only, []);
    }

    #[test]
    fn r307_deferred_billing_has_bounds_and_a_switch() {
        let at = |day: &str| {
            let mut application = good();
            application.billing_start_date = day.to_owned();
            application
        };
        assert_eq!(judge(&at("2026-05-30"), Strictness::Creation, true).1, []);
        let late = one("billingStartDate", reason::BILLING_START_OUT_OF_RANGE);
        assert_eq!(judge(&at("2026-05-31"), Strictness::Creation, true).1, late);
        assert_eq!(judge(&at("2026-02-28"), Strictness::Creation, true).1, late);
        assert_eq!(
            judge(&at("2026-03-02"), Strictness::Creation, false).1,
            one("billingStartDate", reason::DELAYED_BILLING_DISABLED)
        );
    }

    #[test]
    fn r408_a_precheck_needs_only_address_and_primary_email() {
        let least = Application {
            address: good().address,
            info: Some(Info {
                primary_email: "a@b.example".to_owned(),
                ..Info::default()
            }),
            ..Application::default()
        };
        assert_eq!(judge(&least, Strictness::Precheck, false).1, []);
        let (_, found) = judge(&Application::default(), Strictness::Precheck, false);
        let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["address", "customerInfo.primaryEmail"]);
    }
}
