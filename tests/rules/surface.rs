//! Every route refuses who may not: without a token, without the scope, from another partner. The
//! routes are taken from the table that they are served from.

use std::collections::BTreeSet;

use entrepot::client::{Answer, Client};
use gateway::{ROUTES, Route};
use hyper::Method;
use serde_json::Value;

use super::{
    fixtures::{BODIES, FILTERS, FIXTURES, Fixture, Who, Whose},
    world::World,
};
use crate::stage::{Stage, codes};

/// `errorCode` of a token without the scope.
const SCOPE_MISSING: i64 = 900_013;

fn routes() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().copied().flatten()
}

fn fixture(route: &Route) -> &'static Fixture {
    let found = FIXTURES.iter().find(|one| one.operation == route.operation);
    found.unwrap_or_else(|| panic!("{} is not in rules/fixtures.rs", route.operation))
}

fn named(operation: &str) -> &'static Route {
    let found = routes().find(|route| route.operation == operation);
    found.unwrap_or_else(|| panic!("{operation} is no route"))
}

/// Routes that need a token, who calls them, and the scope.
fn guarded() -> impl Iterator<Item = (&'static Route, &'static Fixture, Who, &'static str)> {
    routes().filter_map(|route| {
        let fixture = fixture(route);
        Some((route, fixture, fixture.who?, route.scope?))
    })
}

/// A route's path with this text for its parameter, and that for a second one.
fn path(route: &Route, id: &str, second: &str) -> String {
    let mut path = String::new();
    let mut ids = [id, second].into_iter();
    for part in route.path.split('/').skip(1) {
        path.push('/');
        path.push_str(if part.starts_with('{') {
            ids.next().unwrap_or(second)
        } else {
            part
        });
    }
    path
}

/// The caller's own id for the second parameter.
fn second<'a>(world: &'a World, fixture: &Fixture) -> &'a str {
    fixture.second.map_or("", |kind| world.own(kind))
}

/// The same with the query that the route cannot do without.
fn asked(fixture: &Fixture, world: &World, path: String) -> String {
    match fixture.query {
        Some(query) => format!("{path}?{}", query(world)),
        None => path,
    }
}

async fn send(api: &Client, route: &Route, path: &str, body: Option<&Value>) -> Answer {
    let method: Method = route.method.parse().expect("a method");
    let headers: &[_] = match body {
        Some(_) => &[
            ("content-type", "application/json"),
            ("accept", "application/json"),
        ],
        None => &[("accept", "application/json")],
    };
    let body = body.map(Value::to_string).unwrap_or_default();
    let sent = api.send(method, path, headers, body.into()).await;
    sent.unwrap_or_else(|error| panic!("{}: {error}", route.operation))
}

/// What a client can see of an answer, but for what identifies the request.
fn seen(answer: &Answer) -> (u16, Value) {
    let mut body = answer.body.clone();
    if let Some(body) = body.as_object_mut() {
        body.remove("trackingId");
    }
    (answer.status.as_u16(), body)
}

fn headers(answer: &Answer) -> BTreeSet<&str> {
    answer
        .headers
        .keys()
        .map(hyper::http::HeaderName::as_str)
        .collect()
}

#[test]
fn every_route_is_in_the_table_and_says_whose_its_id_is() {
    for route in routes() {
        let fixture = fixture(route);
        assert_eq!(
            fixture.who.is_some(),
            route.scope.is_some(),
            "{}: open is what needs no scope",
            route.operation
        );
        let has_id = !matches!(fixture.whose, Whose::Nobodys);
        // the parts of a signed link are no ids that a caller could try
        let wanted = route.path.contains('{') && route.operation != "downloadReport";
        assert_eq!(has_id, wanted, "{}: whose is the id?", route.operation);
        let two = route.path.matches('{').count() == 2 && wanted;
        assert_eq!(
            fixture.second.is_some(),
            two,
            "{}: and the second?",
            route.operation
        );
        if let Whose::Everybodys(_, why) = fixture.whose {
            assert!(
                why.contains(' '),
                "{}: why is it everybody's?",
                route.operation
            );
        }
    }
    let known: BTreeSet<_> = routes().map(|route| route.operation).collect();
    for fixture in FIXTURES {
        assert!(
            known.contains(fixture.operation),
            "{}: gone",
            fixture.operation
        );
    }
    assert_eq!(known.len(), FIXTURES.len());
}

