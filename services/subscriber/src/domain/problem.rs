//! All that is wrong with a request, so that an answer never names only the first thing.

use kit::fault::{Kind, Violation, Violations};

/// The problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    /// The request contradicts itself, the catalogue or the rules.
    pub(crate) invalid: Violations,
    /// Somebody else has what it asks for.
    conflict: Vec<Violation>,
    /// It would be right at another time.
    precondition: Violations,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// What the caller can do: the gravest of the problems decides.
    pub(crate) kind: Kind,
    /// The reason of the first of the gravest problems.
    pub(crate) reason: String,
    /// Its text.
    pub(crate) message: String,
    /// All problems, the gravest first.
    pub(crate) violations: Vec<Violation>,
}

impl Problems {
    /// Something that is taken.
    pub(crate) fn conflict(&mut self, field: &str, reason: &str, text: impl Into<String>) {
        self.conflict.push(violation(field, reason, text));
    }

    /// Whether this is noted as taken already.
    pub(crate) fn has_conflict(&self, field: &str, reason: &str) -> bool {
        self.conflict
            .iter()
            .any(|noted| noted.field == field && noted.reason == reason)
    }

    /// Something that the present state does not allow.
    pub(crate) fn precondition(&mut self, field: &str, reason: &str, text: impl Into<String>) {
        self.precondition.add(field, reason, text);
    }

    /// Fails when there is any problem.
    pub(crate) fn check(self) -> Result<(), Refusal> {
        let kind = match (self.invalid.is_empty(), self.conflict.is_empty()) {
            (false, _) => Kind::Invalid,
            (true, false) => Kind::Conflict,
            (true, true) => Kind::Precondition,
        };
        let mut violations = self.invalid.into_vec();
        violations.extend(self.conflict);
        violations.extend(self.precondition.into_vec());
        let Some(first) = violations.first() else {
            return Ok(());
        };
        let (reason, message) = if kind == Kind::Invalid {
            (
                kit::fault::reason::INVALID_ARGUMENT.to_owned(),
                "the request is not valid".to_owned(),
            )
        } else {
            (first.reason.clone(), first.description.clone())
        };
        Err(Refusal {
            kind,
            reason,
            message,
            violations,
        })
    }

    /// The refusal for one thing that is taken.
    pub(crate) fn taken(field: &str, reason: &str, text: impl Into<String>) -> Refusal {
        let only = violation(field, reason, text);
        Refusal {
            kind: Kind::Conflict,
            reason: reason.to_owned(),
            message: only.description.clone(),
            violations: vec![only],
        }
    }
}

fn violation(field: &str, reason: &str, text: impl Into<String>) -> Violation {
    Violation {
        field: field.to_owned(),
        reason: reason.to_owned(),
        description: text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r408_the_gravest_problem_decides_and_all_are_told() {
        let mut problems = Problems::default();
        problems.precondition("package", "PACKAGE_LIMIT_REACHED", "limit");
        problems.conflict("email", "EMAIL_IN_USE", "taken");
        let refusal = problems.check().unwrap_err();
        assert_eq!(
            (refusal.kind, refusal.reason.as_str()),
            (Kind::Conflict, "EMAIL_IN_USE")
        );
        assert_eq!(refusal.violations.len(), 2);

        let mut problems = Problems::default();
        problems.conflict("email", "EMAIL_IN_USE", "taken");
        problems
            .invalid
            .add("package", "MISSING", "package is required");
        let refusal = problems.check().unwrap_err();
        assert_eq!(
            (refusal.kind, refusal.reason.as_str()),
            (Kind::Invalid, "INVALID_ARGUMENT")
        );
        assert_eq!(refusal.violations[0].field, "package");
        assert_eq!(Problems::default().check(), Ok(()));
    }
}
