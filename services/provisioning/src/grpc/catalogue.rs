//! `Catalogue`.

use proto::provisioning::v1::{
    ListPackagesRequest, ListPackagesResponse, catalogue_server::Catalogue,
};
use tonic::{Request, Response, Status};

use super::{reader, scope};
use crate::{
    app::{self, App},
    message,
};

#[derive(Debug)]
pub(crate) struct Service(pub(crate) App);

#[tonic::async_trait]
impl Catalogue for Service {
    async fn list_packages(
        &self,
        request: Request<ListPackagesRequest>,
    ) -> Result<Response<ListPackagesResponse>, Status> {
        let caller = reader(&request, scope::CATALOG_READ)?;
        let catalogue = app::read::list_packages(&self.0, &caller).await?;
        let packages = catalogue
            .packages()
            .iter()
            .cloned()
            .map(message::package)
            .collect();
        Ok(Response::new(ListPackagesResponse { packages }))
    }
}