#[tokio::test]
async fn r1203_every_route_refuses_a_request_without_a_token() {
    let stage = Stage::new().await;
    let world = World::new(&stage).await;
    let api = stage.nobody();
    for (route, fixture, _, _) in guarded() {
        let body = fixture.body.map(|body| body(&world));
        let id = match fixture.whose {
            Whose::Nobodys => "",
            Whose::Partners(kind) | Whose::Everybodys(kind, _) => world.own(kind),
        };
        let path = asked(fixture, &world, path(route, id, second(&world, fixture)));
        for token in [None, Some("x"), Some("a.b.c")] {
            api.set_token(token.map(str::to_owned));
            let answer = send(&api, route, &path, body.as_ref()).await;
            assert_eq!(answer.status, 401, "{} with {token:?}", route.operation);
            assert_eq!(codes(&answer), [900_002], "{}", route.operation);
        }
    }
    let forged = "/reports/0190a000-0000-7000-8000-000000000001/WHOLESALE/x.csv?Expires=4102444800&Signature=x&Key-Pair-Id=x";
    api.set_token(None);
    let answer = api.get(forged).await.unwrap();
    let status = answer.status.as_u16();
    assert!([403, 404].contains(&status), "{status} {}", answer.text);
}

#[tokio::test]
async fn r1203_every_route_needs_its_scope_and_no_other() {
    let stage = Stage::new().await;
    let world = World::new(&stage).await;
    let mut wrong = Vec::new();
    for (route, fixture, who, scope) in guarded() {
        let name = route.operation;
        let all: Vec<&str> = world.scopes(who).iter().map(String::as_str).collect();
        assert!(
            all.contains(&scope),
            "{name}: {who:?} can never have {scope}"
        );
        let path = match fixture.whose {
            Whose::Nobodys => path(route, "", ""),
            Whose::Partners(kind) | Whose::Everybodys(kind, _) => {
                path(route, world.unknown(kind), second(&world, fixture))
            }
        };
        let path = asked(fixture, &world, path);
        let body = fixture.body.map(|body| body(&world));
        let others: Vec<_> = all
            .iter()
            .copied()
            .filter(|other| *other != scope && !fixture.or.contains(other))
            .collect();
        let api = world.caller(&stage, who, &others).await;
        let answer = send(&api, route, &path, body.as_ref()).await;
        if (answer.status.as_u16(), codes(&answer)) != (403, vec![SCOPE_MISSING]) {
            let (status, text) = (answer.status, answer.text);
            wrong.push(format!("{name} without {scope}: {status} {text}"));
        }

        let only: Vec<_> = [scope].iter().chain(fixture.also).copied().collect();
        let api = world.caller(&stage, who, &only).await;
        let answer = send(&api, route, &path, body.as_ref()).await;
        let wanted = match fixture.whose {
            Whose::Nobodys => 200..300,
            _ => 404..405,
        };
        if !wanted.contains(&answer.status.as_u16()) {
            let (status, text) = (answer.status, answer.text);
            wrong.push(format!("{name} with {only:?} only: {status} {text}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn r1203_another_partners_id_is_like_one_that_nobody_has() {
    let stage = Stage::new().await;
    let world = World::new(&stage).await;
    for (route, fixture, who, _) in guarded() {
        let name = route.operation;
        let (kind, everybodys) = match fixture.whose {
            Whose::Nobodys => continue,
            Whose::Partners(kind) => (kind, false),
            Whose::Everybodys(kind, _) => (kind, true),
        };
        let all: Vec<&str> = world.scopes(who).iter().map(String::as_str).collect();
        let api = world.caller(&stage, who, &all).await;
        let body = fixture.body.map(|body| body(&world));
        if route.method == "GET" {
            let own = send(
                &api,
                route,
                &path(route, world.own(kind), second(&world, fixture)),
                None,
            )
            .await;
            assert_eq!(own.status, 200, "{name}: {}", own.text);
        }
        let unknown = send(
            &api,
            route,
            &path(route, world.unknown(kind), second(&world, fixture)),
            body.as_ref(),
        )
        .await;
        assert_eq!(unknown.status, 404, "{name}: {}", unknown.text);
        let none = send(
            &api,
            route,
            &path(route, "nothing", second(&world, fixture)),
            body.as_ref(),
        )
        .await;
        assert_eq!(seen(&none), seen(&unknown), "{name}: what is no id");
        if everybodys {
            continue;
        }
        let foreign = send(
            &api,
            route,
            &path(route, world.foreign(kind), second(&world, fixture)),
            body.as_ref(),
        )
        .await;
        assert_eq!(
            seen(&foreign),
            seen(&unknown),
            "{name}: another partner's {kind}"
        );
        assert_eq!(
            headers(&foreign),
            headers(&unknown),
            "{name}: a header tells"
        );
        let Some(other) = fixture.second else {
            continue;
        };
        for id in [world.foreign(other), world.unknown(other)] {
            if id == world.own(other) {
                // the same for all
                continue;
            }
            let path = path(route, world.own(kind), id);
            let answer = send(&api, route, &path, body.as_ref()).await;
            assert_eq!(seen(&answer), seen(&unknown), "{name}: another's {other}");
        }
    }
}

#[tokio::test]
async fn r1203_nor_does_an_id_in_a_body_or_a_filter_tell_whose_it_is() {
    let stage = Stage::new().await;
    let world = World::new(&stage).await;
    let all: Vec<&str> = world
        .scopes(Who::Partner)
        .iter()
        .map(String::as_str)
        .collect();
    let api = world.caller(&stage, Who::Partner, &all).await;
    for (operation, field, kind) in BODIES {
        let route = named(operation);
        let mut answers = Vec::new();
        let fresh = fixture(route).body;
        let fresh = fresh.unwrap_or_else(|| panic!("{operation} takes no body"));
        for id in [world.unknown(kind), world.foreign(kind)] {
            let mut body = fresh(&world);
            body[*field] = id.into();
            let answer = send(&api, route, &path(route, "", ""), Some(&body)).await;
            // any subscription's name is taken; it is the same for all of them
            assert!(
                (400..500).contains(&answer.status.as_u16()) || *kind == "subscription",
                "{operation}.{field} = {kind}: {} {}",
                answer.status,
                answer.text
            );
            // the message may repeat what was sent
            answers.push((seen(&answer).0, answer.text_at("/message").replace(id, "")));
        }
        assert_eq!(
            answers[0], answers[1],
            "{operation}.{field}: another's {kind}"
        );
    }
    for (operation, filter, kind) in FILTERS {
        let route = named(operation);
        let mut answers = Vec::new();
        for id in [world.unknown(kind), world.foreign(kind)] {
            let path = format!("{}?{filter}={id}", path(route, "", ""));
            answers.push(seen(&send(&api, route, &path, None).await));
        }
        assert_eq!(
            answers[0], answers[1],
            "{operation}?{filter}: another's {kind}"
        );
        let own = format!("{}?{filter}={}", path(route, "", ""), world.own(kind));
        let own = send(&api, route, &own, None).await;
        assert_eq!(own.status, 200, "{operation}?{filter}: {}", own.text);
    }
}

#[tokio::test]
async fn r1103_nobody_acts_for_another_partners_sub_partner() {
    let stage = Stage::new().await;
    let world = World::new(&stage).await;
    let all: Vec<&str> = world
        .scopes(Who::Partner)
        .iter()
        .map(String::as_str)
        .collect();
    let api = world.caller(&stage, Who::Partner, &all).await;
    let description = api.get("/openapi.json").await.unwrap().body;
    let mut tried = 0;
    for (route, fixture, _, _) in guarded() {
        let place = &description["paths"][route.path][route.method.to_lowercase()]["parameters"];
        let acts = place.as_array().is_some_and(|parameters| {
            parameters
                .iter()
                .any(|one| one["name"] == "onBehalfOfSubPartnerOrgId")
        });
        if !acts {
            continue;
        }
        tried += 1;
        let name = route.operation;
        let target = match fixture.whose {
            Whose::Nobodys => path(route, "", ""),
            Whose::Partners(kind) | Whose::Everybodys(kind, _) => {
                path(route, world.own(kind), second(&world, fixture))
            }
        };
        let body = fixture.body.map(|body| body(&world));
        let mut answers = Vec::new();
        for org in [
            world.unknown("sub-partner"),
            world.foreign("sub-partner"),
            world.foreign("partner"),
            // not one's own sub-partner either
            world.own("partner"),
        ] {
            let path = format!("{target}?onBehalfOfSubPartnerOrgId={org}");
            let answer = send(&api, route, &path, body.as_ref()).await;
            assert_eq!(answer.status, 404, "{name}: {}", answer.text);
            answers.push(seen(&answer));
        }
        assert!(
            answers.iter().all(|one| *one == answers[0]),
            "{name}: {answers:?}"
        );
    }
    assert!(tried > 15, "only {tried} routes act for sub-partners");
}
