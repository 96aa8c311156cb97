//! What we tell of ourselves (RFC 7643 sections 5 to 7), made from the table of attributes.

use serde_json::{Value, json};

use super::{
    Document,
    document::list,
    schema::{Access, Attribute, Form, Kind, Schema},
};
use crate::domain::{organization, role};

const CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// Most resources of a page.
pub(crate) const TOP: usize = 200;
/// Most operations at once.
pub(crate) const MOST_OPERATIONS: usize = 100;
/// Largest request with operations.
pub(crate) const LARGEST: usize = 1 << 20;

/// The document at a path below the organization's resources, if there is one.
pub(crate) fn at(path: &str, base: &str, of: organization::Kind) -> Option<Value> {
    let path = path.trim_matches('/');
    let (first, id) = path.split_once('/').unwrap_or((path, ""));
    let all = match first {
        "ServiceProviderConfig" if id.is_empty() => return Some(config(base)),
        "ResourceTypes" => Kind::ALL
            .iter()
            .map(|kind| resource_type(*kind, base))
            .collect(),
        "Schemas" => schemas(base, of),
        _ => return None,
    };
    if id.is_empty() {
        let total = all.len();
        return Some(list(&all, total, 1));
    }
    let mut all = all.into_iter();
    all.find(|one| {
        one["id"]
            .as_str()
            .is_some_and(|known| known.eq_ignore_ascii_case(id))
    })
}

fn config(base: &str) -> Value {
    let yes = json!({ "supported": true });
    json!({
        "schemas": [CONFIG],
        "patch": yes,
        "bulk": { "supported": true, "maxOperations": MOST_OPERATIONS, "maxPayloadSize": LARGEST },
        "filter": { "supported": true, "maxResults": TOP },
        "changePassword": { "supported": false },
        "sort": yes,
        "etag": yes,
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth bearer token",
            "description": "An access token of ours with a scope of people",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    })
}

fn resource_type(kind: Kind, base: &str) -> Value {
    let extensions = kind.extensions().iter();
    let extensions = extensions.map(|schema| json!({ "schema": schema.id, "required": false }));
    let mut found = json!({
        "schemas": [RESOURCE_TYPE],
        "id": kind.name(),
        "name": kind.name(),
        "description": kind.core().text,
        "endpoint": kind.endpoint(),
        "schema": kind.core().id,
        "meta": {
            "resourceType": "ResourceType",
            "location": format!("{base}/ResourceTypes/{}", kind.name()),
        },
    });
    let extensions: Vec<Value> = extensions.collect();
    if !extensions.is_empty() {
        found["schemaExtensions"] = extensions.into();
    }
    found
}

fn schemas(base: &str, of: organization::Kind) -> Vec<Value> {
    let resources = Kind::ALL.iter().flat_map(|kind| {
        let extensions = kind.extensions().iter().copied();
        [kind.core()].into_iter().chain(extensions)
    });
    let described = [
        (CONFIG, "ServiceProviderConfig", CONFIG_PARTS),
        (RESOURCE_TYPE, "ResourceType", RESOURCE_TYPE_PARTS),
        (SCHEMA, "Schema", SCHEMA_PARTS),
    ];
    let ourselves = described.map(|(id, name, attributes)| Schema {
        id,
        name,
        text: "What the service tells of itself",
        attributes,
    });
    let own = ourselves.iter().map(|schema| published(schema, base, of));
    resources
        .map(|schema| published(schema, base, of))
        .chain(own.collect::<Vec<_>>())
        .collect()
}

fn published(schema: &Schema, base: &str, of: organization::Kind) -> Value {
    let attributes = schema.attributes.iter();
    json!({
        "schemas": [SCHEMA],
        "id": schema.id,
        "name": schema.name,
        "description": schema.text,
        "attributes": attributes.map(|one| attribute(one, "", of)).collect::<Vec<_>>(),
        "meta": {
            "resourceType": "Schema",
            "location": format!("{base}/Schemas/{}", schema.id),
        },
    })
}

