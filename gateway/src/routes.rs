//! The one table of routes. The router, the API description and the tests that enumerate routes are all
//! made from it, so they cannot differ.

use futures::future::BoxFuture;
use serde_json::{Map, Value};

use crate::{
    call::{Call, Outcome},
    openapi, pages, rest,
    wire::Schema,
};

/// A handler: the whole request in, the whole response out.
pub(crate) type Handler = fn(Call) -> BoxFuture<'static, Outcome>;

/// Describes a body, adding the objects it needs.
pub(crate) type Describe = fn(&mut Map<String, Value>) -> Value;

/// One operation of the public API.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// Method, upper case.
    pub method: &'static str,
    /// Path with `{parameters}`.
    pub path: &'static str,
    /// The scope that the contexts ask for; none where no token is needed.
    pub scope: Option<&'static str>,
    /// Name of the operation, unique.
    pub operation: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// Query parameters and what they mean.
    pub(crate) query: &'static [(&'static str, &'static str)],
    /// Media type and form of the request's body.
    pub(crate) body: Option<(&'static str, Describe)>,
    /// Status of success.
    pub(crate) success: u16,
    /// Another status of success, with the same answer.
    pub(crate) or_success: Option<u16>,
    /// Longest form of a page, in bytes.
    pub(crate) longest: usize,
    /// Takes a file: a body that is larger than others may be.
    pub(crate) large: bool,
    /// Media type and form of the answer.
    pub(crate) answer: Option<(&'static str, Describe)>,
    /// Takes `Idempotency-Key`.
    pub(crate) idempotent: bool,
    /// A page for people: HTML in and out, and no part of the API's description.
    pub page: bool,
    pub(crate) handler: Handler,
}

pub(crate) const JSON: &str = "application/json";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

impl Route {
    /// A route that needs a scope and answers 200.
    pub(crate) const fn new(
        method: &'static str,
        path: &'static str,
        scope: &'static str,
        operation: &'static str,
        summary: &'static str,
        handler: Handler,
    ) -> Self {
        Self {
            scope: Some(scope),
            ..Self::open(method, path, operation, summary, handler)
        }
    }

    /// A route that needs no token.
    pub(crate) const fn open(
        method: &'static str,
        path: &'static str,
        operation: &'static str,
        summary: &'static str,
        handler: Handler,
    ) -> Self {
        Self {
            method,
            path,
            scope: None,
            operation,
            summary,
            query: &[],
            body: None,
            success: 200,
            or_success: None,
            longest: pages::LARGEST_FORM,
            large: false,
            answer: None,
            idempotent: false,
            page: false,
            handler,
        }
    }

    /// A page for people.
    pub(crate) const fn page(
        method: &'static str,
        path: &'static str,
        operation: &'static str,
        summary: &'static str,
        handler: Handler,
    ) -> Self {
        Self {
            page: true,
            ..Self::open(method, path, operation, summary, handler)
        }
    }

    /// Takes what a page's form sends.
    pub(crate) const fn filled(self) -> Self {
        Self {
            body: Some((FORM, String::schema)),
            ..self
        }
    }

    /// Takes a longer form than pages of ours send.
    pub(crate) const fn longest(self, longest: usize) -> Self {
        Self { longest, ..self }
    }

    pub(crate) const fn query(self, query: &'static [(&'static str, &'static str)]) -> Self {
        Self { query, ..self }
    }

    pub(crate) const fn takes<T: Schema>(self) -> Self {
        Self {
            body: Some((JSON, T::schema)),
            ..self
        }
    }

    pub(crate) const fn takes_form<T: Schema>(self) -> Self {
        Self {
            body: Some((FORM, T::schema)),
            ..self
        }
    }

    pub(crate) const fn answers<T: Schema>(self) -> Self {
        Self {
            answer: Some((JSON, T::schema)),
            ..self
        }
    }

    pub(crate) const fn answers_media(self, media: &'static str) -> Self {
        Self {
            answer: Some((media, String::schema)),
            ..self
        }
    }

    pub(crate) const fn status(self, success: u16) -> Self {
        Self { success, ..self }
    }

    pub(crate) const fn or_status(self, other: u16) -> Self {
        Self {
            or_success: Some(other),
            ..self
        }
    }

    pub(crate) const fn large(self) -> Self {
        Self {
            large: true,
            ..self
        }
    }

    pub(crate) const fn idempotent(self) -> Self {
        Self {
            idempotent: true,
            ..self
        }
    }
}

/// A function as a [`Handler`].
macro_rules! handler {
    ($function:expr) => {
        |call| Box::pin($function(call))
    };
}
pub(crate) use handler;

/// Every route, by resource.
pub const ROUTES: &[&[Route]] = &[
    rest::tokens::ROUTES,
    rest::signing_keys::ROUTES,
    rest::discovery::ROUTES,
    rest::customers::ROUTES,
    rest::subscribers::ROUTES,
    rest::sub_partners::ROUTES,
    rest::billing_reports::ROUTES,
    rest::templates::ROUTES,
    rest::screening::ROUTES,
    rest::audit::ROUTES,
    rest::subscriptions::ROUTES,
    rest::clients::ROUTES,
    rest::identity_providers::ROUTES,
    rest::saml::ROUTES,
    rest::organizations::ROUTES,
    rest::settings::ROUTES,
    rest::people::ROUTES,
    rest::roles::ROUTES,
    rest::groups::ROUTES,
    rest::scim::ROUTES,
    rest::operations::ROUTES,
    rest::catalog::ROUTES,
    rest::one_time_passwords::ROUTES,
    pages::ROUTES,
    openapi::ROUTE,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_and_paths_are_unique_and_scopes_fit_the_method() {
        let routes: Vec<&Route> = ROUTES.iter().copied().flatten().collect();
        let names: BTreeSet<_> = routes.iter().map(|route| route.operation).collect();
        let paths: BTreeSet<_> = routes
            .iter()
            .map(|route| (route.method, route.path))
            .collect();
        assert_eq!(names.len(), routes.len());
        assert_eq!(paths.len(), routes.len());
        for route in routes {
            let Some(scope) = route.scope else { continue };
            let wanted: &[&str] = if route.method == "GET" {
                &["_read"]
            } else {
                &["_write", "_rw"]
            };
            // a check that changes nothing may be had with the right to read
            let check = route.path.ends_with("/checks") || route.path.ends_with("/.search");
            // published by this name
            let published = scope == "identity:one_time_password";
            assert!(
                wanted.iter().any(|end| scope.ends_with(end)) || check || published,
                "{} {}",
                route.method,
                route.path
            );
        }
    }

    #[test]
    fn our_own_paths_are_kebab_case_under_a_prefix_of_their_own() {
        for route in ROUTES.iter().copied().flatten() {
            let ours = route
                .scope
                .is_some_and(|scope| scope.starts_with("platform:"));
            assert_eq!(
                ours,
                route.path.starts_with("/platform/v1/"),
                "{}",
                route.path
            );
            assert!(
                !ours || !route.path.contains(char::is_uppercase),
                "{}",
                route.path
            );
        }
    }
}
