//! Filters (RFC 7644 section 3.4.2.2): read by the grammar of `scim_v2`, bound to attributes that there
//! are, and answered from documents. No text of a filter reaches the database but as a value.

use std::cmp::Ordering;

use chrono::{DateTime, FixedOffset};
use kit::scim::reason;
use scim_v2::filter::{AttrExp, AttrPath, CompValue, CompareOp, Filter, ValFilter};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Document, Wrong, path,
    path::Spot,
    schema::{self, Attribute, Form, Kind},
};

/// What a filter asks.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    /// All of them.
    All(Vec<Self>),
    /// One of them.
    Any(Vec<Self>),
    /// Not that.
    Not(Box<Self>),
    /// There is a value.
    Present(Spot),
    /// A value compares so.
    Compare(Spot, CompareOp, CompValue),
    /// One of the values of an attribute is such a one.
    Within(Spot, Inner),
}

/// What is asked of one value of an attribute.
#[derive(Debug, Clone)]
pub(crate) enum Inner {
    /// All of them.
    All(Vec<Self>),
    /// One of them.
    Any(Vec<Self>),
    /// Not that.
    Not(Box<Self>),
    /// It has this part.
    Present(&'static Attribute),
    /// A part compares so.
    Compare(&'static Attribute, CompareOp, CompValue),
}

/// What the database can look for by itself: the rows that it leaves out would not have matched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// Only this one.
    pub(crate) id: Option<Uuid>,
    /// Only with this user name, lower case.
    pub(crate) user_name: Option<String>,
    /// Only with this id of the directory.
    pub(crate) external_id: Option<String>,
    /// Only with this address, lower case.
    pub(crate) email: Option<String>,
    /// Only with this name, lower case.
    pub(crate) display_name: Option<String>,
    /// Nothing can match.
    pub(crate) nothing: bool,
}

fn unknown(path: &AttrPath) -> Wrong {
    Wrong::new(reason::FILTER, format!("there is no attribute {path}"))
}

impl Condition {
    /// Reads a filter.
    pub(crate) fn parse(kind: Kind, text: &str) -> Result<Self, Wrong> {
        let wrong = || Wrong::new(reason::FILTER, "the filter cannot be read");
        if text.len() > path::LONGEST {
            return Err(wrong());
        }
        let filter: Filter = text.trim().parse().map_err(|_| wrong())?;
        Self::bind(kind, &filter)
    }

    fn bind(kind: Kind, filter: &Filter) -> Result<Self, Wrong> {
        let all = |filters: &[Filter]| -> Result<Vec<Self>, Wrong> {
            filters
                .iter()
                .map(|inner| Self::bind(kind, inner))
                .collect()
        };
        let spot = |path: &AttrPath| {
            let found = path::resolve(kind, path).filter(|spot| spot.attribute.is_some());
            found.ok_or_else(|| unknown(path))
        };
        Ok(match filter {
            Filter::And(filters) => Self::All(all(filters)?),
            Filter::Or(filters) => Self::Any(all(filters)?),
            Filter::Not(inner) => Self::Not(Box::new(Self::bind(kind, inner)?)),
            Filter::Attr(AttrExp::Present(path)) => Self::Present(spot(path)?),
            Filter::Attr(AttrExp::Comparison(path, how, with)) => {
                let mut found = spot(path)?;
                // the whole is compared by its value
                if found.part.is_none() {
                    found.part = found.attribute.and_then(Attribute::value);
                }
                Self::Compare(found, how.clone(), with.clone())
            }
            Filter::ValuePath(inner) => {
                let found = spot(&inner.attr)?;
                let parts = found.attribute.map(Attribute::parts).unwrap_or_default();
                if parts.is_empty() || found.part.is_some() {
                    return Err(unknown(&inner.attr));
                }
                Self::Within(found, Inner::bind(parts, &inner.filter)?)
            }
        })
    }

