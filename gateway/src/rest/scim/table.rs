//! The routes of SCIM.

use proto::identity::v1::ScimKind;

use super::{bulk, create, delete, describe, get, list, members, patch, replace, search};
use crate::{
    routes::{Route, handler},
    wire::scim::{Document, SearchRequest},
};

const READ: &str = "identity:people_read";
const WRITE: &str = "identity:people_rw";

const FILTERS: &[(&str, &str)] = &[
    ("filter", "a filter (RFC 7644 section 3.4.2.2)"),
    ("sortBy", "the attribute to sort by"),
    ("sortOrder", "`ascending` or `descending`"),
    ("startIndex", "the first one, from 1 on"),
    ("count", "resources at most"),
    (
        "attributes",
        "the attributes that are wanted, separated by commas",
    ),
    (
        "excludedAttributes",
        "the attributes that are not, separated by commas",
    ),
];
const PAGE: &[(&str, &str)] = &[
    ("startIndex", "the first one, from 1 on"),
    ("count", "resources at most"),
];
const NAMES: &[(&str, &str)] = &[
    (
        "attributes",
        "the attributes that are wanted, separated by commas",
    ),
    (
        "excludedAttributes",
        "the attributes that are not, separated by commas",
    ),
];

macro_rules! at {
    ($path:literal) => {
        concat!("/identity/scim/{organizationId}/v2", $path)
    };
}

macro_rules! documents {
    ($($method:literal $path:literal $scope:ident $name:literal $about:literal $handler:expr;)*) => {
        [$(Route::new($method, at!($path), $scope, $name, $about, handler!($handler)).answers::<Document>(),)*]
    };
}

const USERS: [Route; 5] = documents! {
    "GET" "/Users" READ "listScimUsers" "Find people" |call| list(call, ScimKind::User);
    "POST" "/Users" WRITE "createScimUser" "Add a person" |call| create(call, ScimKind::User);
    "GET" "/Users/{userId}" READ "getScimUser" "Get a person" |call| get(call, ScimKind::User);
    "PUT" "/Users/{userId}" WRITE "replaceScimUser" "Replace a person" |call| replace(call, ScimKind::User);
    "PATCH" "/Users/{userId}" WRITE "changeScimUser" "Change parts of a person" |call| patch(call, ScimKind::User);
};

const GROUPS: [Route; 5] = documents! {
    "GET" "/Groups" READ "listScimGroups" "Find groups" |call| list(call, ScimKind::Group);
    "POST" "/Groups" WRITE "createScimGroup" "Add a group" |call| create(call, ScimKind::Group);
    "GET" "/Groups/{groupId}" READ "getScimGroup" "Get a group" |call| get(call, ScimKind::Group);
    "PUT" "/Groups/{groupId}" WRITE "replaceScimGroup" "Replace a group" |call| replace(call, ScimKind::Group);
    "PATCH" "/Groups/{groupId}" WRITE "changeScimGroup" "Change parts of a group" |call| patch(call, ScimKind::Group);
};

const REST: [Route; 6] = documents! {
    "GET" "/Groups/{groupId}/Members" READ "listScimGroupMembers" "List who is in a group" members;
    "GET" "/ServiceProviderConfig" READ "describeScim" "What the service can do" describe;
    "GET" "/ResourceTypes" READ "listScimResourceTypes" "Which resources there are" describe;
    "GET" "/ResourceTypes/{name}" READ "getScimResourceType" "One kind of resources" describe;
    "GET" "/Schemas" READ "listScimSchemas" "What resources consist of" describe;
    "GET" "/Schemas/{name}" READ "getScimSchema" "What one kind of resources consists of" describe;
};

pub(crate) const ROUTES: &[Route] = &[
    USERS[0].query(FILTERS),
    USERS[1].takes::<Document>().status(201),
    USERS[2].query(NAMES),
    USERS[3].takes::<Document>(),
    USERS[4].takes::<Document>(),
    Route::new(
        "DELETE",
        at!("/Users/{userId}"),
        WRITE,
        "deleteScimUser",
        "Delete a person",
        handler!(|call| delete(call, ScimKind::User)),
    )
    .status(204),
    GROUPS[0].query(FILTERS),
    GROUPS[1].takes::<Document>().status(201),
    GROUPS[2].query(NAMES),
    GROUPS[3].takes::<Document>(),
    GROUPS[4].takes::<Document>(),
    Route::new(
        "DELETE",
        at!("/Groups/{groupId}"),
        WRITE,
        "deleteScimGroup",
        "Delete a group",
        handler!(|call| delete(call, ScimKind::Group)),
    )
    .status(204),
    REST[0].query(PAGE),
    Route::new(
        "POST",
        at!("/Users/.search"),
        READ,
        "searchScimUsers",
        "Find people",
        handler!(|call| search(call, Some(ScimKind::User))),
    )
    .takes::<SearchRequest>()
    .answers::<Document>(),
    Route::new(
        "POST",
        at!("/Groups/.search"),
        READ,
        "searchScimGroups",
        "Find groups",
        handler!(|call| search(call, Some(ScimKind::Group))),
    )
    .takes::<SearchRequest>()
    .answers::<Document>(),
    Route::new(
        "POST",
        at!("/.search"),
        READ,
        "searchScim",
        "Find people and groups",
        handler!(|call| search(call, None)),
    )
    .takes::<SearchRequest>()
    .answers::<Document>(),
    Route::new(
        "POST",
        at!("/Bulk"),
        WRITE,
        "runScimBulk",
        "Do several things, each by itself",
        handler!(bulk),
    )
    .takes::<Document>()
    .answers::<Document>(),
    REST[1],
    REST[2],
    REST[3],
    REST[4],
    REST[5],
];
