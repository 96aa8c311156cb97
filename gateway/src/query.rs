//! Query parameters, read as leniently as existing clients need (types differ between published
//! operations), and no more.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use kit::fault::reason;
use uuid::Uuid;

use crate::{
    failure::Failure,
    id::{self, Kind},
};

/// The decoded parameters in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Decodes the query of a URL.
    pub(crate) fn parse(query: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// All parameters.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A parameter that has one value; an empty one counts as absent.
    pub(crate) fn one(&self, name: &str) -> Result<Option<&str>, Failure> {
        Ok(self.given(name)?.filter(|value| !value.is_empty()))
    }

    /// A parameter that has one value, which may be empty. Control characters are part of none.
    fn given(&self, name: &str) -> Result<Option<&str>, Failure> {
        let mut values = self.values(name);
        let Some(first) = values.next() else {
            return Ok(None);
        };
        if values.any(|value| value != first) {
            return Err(invalid(name, "is given more than once"));
        }
        if first.chars().any(char::is_control) {
            return Err(invalid(name, "has a control character"));
        }
        Ok(Some(first.trim()))
    }

    fn values<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.pairs()
            .filter(move |(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// A text filter.
    pub(crate) fn text(&self, name: &str) -> Result<String, Failure> {
        Ok(self.one(name)?.unwrap_or_default().to_owned())
    }

    /// A list, repeated or separated by commas.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        let parts = self
            .values(name)
            .flat_map(|value| value.split(','))
            .map(str::trim);
        parts.filter(|value| !value.is_empty()).collect()
    }

    /// A value of an enumeration.
    pub(crate) fn choice<T: Copy>(
        &self,
        name: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, Failure> {
        self.given(name)?
            .map(|value| choose(name, value, choices))
            .transpose()
    }

    /// Values of an enumeration.
    pub(crate) fn choices<T: Copy>(
        &self,
        name: &str,
        choices: &[(&str, T)],
    ) -> Result<Vec<T>, Failure> {
        self.list(name)
            .into_iter()
            .map(|value| choose(name, value, choices))
            .collect()
    }

    /// An id as a filter: what is no id matches nothing, which is told as the wrong value it is.
    pub(crate) fn id(&self, name: &str, kind: Kind) -> Result<String, Failure> {
        let Some(value) = self.one(name)? else {
            return Ok(String::new());
        };
        let id = id::decode(kind, value).ok_or_else(|| invalid(name, "is not an id"))?;
        Ok(id.to_string())
    }

    /// A whole number from 0, at most `top`.
    pub(crate) fn number(&self, name: &str, top: i32) -> Result<Option<i32>, Failure> {
        let Some(value) = self.one(name)? else {
            return Ok(None);
        };
        // some clients print numbers as `50.0`
        let value = value.strip_suffix(".0").unwrap_or(value);
        if !value.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(invalid(name, "is not a whole number from 0"));
        }
        // only digits: what does not fit is above the top
        Ok(Some(value.parse::<i32>().unwrap_or(i32::MAX).min(top)))
    }

    /// Yes or no.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Failure> {
        match self.given(name)?.map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(_) => Err(invalid(name, "is neither true nor false")),
        }
    }

    /// A day, from `YYYY-MM-DD` or a full time; empty without one.
    pub(crate) fn day(&self, name: &str) -> Result<String, Failure> {
        match self.one(name)? {
            None => Ok(String::new()),
            Some(value) => day(value).ok_or_else(|| invalid(name, "is not a date")),
        }
    }

    /// An instant, from epoch milliseconds or ISO 8601.
    pub(crate) fn instant(&self, name: &str) -> Result<Option<DateTime<Utc>>, Failure> {
        let Some(value) = self.one(name)? else {
            return Ok(None);
        };
        instant(value)
            .map(Some)
            .ok_or_else(|| invalid(name, "is not a point in time"))
    }

    /// An id in a parameter that chooses whom to act for; what is no id is nobody's.
    pub(crate) fn organization(&self, name: &str) -> Result<Option<Uuid>, Failure> {
        let mut values = self.values(name);
        let Some(first) = values.next() else {
            return Ok(None);
        };
        if values.any(|value| value != first) {
            return Err(invalid(name, "is given more than once"));
        }
        // an empty value is not silently the caller itself
        id::decode(Kind::Organization, first)
            .map(Some)
            .ok_or_else(Failure::missing)
    }
}

fn choose<T: Copy>(name: &str, value: &str, choices: &[(&str, T)]) -> Result<T, Failure> {
    let found = choices.iter().find(|(known, _)| *known == value);
    found.map(|(_, choice)| *choice).ok_or_else(|| {
        let known: Vec<&str> = choices.iter().map(|(known, _)| *known).collect();
        invalid(name, &format!("is none of {}", known.join(", ")))
    })
}