    /// Whether a document is meant.
    pub(crate) fn holds(&self, document: &Document) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(document)),
            Self::Any(any) => any.iter().any(|one| one.holds(document)),
            Self::Not(inner) => !inner.holds(document),
            Self::Present(spot) => !spot.values(document).is_empty(),
            Self::Compare(spot, how, with) => {
                let Some(attribute) = spot.part.or(spot.attribute) else {
                    return false;
                };
                compare_all(attribute, &spot.values(document), how, with)
            }
            Self::Within(spot, inner) => {
                let mut values = spot.values(document).into_iter();
                values.any(|value| inner.holds(value))
            }
        }
    }

    /// What the database can look for.
    pub(crate) fn known(&self) -> Known {
        let mut known = Known::default();
        self.collect(&mut known);
        known
    }

    fn collect(&self, known: &mut Known) {
        match self {
            Self::All(all) => all.iter().for_each(|one| one.collect(known)),
            // case of other letters is the database's own matter
            Self::Compare(spot, CompareOp::Eq, CompValue::Str(text))
                if spot.extension.is_none() && text.is_ascii() =>
            {
                let lower = text.to_lowercase();
                match spot.name().as_str() {
                    "id" => match text.parse() {
                        Ok(id) => known.id = Some(id),
                        Err(_) => known.nothing = true,
                    },
                    "userName" => known.user_name = Some(lower),
                    "externalId" => known.external_id = Some(text.clone()),
                    "emails.value" => known.email = Some(lower),
                    "displayName" => known.display_name = Some(lower),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

impl Inner {
    /// Reads what stands in brackets.
    pub(crate) fn bind(parts: &'static [Attribute], filter: &ValFilter) -> Result<Self, Wrong> {
        let all = |filters: &[ValFilter]| -> Result<Vec<Self>, Wrong> {
            filters
                .iter()
                .map(|inner| Self::bind(parts, inner))
                .collect()
        };
        let part = |path: &AttrPath| {
            let plain = path.uri.is_none() && path.sub_attr.is_none();
            let found = schema::named(parts, &path.name).filter(|_| plain);
            found.ok_or_else(|| unknown(path))
        };
        Ok(match filter {
            ValFilter::And(filters) => Self::All(all(filters)?),
            ValFilter::Or(filters) => Self::Any(all(filters)?),
            ValFilter::Not(inner) => Self::Not(Box::new(Self::bind(parts, inner)?)),
            ValFilter::Attr(AttrExp::Present(path)) => Self::Present(part(path)?),
            ValFilter::Attr(AttrExp::Comparison(path, how, with)) => {
                Self::Compare(part(path)?, how.clone(), with.clone())
            }
        })
    }

    /// Whether a value is meant.
    pub(crate) fn holds(&self, value: &Value) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(value)),
            Self::Any(any) => any.iter().any(|one| one.holds(value)),
            Self::Not(inner) => !inner.holds(value),
            Self::Present(part) => value.get(part.name).is_some(),
            Self::Compare(part, how, with) => {
                let values: Vec<&Value> = value.get(part.name).into_iter().collect();
                compare_all(part, &values, how, with)
            }
        }
    }

    /// The value that this describes, when it only says what parts are equal to.
    pub(crate) fn described(&self) -> Option<Document> {
        match self {
            Self::Compare(part, CompareOp::Eq, with) => {
                let value = match with {
                    CompValue::Str(text) => text.clone().into(),
                    CompValue::True => true.into(),
                    CompValue::False => false.into(),
                    CompValue::Null | CompValue::Number(_) => return None,
                };
                Some(Document::from_iter([(part.name.to_owned(), value)]))
            }
            Self::All(all) => {
                let mut found = Document::new();
                for one in all {
                    found.append(&mut one.described()?);
                }
                Some(found)
            }
            _ => None,
        }
    }
}

fn compare_all(
    attribute: &Attribute,
    values: &[&Value],
    how: &CompareOp,
    with: &CompValue,
) -> bool {
    let equal = |value: &&Value| compare(attribute, value, &CompareOp::Eq, with);
    match (how, with) {
        (CompareOp::Eq, CompValue::Null) => values.is_empty(),
        (CompareOp::Ne, CompValue::Null) => !values.is_empty(),
        (CompareOp::Ne, _) => !values.iter().any(equal),
        _ => values
            .iter()
            .any(|value| compare(attribute, value, how, with)),
    }
}

fn compare(attribute: &Attribute, value: &Value, how: &CompareOp, with: &CompValue) -> bool {
    match (value, with) {
        (Value::Bool(value), CompValue::True) => *how == CompareOp::Eq && *value,
        (Value::Bool(value), CompValue::False) => *how == CompareOp::Eq && !*value,
        (Value::String(value), CompValue::Str(with)) => {
            if matches!(attribute.form, Form::Time)
                && let (Some(value), Some(with)) = (time(value), time(with))
            {
                return is_so(how, value.cmp(&with));
            }
            if attribute.exact {
                return compare_text(value, how, with);
            }
            compare_text(&value.to_lowercase(), how, &with.to_lowercase())
        }
        _ => false,
    }
}

fn time(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok()
}

fn compare_text(value: &str, how: &CompareOp, with: &str) -> bool {
    match how {
        CompareOp::Co => value.contains(with),
        CompareOp::Sw => value.starts_with(with),
        CompareOp::Ew => value.ends_with(with),
        how => is_so(how, value.cmp(with)),
    }
}

fn is_so(how: &CompareOp, order: Ordering) -> bool {
    match how {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        _ => false,
    }
}
