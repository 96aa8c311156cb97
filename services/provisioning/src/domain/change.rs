//! What a partner asks for when it changes a customer, and whether that can be.

use chrono::NaiveDate;
use kit::fault::Violations;

use crate::{
    domain::{
        address::Address,
        application::{LocationForm, Parameters},
        customer::{Customer, CustomerId, Entitled},
        rules::{
            Rules, check_billing_start, checked_external_id, checked_limits, checked_location,
            checked_meetings_timezone, entitled, require_parameters,
        },
        text,
    },
    error::reason,
};

/// The request as it came; every text may be anything.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) customer_id: CustomerId,
    pub(crate) external_id: String,
    pub(crate) packages: Vec<String>,
    pub(crate) address: Option<Address>,
    pub(crate) parameters: Option<Parameters>,
    pub(crate) billing_start_date: String,
    pub(crate) sub_partner_admin_email: String,
}

/// What the customer shall be afterwards; `None` keeps what is.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) external_id: Option<String>,
    /// The complete list.
    pub(crate) packages: Vec<Entitled>,
    /// A new address: it is screened.
    pub(crate) address: Option<Address>,
    /// The first location, of a customer that has none.
    pub(crate) location: Option<LocationForm>,
    pub(crate) meetings_timezone: Option<String>,
    pub(crate) billing_start_date: Option<NaiveDate>,
    pub(crate) sub_partner_admin_email: Option<String>,
}

impl Change {
    /// Judges everything at once. The target is of use only when nothing is wrong.
    pub(crate) fn checked(
        &self,
        current: &Customer,
        rules: &Rules<'_>,
        violations: &mut Violations,
    ) -> Target {
        let packages = rules.catalogue.choose(&self.packages, violations);
        let address = self
            .address
            .as_ref()
            .map(|address| address.checked("address", violations));
        let none = Parameters::default();
        let parameters = self.parameters.as_ref().unwrap_or(&none);
        let limits = checked_limits(&parameters.limits, rules.catalogue, violations);
        let location = checked_location(parameters.location.as_ref(), violations);
        let meetings_timezone = checked_meetings_timezone(parameters, violations);
        if current.location.is_none() {
            let known = format!("{}{meetings_timezone}", current.meetings_timezone);
            require_parameters(&packages, location.as_ref(), &known, violations);
        }
        let external_id = checked_external_id(&self.external_id, violations);
        let email = text::optional_email(
            "subPartnerAdminEmail",
            &self.sub_partner_admin_email,
            violations,
        );
        let held = |name: &str| {
            current
                .packages
                .iter()
                .find(|package| package.name == name)
                .and_then(|held| held.limit)
        };
        Target {
            external_id: given(external_id).filter(|new| *new != current.external_id),
            packages: entitled(&packages, |name| {
                if self.parameters.is_some() {
                    limits.get(name).copied()
                } else {
                    held(name)
                }
            }),
            address: address.filter(|new| *new != current.address),
            location: location.filter(|_| current.location.is_none()),
            meetings_timezone: given(meetings_timezone),
            billing_start_date: self.billing_start(current, rules, violations),
            sub_partner_admin_email: given(email),
        }
    }

    /// A new start of billing, possible while billing has not begun. Naming the day that
    /// already stands changes nothing.
    fn billing_start(
        &self,
        current: &Customer,
        rules: &Rules<'_>,
        violations: &mut Violations,
    ) -> Option<NaiveDate> {
        const FIELD: &str = "billingStartDate";
        let day = text::day(FIELD, &self.billing_start_date, violations)?;
        if current.billing_start_date == Some(day) {
            return None;
        }
        let begun = current
            .billing_start_date
            .is_none_or(|start| start <= rules.today);
        if violations.check(!begun, FIELD, reason::BILLING_STARTED, "billing has begun") {
            check_billing_start(day, current.created_at.date_naive(), rules, violations);
        }
        Some(day)
    }
}

fn given(value: String) -> Option<String> {
    (!value.is_empty()).then_some(value)
}
