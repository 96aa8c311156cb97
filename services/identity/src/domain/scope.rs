//! Scopes: what each kind of client may be given (R-1203).

use kit::access;

use super::client::ClientKind;

/// Create partners.
pub(crate) const PARTNERS_WRITE: &str = "platform:partners_write";
/// Create and suspend sub-partners.
pub(crate) const SUB_PARTNERS_WRITE: &str = "platform:sub_partners_write";
/// Register clients.
pub(crate) const CLIENTS_WRITE: &str = "platform:clients_write";
/// Read organizations.
pub(crate) const ORGANIZATIONS_READ: &str = "platform:organizations_read";
/// Read people.
pub(crate) const PEOPLE_READ: &str = "platform:people_read";

/// Make passwords that are good once, and end sessions; named as published.
pub(crate) const ONE_TIME_PASSWORD: &str = "identity:one_time_password";

/// What nobody may do in another's name: make credentials, which would outlive the acting, or
/// reach further down a tree that has one level (R-1101).
const NEVER_ACTING: &[&str] = &[
    CLIENTS_WRITE,
    ONE_TIME_PASSWORD,
    SUB_PARTNERS_WRITE,
    "platform:sub_partners_read",
    "spark-admin:wholesale_sub_partners_read",
    "spark-admin:wholesale_sub_partners_write",
];

/// The scopes that a kind of client may have.
pub(crate) fn of(kind: ClientKind) -> Vec<&'static str> {
    access::scopes_for(kind.machine()).collect()
}

/// The scopes to grant: the wanted ones, or all that are allowed when none is named. Fails with the
/// first one that is not allowed.
pub(crate) fn choose(
    allowed: &[impl AsRef<str>],
    wanted: &[String],
) -> Result<Vec<String>, String> {
    let mut granted: Vec<String> = if wanted.is_empty() {
        allowed
            .iter()
            .map(|scope| scope.as_ref().to_owned())
            .collect()
    } else {
        let unknown = wanted
            .iter()
            .find(|want| !allowed.iter().any(|a| a.as_ref() == *want));
        if let Some(scope) = unknown {
            return Err(scope.clone());
        }
        wanted.to_vec()
    };
    granted.sort();
    granted.dedup();
    Ok(granted)
}

/// The scopes that remain while acting for a sub-partner.
pub(crate) fn while_acting(scopes: impl IntoIterator<Item = String>) -> Vec<String> {
    scopes
        .into_iter()
        .filter(|scope| !NEVER_ACTING.contains(&scope.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_services_may_call_what_is_internal() {
        for kind in ClientKind::ALL {
            assert_eq!(of(kind).contains(&"internal"), kind == ClientKind::Service);
        }
    }

    #[test]
    fn every_scope_that_is_named_here_exists() {
        let named = [
            PARTNERS_WRITE,
            CLIENTS_WRITE,
            ORGANIZATIONS_READ,
            PEOPLE_READ,
        ];
        for name in named.iter().chain(NEVER_ACTING) {
            assert!(access::scope(name).is_some(), "{name}");
        }
    }

    #[test]
    fn no_partner_decides_on_screening_or_prices() {
        for scope in [
            PARTNERS_WRITE,
            "platform:screening_write",
            "platform:subscriptions_write",
            "platform:catalog_write",
        ] {
            assert!(!of(ClientKind::Partner).contains(&scope), "{scope}");
            assert!(of(ClientKind::Operator).contains(&scope), "{scope}");
        }
    }

    #[test]
    fn r1101_acting_reaches_no_further_level() {
        let left = while_acting(of(ClientKind::Partner).into_iter().map(str::to_owned));
        assert!(
            !left
                .iter()
                .any(|s| s.contains("sub_partners") || s.contains("clients"))
        );
        assert!(left.contains(&"spark-admin:wholesale_customers_write".to_owned()));
    }

    proptest! {
        #[test]
        fn r1203_nobody_is_granted_more_than_is_allowed(
            allowed in proptest::collection::vec("[a-d]", 0..4),
            wanted in proptest::collection::vec("[a-f]", 0..4),
        ) {
            match choose(&allowed, &wanted) {
                Ok(granted) => {
                    prop_assert!(granted.iter().all(|scope| allowed.contains(scope)));
                    prop_assert!(wanted.is_empty() || granted.iter().all(|s| wanted.contains(s)));
                }
                Err(refused) => prop_assert!(!allowed.contains(&refused)),
            }
        }
    }
}
