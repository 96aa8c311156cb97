//! What is sent, and how answers are read.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entrepot::client::Answer;
use serde_json::{Value, json};
use uuid::Uuid;

/// A good customer.
pub(crate) fn customer(provisioning_id: &str, external_id: &str, packages: &[&str]) -> Value {
    let address = json!({
        "addressLine1": "12 Maple Street",
        "city": "Austin",
        "stateOrProvince": "TX",
        "zipOrPostalCode": "78701",
        "country": "US",
    });
    json!({
        "provisioningId": provisioning_id,
        "packages": packages,
        "externalId": external_id,
        "address": address,
        "customerInfo": {
            "name": format!("Prairie Bakery {external_id}"),
            "primaryEmail": format!("owner@{external_id}.example"),
            "language": "en_US",
        },
        "provisioningParameters": {
            "calling": { "location": {
                "name": "Headquarters",
                "address": address,
                "timezone": "America/Chicago",
                "language": "en_us",
            }},
            "meetings": { "timezone": "America/Chicago" },
        },
    })
}

/// A customer whose name stands on the list that every installation begins with.
pub(crate) fn listed_customer(provisioning_id: &str, external_id: &str) -> Value {
    let mut body = customer(provisioning_id, external_id, &["webex_calling"]);
    body["customerInfo"]["name"] = json!("Zelkova Avionics Corporation");
    body
}

/// A good subscriber; `number` makes its extension.
pub(crate) fn subscriber(customer_id: &str, email: &str, package: &str, number: usize) -> Value {
    let mut parameters = json!({ "firstName": "Emily", "lastName": "Carter" });
    if package != "webex_meetings" {
        parameters["extension"] = json!(format!("{}", 1000 + number));
    }
    json!({
        "customerId": customer_id,
        "email": email,
        "package": package,
        "provisioningParameters": parameters,
    })
}

/// An identity provider with nothing wrong in it, which nobody has to ask.
pub(crate) fn provider(name: &str) -> Value {
    let issuer = format!("https://{name}.example");
    json!({
        "name": name,
        "protocol": "oidc",
        "clientId": "entrepot",
        "clientSecret": "between-us",
        "scopes": ["openid", "email"],
        "issuer": issuer,
        "authorizationEndpoint": format!("{issuer}/authorize"),
        "tokenEndpoint": format!("{issuer}/token"),
        "keySetEndpoint": format!("{issuer}/keys"),
    })
}

/// An id as the public API writes it.
pub(crate) fn public_id(kind: &str, id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(format!("ciscospark://us/{kind}/{id}"))
}

/// The UUID of a public id.
pub(crate) fn uuid_of(public: &str) -> Uuid {
    let bytes = URL_SAFE_NO_PAD.decode(public).expect("base64");
    let text = String::from_utf8(bytes).expect("text");
    let key = text.rsplit('/').next().expect("a key");
    key.parse().expect("a UUID")
}

/// The fields that an error names.
pub(crate) fn fields(answer: &Answer) -> Vec<String> {
    errors(answer, "fieldName")
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

/// The codes of an error.
pub(crate) fn codes(answer: &Answer) -> Vec<i64> {
    errors(answer, "errorCode")
        .filter_map(|value| value.as_i64())
        .collect()
}

fn errors(answer: &Answer, key: &'static str) -> impl Iterator<Item = Value> {
    let errors = answer.body["errors"].as_array().cloned();
    errors
        .unwrap_or_default()
        .into_iter()
        .map(move |error| error[key].clone())
}

/// The rows of a report by the names of its columns.
pub(crate) fn rows(csv: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let lines = entrepot::demo::parse(csv.trim_start_matches('\u{feff}'));
    let (head, rows) = lines.split_first().expect("a head");
    rows.iter()
        .map(|row| head.iter().cloned().zip(row.iter().cloned()).collect())
        .collect()
}

/// Quantities in millionths of a day, summed over the rows that are asked for.
pub(crate) fn millionths_of(
    rows: &[std::collections::BTreeMap<String, String>],
    wanted: impl Fn(&std::collections::BTreeMap<String, String>) -> bool,
) -> i64 {
    rows.iter()
        .filter(|row| wanted(row))
        .map(|row| entrepot::demo::millionths(&row["QUANTITY"]).expect("six decimals"))
        .sum()
}