fn attribute(one: &Attribute, above: &str, of: organization::Kind) -> Value {
    let (form, to): (_, &[&str]) = match one.form {
        Form::Text => ("string", &[]),
        Form::Flag => ("boolean", &[]),
        Form::Number => ("integer", &[]),
        Form::Time => ("dateTime", &[]),
        Form::Link(to) => ("reference", to),
        Form::Parts(_) => ("complex", &[]),
    };
    let mut found = Document::new();
    let mut put = |name: &str, value: Value| drop(found.insert(name.to_owned(), value));
    put("name", one.name.into());
    put("type", form.into());
    put("description", one.text.into());
    put("multiValued", one.many.into());
    put("required", one.required.into());
    let access = match one.access {
        Access::Write => "readWrite",
        Access::Once => "immutable",
        Access::Read => "readOnly",
    };
    put("mutability", access.into());
    put("returned", "default".into());
    if !matches!(one.form, Form::Flag | Form::Parts(_)) {
        put("caseExact", one.exact.into());
        put(
            "uniqueness",
            if one.unique { "server" } else { "none" }.into(),
        );
    }
    if !to.is_empty() {
        put("referenceTypes", to.into());
    }
    if above == "roles" && one.name == "value" {
        // those that a person of this organization can hold
        put("canonicalValues", role::codes(of).into());
    } else if !one.known.is_empty() {
        put("canonicalValues", one.known.into());
    }
    if !one.parts().is_empty() {
        let parts = one.parts().iter().map(|part| attribute(part, one.name, of));
        put("subAttributes", parts.collect::<Vec<_>>().into());
    }
    found.into()
}

const fn told(name: &'static str, text: &'static str, form: Form) -> Attribute {
    Attribute::new(name, text, form).access(Access::Read)
}

const SUPPORTED: Attribute = told("supported", "Whether it can be had.", Form::Flag).required();
const NAME: Attribute = told("name", "Name.", Form::Text).required();
const TEXT: Attribute = told("description", "What it is.", Form::Text);

const CONFIG_PARTS: &[Attribute] = &[
    told(
        "documentationUri",
        "A page for people.",
        Form::Link(&["external"]),
    ),
    told("patch", "Changes to parts.", Form::Parts(&[SUPPORTED])).required(),
    told(
        "bulk",
        "Several things at once.",
        Form::Parts(&[
            SUPPORTED,
            told("maxOperations", "Most operations.", Form::Number).required(),
            told("maxPayloadSize", "Most bytes.", Form::Number).required(),
        ]),
    )
    .required(),
    told(
        "filter",
        "Filters.",
        Form::Parts(&[
            SUPPORTED,
            told("maxResults", "Most resources of an answer.", Form::Number).required(),
        ]),
    )
    .required(),
    told("changePassword", "Passwords.", Form::Parts(&[SUPPORTED])).required(),
    told("sort", "Order.", Form::Parts(&[SUPPORTED])).required(),
    told("etag", "Versions.", Form::Parts(&[SUPPORTED])).required(),
    told(
        "authenticationSchemes",
        "How to prove who asks.",
        Form::Parts(&[
            told("type", "Kind.", Form::Text).required(),
            NAME,
            told("description", "What it is.", Form::Text).required(),
            told(
                "specUri",
                "Where it is specified.",
                Form::Link(&["external"]),
            ),
            told("primary", "The one to use.", Form::Flag),
        ]),
    )
    .many()
    .required(),
];

const RESOURCE_TYPE_PARTS: &[Attribute] = &[
    NAME,
    TEXT,
    told("endpoint", "Where it is served.", Form::Link(&["uri"])).required(),
    told("schema", "Its core schema.", Form::Link(&["uri"]))
        .exact()
        .required(),
    told(
        "schemaExtensions",
        "What comes on top.",
        Form::Parts(&[
            told("schema", "The schema.", Form::Link(&["uri"]))
                .exact()
                .required(),
            told("required", "Whether it must be there.", Form::Flag).required(),
        ]),
    )
    .many(),
];

/// What is told of an attribute, but for its parts, which are told alike.
macro_rules! attribute_parts {
    ($($more:expr)?) => {
        Form::Parts(&[
            NAME,
            told("type", "What it holds.", Form::Text).required(),
            told("multiValued", "Holds several.", Form::Flag).required(),
            TEXT,
            told("required", "Is always there.", Form::Flag),
            told("canonicalValues", "The values that it can have.", Form::Text).many(),
            told("caseExact", "Upper and lower case differ.", Form::Flag),
            told("mutability", "Who may change it.", Form::Text),
            told("returned", "When it is told.", Form::Text),
            told("uniqueness", "Whether two can have the same.", Form::Text),
            told("referenceTypes", "What it leads to.", Form::Text).many(),
            $($more,)?
        ])
    };
}

const SCHEMA_PARTS: &[Attribute] = &[
    NAME,
    TEXT,
    told(
        "attributes",
        "What it consists of.",
        attribute_parts!(told("subAttributes", "Its parts.", attribute_parts!()).many()),
    )
    .many()
    .required(),
];
