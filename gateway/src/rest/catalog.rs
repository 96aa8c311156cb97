//! `/platform/v1/catalog`.

use proto::provisioning::v1::{self as pb, PackageKind, catalogue_client::CatalogueClient};

use super::name_of;
use crate::{
    call::{Call, Outcome, ok},
    routes::{Route, handler},
    wire::catalog::{Package, PackageList},
};

pub(crate) const ROUTES: &[Route] = &[Route::new(
    "GET",
    "/platform/v1/catalog/packages",
    "platform:catalog_read",
    "listPackages",
    "List the packages of the catalogue",
    handler!(list),
)
.answers::<PackageList>()];

const KINDS: &[(&str, PackageKind)] = &[
    ("base", PackageKind::Base),
    ("add_on", PackageKind::AddOn),
    ("customer", PackageKind::Customer),
];

async fn list(call: Call) -> Outcome {
    let mut client = CatalogueClient::new(call.surface.links.provisioning.clone());
    let request = call.own_request(pb::ListPackagesRequest {})?;
    let found = client.list_packages(request).await?.into_inner();
    let item = |package: pb::Package| Package {
        kind: name_of(KINDS, &package.kind()),
        name: package.name,
        title: package.title,
        sku: package.sku,
        description: package.description,
        calling: package.calling,
        meetings: package.meetings,
        requires_any: package.requires_any,
    };
    ok(&PackageList {
        items: found.packages.into_iter().map(item).collect(),
    })
}
