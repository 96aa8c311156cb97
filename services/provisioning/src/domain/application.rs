//! What a partner asks for when it creates a customer, and whether that can be.

use chrono::NaiveDate;
use kit::fault::Violations;

use crate::domain::{
    address::Address,
    customer::Entitled,
    rules::{
        LONGEST_EXTERNAL_ID, LONGEST_TEXT, Rules, Strictness, check_billing_start, checked_address,
        checked_limits, checked_location, checked_meetings_timezone, checked_name, entitled,
        require_parameters,
    },
    text,
};

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
    /// The primary e-mail address as it is compared: not judged yet, perhaps empty.
    pub(crate) fn primary_email(&self) -> String {
        let given = self.info.as_ref().map(|info| info.primary_email.as_str());
        given.unwrap_or_default().trim().to_ascii_lowercase()
    }

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{domain::catalogue::tests::catalogue, error::reason};

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

    proptest! {
        #[test]
        fn r408_a_precheck_finds_what_creation_finds(
            name in ".{1,300}",
            email in "[ -~]{1,20}",
            external_id in ".{1,300}",
            country in "[a-zA-Z]{0,3}",
            package in proptest::sample::subsequence(vec!["talk", "meet", "desk", "telex"], 1..=4),
            timezone in "[ -~]{0,20}",
            limit: i32,
            day in "[0-9-]{0,10}",
        ) {
            let mut application = good();
            let info = application.info.as_mut().unwrap();
            info.name = format!("n{name}");
            info.primary_email = format!("m{email}");
            application.external_id = format!("e{external_id}");
            application.address.as_mut().unwrap().country = country;
            application.packages = package.into_iter().map(str::to_owned).collect();
            application.parameters.meetings_timezone = timezone;
            application.parameters.limits = vec![("talk".to_owned(), limit)];
            application.billing_start_date = day;
            let (_, creation) = judge(&application, Strictness::Creation, false);
            let (_, precheck) = judge(&application, Strictness::Precheck, false);
            prop_assert_eq!(creation, precheck);
        }
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
