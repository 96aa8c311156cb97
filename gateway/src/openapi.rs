//! `GET /openapi.json`: the description of our surface, made from the routes, the wire types and the
//! table of error codes. By hand, because every fact stands in one of those three already; attributes of
//! a generator would say it a second time.

use std::{fmt::Write as _, sync::LazyLock};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};

use crate::{
    failure::table::TABLE,
    routes::{Describe, JSON, ROUTES, Route},
};

pub(crate) const ROUTE: &[Route] = &[Route::open(
    "GET",
    "/openapi.json",
    "describe",
    "This description",
    |_| Box::pin(std::future::ready(Ok(describe()))),
)
.answers_media(JSON)];

fn describe() -> Response {
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| document().to_string().into());
    let mut response = Response::new(Body::from(TEXT.clone()));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, http::HeaderValue::from_static(JSON));
    response
}

/// What is described: pages are for people.
fn described() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().copied().flatten().filter(|route| !route.page)
}

/// The whole document (OpenAPI 3.1).
fn document() -> Value {
    let mut schemas = Map::new();
    let mut paths: Map<String, Value> = Map::new();
    for route in described() {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(
                route.method.to_ascii_lowercase(),
                operation(route, &mut schemas),
            );
        }
    }
    schemas.insert("Failure".to_owned(), failure());
    let scopes: Map<String, Value> = ROUTES
        .iter()
        .copied()
        .flatten()
        .filter_map(|route| Some((route.scope?.to_owned(), json!(""))))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Entrepot",
            "version": env!("CARGO_PKG_VERSION"),
            "description": about(),
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "client": {
                    "type": "oauth2",
                    "flows": {"clientCredentials": {"tokenUrl": "/v1/access_token", "scopes": scopes}},
                },
            },
        },
    })
}

fn about() -> String {
    let mut text = "Errors carry `errorCode`. The codes from 900000 to 900999 are ours, the others published:\n".to_owned();
    for entry in TABLE {
        let _ = write!(
            text,
            "\n* `{}` {}: {}",
            entry.code, entry.reason, entry.meaning
        );
    }
    text
}

fn operation(route: &Route, schemas: &mut Map<String, Value>) -> Value {
    let mut responses = Map::new();
    for status in [Some(route.success), route.or_success]
        .into_iter()
        .flatten()
    {
        responses.insert(status.to_string(), success(route, schemas));
    }
    responses.insert(
        "default".to_owned(),
        json!({
            "description": "an error",
            "content": {JSON: {"schema": {"$ref": "#/components/schemas/Failure"}}},
        }),
    );
    let mut operation = json!({
        "operationId": route.operation,
        "summary": route.summary,
        "parameters": parameters(route),
        "responses": responses,
        "security": route.scope.map_or_else(|| json!([]), |scope| json!([{"client": [scope]}])),
    });
    if let (Some(body), Some(fields)) = (route.body, operation.as_object_mut()) {
        let body = json!({"required": true, "content": content(body, schemas)});
        fields.insert("requestBody".to_owned(), body);
    }
    operation
}

fn success(route: &Route, schemas: &mut Map<String, Value>) -> Value {
    let mut response = json!({"description": "success"});
    if let (Some(answer), Some(fields)) = (route.answer, response.as_object_mut()) {
        fields.insert("content".to_owned(), content(answer, schemas));
    }
    response
}

fn content((media, describe): (&str, Describe), schemas: &mut Map<String, Value>) -> Value {
    json!({media: {"schema": describe(schemas)}})
}

fn parameters(route: &Route) -> Vec<Value> {
    let string = json!({"type": "string"});
    let in_path = route.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(json!({"name": name, "in": "path", "required": true, "schema": string}))
    });
    let in_query = route.query.iter().map(|(name, about)| {
        json!({"name": name, "in": "query", "description": about, "schema": string})
    });
    let header = json!({
        "name": "Idempotency-Key",
        "in": "header",
        "description": "a repeat with the same key answers with the first result, for 24 hours",
        "schema": string,
    });
    in_path
        .chain(in_query)
        .chain(route.idempotent.then_some(header))
        .collect()
}

fn failure() -> Value {
    let text = json!({"type": "string"});
    json!({
        "type": "object",
        "required": ["message", "errors", "trackingId"],
        "properties": {
            "message": text,
            "trackingId": text,
            "errors": {"type": "array", "items": {
                "type": "object",
                "required": ["description"],
                "properties": {"description": text, "errorCode": {"type": "integer"}, "fieldName": text},
            }},
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_described_and_every_reference_leads_somewhere() {
        let document = document();
        for route in described() {
            let described = &document["paths"][route.path][route.method.to_ascii_lowercase()];
            assert_eq!(described["operationId"], route.operation);
        }
        let text = document.to_string();
        for reference in text.split("#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert_eq!(
                document["components"]["schemas"][name]["type"], "object",
                "{name}"
            );
        }
    }
}
