//! What `buf lint` would say, for machines without it, and the rules of our own: the contract reads the
//! same in all its packages.

use std::collections::BTreeMap;

use prost_reflect::{
    Cardinality, DescriptorPool, EnumDescriptor, FieldDescriptor, FileDescriptor, Kind,
    MessageDescriptor, MethodDescriptor, ServiceDescriptor,
};

/// Requests that several services share.
const SHARED_REQUESTS: &[&str] = &["entrepot.feed.v1.FollowRequest"];

/// Lists without pages, and why.
const SHORT_LISTS: &[(&str, &str)] = &[
    (
        "entrepot.identity.v1.Tokens.ListKeys",
        "two keys: the current one and the next",
    ),
    (
        "entrepot.identity.v1.Revocations.ListRevocations",
        "only what could concern a living token is kept",
    ),
    (
        "entrepot.identity.v1.Roles.ListRoles",
        "there are some dozen roles",
    ),
    (
        "entrepot.provisioning.v1.Catalogue.ListPackages",
        "the catalogue has some dozen packages",
    ),
    (
        "entrepot.billing.v1.Subscriptions.ListSubscriptions",
        "a partner has a handful",
    ),
    (
        "entrepot.compliance.v1.Lists.ListLists",
        "one version of each list is in use",
    ),
    (
        "entrepot.compliance.v1.Audit.ListAuditCategories",
        "there are some dozen categories",
    ),
];

/// Fields that break a rule, and why they may.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "entrepot.provisioning.v1.CreateCustomerRequest.info",
        "named after the published `customerInfo`",
    ),
    (
        "entrepot.billing.v1.DownloadReportRequest.expires",
        "the part of the signed link, as it stands there",
    ),
];

/// Names that say nothing.
const EMPTY_WORDS: &[&str] = &["data", "info", "type", "value", "payload", "id", "uuid"];

/// What was found wrong, in the order of the files.
#[derive(Default)]
struct Findings {
    found: Vec<String>,
    used_exceptions: Vec<&'static str>,
}

impl Findings {
    fn check(&mut self, fine: bool, what: &str, rule: &str) {
        if fine {
            return;
        }
        let known = EXCEPTIONS.iter().find(|(name, _)| *name == what);
        match known {
            Some((name, _)) => self.used_exceptions.push(name),
            None => self.found.push(format!("{what}: {rule}")),
        }
    }

    fn end(self) {
        assert!(self.found.is_empty(), "\n{}", self.found.join("\n"));
    }
}

fn pool() -> DescriptorPool {
    DescriptorPool::decode(proto::DESCRIPTORS).expect("the build wrote them")
}

fn files(pool: &DescriptorPool) -> impl Iterator<Item = FileDescriptor> {
    pool.files()
        .filter(|file| file.package_name().starts_with("entrepot."))
}

fn messages(pool: &DescriptorPool) -> impl Iterator<Item = MessageDescriptor> {
    pool.all_messages()
        .filter(|message| message.package_name().starts_with("entrepot."))
}

fn enums(pool: &DescriptorPool) -> impl Iterator<Item = EnumDescriptor> {
    pool.all_enums()
        .filter(|kind| kind.package_name().starts_with("entrepot."))
}

fn services(pool: &DescriptorPool) -> impl Iterator<Item = ServiceDescriptor> {
    pool.services()
        .filter(|service| service.package_name().starts_with("entrepot."))
}

fn methods(pool: &DescriptorPool) -> impl Iterator<Item = MethodDescriptor> {
    services(pool).flat_map(|service| service.methods().collect::<Vec<_>>())
}

fn fields(pool: &DescriptorPool) -> impl Iterator<Item = FieldDescriptor> {
    messages(pool).flat_map(|message| message.fields().collect::<Vec<_>>())
}

fn is_snake(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('_')
        && !name.contains("__")
        && name.chars().all(|character| {
            character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_'
        })
}

fn is_pascal(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric())
}

/// `ReportType` as `REPORT_TYPE`.
fn upper_snake(name: &str) -> String {
    let mut text = String::new();
    for (place, character) in name.chars().enumerate() {
        if place > 0 && character.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(character.to_ascii_uppercase());
    }
    text
}

fn is_timestamp(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Kind::Message(message) if message.full_name() == "google.protobuf.Timestamp")
}

