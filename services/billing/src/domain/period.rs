//! The period of a report (R-1405).

use chrono::{Months, NaiveDate};
use kit::fault::Violations;

use super::usage::Window;

/// For how long usage can be reported.
const YEARS: u32 = 5;

/// Inclusive first and last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    /// First day.
    pub(crate) first: NaiveDate,
    /// Last day, in the period.
    pub(crate) last: NaiveDate,
}

/// Names of the fields as the public API has them.
pub(crate) const START: &str = "billingStartDate";
pub(crate) const END: &str = "billingEndDate";

impl Period {
    /// Checks what was asked for; adds every problem found.
    pub(crate) fn asked(
        first: &str,
        last: &str,
        today: NaiveDate,
        problems: &mut Violations,
    ) -> Option<Self> {
        let first = required(first, START, problems);
        let last = required(last, END, problems);
        if let Some(last) = last {
            let ok = last < today;
            problems.check(ok, END, "NOT_BEFORE_TODAY", "must lie before today (UTC)");
        }
        if let Some(first) = first {
            let oldest = today.checked_sub_months(Months::new(12 * YEARS));
            let ok = oldest.is_some_and(|oldest| first >= oldest);
            problems.check(ok, START, "TOO_OLD", "must lie in the last five years");
        }
        let period = Self {
            first: first?,
            last: last?,
        };
        let ok = period.first <= period.last;
        problems.check(ok, START, "AFTER_END", "must not lie after billingEndDate");
        ok.then_some(period)
    }

    /// The same in seconds.
    pub(crate) fn window(self) -> Option<Window> {
        Window::of_days(self.first, self.last)
    }
}

fn required(text: &str, field: &'static str, problems: &mut Violations) -> Option<NaiveDate> {
    if text.is_empty() {
        problems.add(field, "MISSING", "must be set");
        return None;
    }
    optional(text, field, problems)
}

/// A date that may be left out, as in filters.
pub(crate) fn optional(
    text: &str,
    field: &'static str,
    problems: &mut Violations,
) -> Option<NaiveDate> {
    if text.is_empty() {
        return None;
    }
    let date = parse(text);
    problems.check(
        date.is_some(),
        field,
        "INVALID",
        "must be a date written YYYY-MM-DD",
    );
    date
}

/// Exactly `YYYY-MM-DD`; chrono alone would also take `2026-1-1` and `+2026-01-01`.
pub(crate) fn parse(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (text.len() == 10 && date.format("%Y-%m-%d").to_string() == text).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(first: &str, last: &str) -> Vec<(String, String)> {
        let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        let mut problems = Violations::default();
        let period = Period::asked(first, last, today, &mut problems);
        let found: Vec<_> = problems
            .into_vec()
            .into_iter()
            .map(|v| (v.field, v.reason))
            .collect();
        assert!(period.is_some() || !found.is_empty());
        found
    }

    fn one(field: &str, reason: &str) -> Vec<(String, String)> {
        vec![(field.to_owned(), reason.to_owned())]
    }

    #[test]
    fn r1405_the_last_five_years_before_today() {
        assert_eq!(reasons("2026-11-01", "2026-11-20"), []);
        assert_eq!(reasons("2026-11-20", "2026-11-20"), []);
        assert_eq!(reasons("2021-11-21", "2021-11-30"), []);
        assert_eq!(reasons("2021-11-20", "2021-11-30"), one(START, "TOO_OLD"));
        assert_eq!(
            reasons("2026-11-01", "2026-11-21"),
            one(END, "NOT_BEFORE_TODAY")
        );
        assert_eq!(reasons("2026-11-10", "2026-11-09"), one(START, "AFTER_END"));
        assert_eq!(reasons("", "2026-11-09"), one(START, "MISSING"));
        assert_eq!(reasons("2026-11-01", "2026-11-9"), one(END, "INVALID"));
        assert_eq!(reasons("2026-02-30", "2026-11-09"), one(START, "INVALID"));
    }

    #[test]
    fn r1405_all_problems_are_told_at_once() {
        let today = reasons("2020-01-01", "2026-11-21");
        assert_eq!(today.len(), 2);
    }
}