fn invalid(name: &str, what: &str) -> Failure {
    Failure::field(name, reason::INVALID, format!("{name} {what}"))
}

/// The day of a date or a time, as `YYYY-MM-DD`.
pub(crate) fn day(text: &str) -> Option<String> {
    let (date, rest) = text.split_at_checked(10)?;
    let day = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
    let whole = rest.is_empty() || instant(text).is_some();
    whole.then(|| day.to_string())
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(millis) = text.parse::<i64>() {
        return DateTime::from_timestamp_millis(millis);
    }
    // an unescaped `+` arrives as a space
    let text = text.replace(' ', "+");
    if let Ok(at) = DateTime::parse_from_rfc3339(&text) {
        return Some(at.to_utc());
    }
    let local = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.fZ",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%dT%H:%MZ",
    ];
    local
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
        .or_else(|| {
            NaiveDate::parse_from_str(&text, "%Y-%m-%d")
                .ok()?
                .and_hms_opt(0, 0, 0)
        })
        .map(|at| at.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query::parse(Some(text))
    }

    #[test]
    fn numbers_are_lenient_within_reason() {
        assert_eq!(query("max=50").number("max", 100).unwrap(), Some(50));
        assert_eq!(query("max=500").number("max", 100).unwrap(), Some(100));
        assert_eq!(
            query("max=99999999999999999999")
                .number("max", 100)
                .unwrap(),
            Some(100)
        );
        assert_eq!(query("max=").number("max", 100).unwrap(), None);
        assert_eq!(query("").number("max", 100).unwrap(), None);
        for bad in ["-1", "x", "1e3", "1.5", "+5", "٣"] {
            let text = format!(
                "max={}",
                form_urlencoded::byte_serialize(bad.as_bytes()).collect::<String>()
            );
            assert_eq!(
                query(&text).number("max", 100).unwrap_err().status(),
                400,
                "{bad}"
            );
        }
    }

    #[test]
    fn a_list_is_repeated_or_separated_by_commas() {
        assert_eq!(query("status=a&status=b").list("status"), ["a", "b"]);
        assert_eq!(query("status=a,b").list("status"), ["a", "b"]);
        assert_eq!(query("status=a%2Cb,").list("status"), ["a", "b"]);
        let choices = [("a", 1), ("b", 2)];
        assert_eq!(
            query("status=b,a").choices("status", &choices).unwrap(),
            [2, 1]
        );
        assert_eq!(
            query("status=c")
                .choices("status", &choices)
                .unwrap_err()
                .status(),
            400
        );
    }

    #[test]
    fn an_empty_value_is_absent_where_it_can_be_and_refused_where_a_name_is_wanted() {
        assert_eq!(query("a=&max=").text("a").unwrap(), "");
        let choices = [("x", 1)];
        assert_eq!(query("a=").choice("a", &choices).unwrap_err().status(), 400);
        assert_eq!(query("a=").flag("a").unwrap_err().status(), 400);
        assert_eq!(query("").choice("a", &choices).unwrap(), None);
    }

    #[test]
    fn days_are_read_from_dates_and_times() {
        for text in [
            "2026-02-28",
            "2026-02-28T10:00:00Z",
            "2026-02-28T10:00:00.123+02:00",
            "2026-02-28T10:00:00",
        ] {
            assert_eq!(day(text).as_deref(), Some("2026-02-28"), "{text}");
        }
        for text in [
            "",
            "2026-02-30",
            "2026-2-3",
            "28.02.2026",
            "2026-02-28x",
            "2026-02-28T99",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn instants_are_read_from_milliseconds_and_iso_8601() {
        let at = DateTime::from_timestamp_millis(1_700_000_000_000);
        assert_eq!(instant("1700000000000"), at);
        assert_eq!(instant("2023-11-14T22:13:20Z"), at);
        assert_eq!(instant("2023-11-14T23:13:20 01:00"), at);
        assert_eq!(instant("2023-11-14T22:13:20.000"), at);
        assert_eq!(instant("yesterday"), None);
        assert_eq!(instant("99999999999999999999"), None);
    }

    #[test]
    fn a_parameter_given_twice_with_two_values_is_refused() {
        assert_eq!(query("a=1&a=1").one("a").unwrap(), Some("1"));
        assert_eq!(query("a=1&a=2").one("a").unwrap_err().status(), 400);
        assert_eq!(query("a=%00").one("a").unwrap_err().status(), 400);
    }

    #[test]
    fn r1203_acting_for_what_is_no_id_is_not_found() {
        let name = "onBehalfOfSubPartnerOrgId";
        for bad in ["", "x", "%20", "%00"] {
            let query = query(&format!("{name}={bad}"));
            assert_eq!(query.organization(name).unwrap_err().status(), 404, "{bad}");
        }
        assert_eq!(query("").organization(name).unwrap(), None);
    }
}