#[test]
fn a_package_is_its_directory_and_has_a_version() {
    let mut findings = Findings::default();
    let pool = pool();
    for file in files(&pool) {
        let name = file.name();
        let (directory, leaf) = name.rsplit_once('/').unwrap_or(("", name));
        let stem = leaf.strip_suffix(".proto").unwrap_or_default();
        let package = file.package_name();
        findings.check(
            directory.replace('/', ".") == package,
            name,
            "the directory is not the package",
        );
        let version = package.rsplit('.').next().unwrap_or_default();
        findings.check(
            version == "v1",
            name,
            "the last part of the package is not the version",
        );
        findings.check(is_snake(stem), name, "the file's name is not snake_case");
        findings.check(
            file.services().count() <= 1,
            name,
            "more than one service in a file",
        );
        let syntax = file.file_descriptor_proto().syntax();
        findings.check(syntax == "proto3", name, "not proto3");
    }
    findings.end();
}

#[test]
fn everything_has_a_comment() {
    let mut findings = Findings::default();
    let pool = pool();
    let mut seen = 0;
    for file in files(&pool) {
        let source = file.file_descriptor_proto().source_code_info.as_ref();
        let mut comments: BTreeMap<&[i32], &str> = BTreeMap::new();
        for location in source.into_iter().flat_map(|source| &source.location) {
            comments.insert(&location.path, location.leading_comments());
        }
        let mut wanted: Vec<(String, Vec<i32>)> = Vec::new();
        for service in file.services() {
            wanted.push((service.full_name().to_owned(), service.path().to_vec()));
            for method in service.methods() {
                wanted.push((method.full_name().to_owned(), method.path().to_vec()));
            }
        }
        let mut open: Vec<MessageDescriptor> = file.messages().collect();
        let mut kinds: Vec<EnumDescriptor> = file.enums().collect();
        while let Some(message) = open.pop() {
            wanted.push((message.full_name().to_owned(), message.path().to_vec()));
            for field in message.fields() {
                wanted.push((field.full_name().to_owned(), field.path().to_vec()));
            }
            // what `optional` means is said by its field
            for oneof in message.oneofs().filter(|oneof| !oneof.is_synthetic()) {
                wanted.push((oneof.full_name().to_owned(), oneof.path().to_vec()));
            }
            open.extend(
                message
                    .child_messages()
                    .filter(|child| !child.is_map_entry()),
            );
            kinds.extend(message.child_enums());
        }
        for kind in kinds {
            wanted.push((kind.full_name().to_owned(), kind.path().to_vec()));
            for value in kind.values() {
                wanted.push((value.full_name().to_owned(), value.path().to_vec()));
            }
        }
        seen += wanted.len();
        for (name, path) in wanted {
            let comment = comments.get(path.as_slice()).copied().unwrap_or_default();
            findings.check(!comment.trim().is_empty(), &name, "has no comment");
        }
    }
    assert!(seen > 300, "only {seen} things looked at");
    findings.end();
}

#[test]
fn an_enum_begins_with_unspecified_and_its_values_with_its_name() {
    let mut findings = Findings::default();
    let pool = pool();
    for kind in enums(&pool) {
        let prefix = upper_snake(kind.name());
        let zero = kind.get_value(0).map(|value| value.name().to_owned());
        findings.check(
            zero == Some(format!("{prefix}_UNSPECIFIED")),
            kind.full_name(),
            "zero is not unspecified",
        );
        for value in kind.values() {
            findings.check(
                value.name().starts_with(&format!("{prefix}_")),
                value.full_name(),
                "the value does not begin with the enum's name",
            );
        }
    }
    findings.end();
}

#[test]
fn every_rpc_has_a_request_of_its_own() {
    let mut findings = Findings::default();
    let pool = pool();
    let mut users: BTreeMap<String, u32> = BTreeMap::new();
    for method in methods(&pool) {
        let name = method.full_name();
        findings.check(is_pascal(method.name()), name, "not PascalCase");
        let (input, output) = (method.input(), method.output());
        if !SHARED_REQUESTS.contains(&input.full_name()) {
            let wanted = format!("{}Request", method.name());
            findings.check(input.name() == wanted, name, "the request is another's");
            findings.check(
                input.package_name() == method.parent_service().package_name(),
                name,
                "the request is of another package",
            );
            *users.entry(input.full_name().to_owned()).or_default() += 1;
        }
        let response = output.name();
        findings.check(
            !response.ends_with("Response") || response == format!("{}Response", method.name()),
            name,
            "the response is another's",
        );
        findings.check(
            !method.is_client_streaming(),
            name,
            "requests are not streams: they could not be repeated",
        );
        findings.check(
            !output.full_name().starts_with("google."),
            name,
            "answers with a type that cannot grow",
        );
    }
    for (input, users) in users {
        findings.check(users == 1, &input, "several rpcs take it");
    }
    for service in services(&pool) {
        let name = service.name();
        findings.check(
            is_pascal(name) && !name.ends_with("Service"),
            service.full_name(),
            "a service is named by a noun",
        );
    }
    findings.end();
}

#[test]
fn a_list_has_pages() {
    let mut findings = Findings::default();
    let pool = pool();
    let has = |message: &MessageDescriptor, name: &str, kind: Kind| {
        let field = message.get_field_by_name(name);
        field.is_some_and(|field| field.kind() == kind && !field.is_list())
    };
    for method in methods(&pool).filter(|method| method.name().starts_with("List")) {
        let name = method.full_name();
        let (input, output) = (method.input(), method.output());
        let paged = has(&input, "page_size", Kind::Int32)
            && has(&input, "page_token", Kind::String)
            && has(&output, "next_page_token", Kind::String);
        let short = SHORT_LISTS.iter().any(|(short, _)| *short == name);
        findings.check(
            paged != short,
            name,
            "has no page_size, page_token and next_page_token, or has and is called a short list",
        );
    }
    let names: Vec<_> = methods(&pool)
        .map(|method| method.full_name().to_owned())
        .collect();
    for (short, _) in SHORT_LISTS {
        findings.check(
            names.iter().any(|name| name == short),
            short,
            "is called a short list and does not exist",
        );
    }
    findings.end();
}

#[test]
fn fields_are_named_after_what_they_hold() {
    let mut findings = Findings::default();
    let pool = pool();
    for field in fields(&pool) {
        let (name, full) = (field.name(), field.full_name());
        findings.check(is_snake(name), full, "not snake_case");
        findings.check(!EMPTY_WORDS.contains(&name), full, "the name says nothing");
        if name.ends_with("_id") || name.ends_with("_ids") {
            findings.check(field.kind() == Kind::String, full, "an id is a string");
            findings.check(
                field.is_list() == name.ends_with("_ids"),
                full,
                "`_id` is one, `_ids` are many",
            );
        }
        if name.ends_with("_at") || name == "deadline" {
            findings.check(is_timestamp(&field), full, "a time is a Timestamp");
        }
        if is_timestamp(&field) {
            findings.check(
                name.ends_with("_at")
                    || name.ends_with("_after")
                    || name.ends_with("_before")
                    || name == "deadline",
                full,
                "a Timestamp is named by what happens at it",
            );
        }
        let unit = ["_time", "_millis", "_ms", "_seconds", "_epoch"];
        findings.check(
            !unit.iter().any(|unit| name.ends_with(unit)) && name != "expires",
            full,
            "a time is a Timestamp, a length of time a Duration",
        );
        if name.ends_with("_date") {
            findings.check(field.kind() == Kind::String, full, "a date is `YYYY-MM-DD`");
        }
        findings.check(
            !matches!(field.kind(), Kind::Float | Kind::Double),
            full,
            "a float cannot be compared",
        );
        findings.check(
            !matches!(field.kind(), Kind::Message(message) if message.full_name() == "google.protobuf.Any"),
            full,
            "Any hides the contract",
        );
        findings.check(
            !(field.field_descriptor_proto().proto3_optional()
                && matches!(field.kind(), Kind::Message(_))),
            full,
            "a message is optional as it is",
        );
        findings.check(
            field.cardinality() != Cardinality::Required,
            full,
            "nothing is required on the wire",
        );
    }
    for message in messages(&pool) {
        let fine = is_pascal(message.name()) || message.is_map_entry();
        findings.check(fine, message.full_name(), "not PascalCase");
    }
    let unused: Vec<_> = EXCEPTIONS
        .iter()
        .filter(|(name, _)| !findings.used_exceptions.contains(name))
        .collect();
    assert!(unused.is_empty(), "exceptions without a case: {unused:?}");
    findings.end();
}
