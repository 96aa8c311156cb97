//! What other contexts are asked.

use std::collections::BTreeMap;

use kit::{
    fault::{Fault, Kind, reason},
    id::PartnerId,
};
use proto::{
    compliance::v1::{
        Party, ScreenCustomerRequest, ScreeningResult, screening_client::ScreeningClient,
    },
    identity::v1::{
        AttachCustomerOrganizationRequest, CheckEmailRequest, CheckEmailsRequest,
        CheckIdentityProviderRequest, CreateCustomerOrganizationRequest, CreatePartnerRequest,
        EnrolPersonRequest, GetOrganizationRequest, Organization, SetPartnerSuspendedRequest,
        identity_providers_client::IdentityProvidersClient,
        organizations_client::OrganizationsClient, people_client::PeopleClient,
    },
    subscriber::v1::{
        ApplyEntitlementRequest, CountHoldersRequest, RevokeEntitlementRequest,
        entitlements_client::EntitlementsClient,
    },
};
use tonic::{Response, Status};
use uuid::Uuid;

use crate::{
    app::App,
    domain::{
        customer::{CustomerId, Entitled, Plan},
        sub_partner::SubPartner,
        template::AuthenticationMode,
    },
    message,
};

impl App {
    /// The answer of a peer. That it does not know our own token is no fault of our caller: the
    /// token is fetched anew, and the call may be tried again.
    async fn heed<T>(&self, answer: Result<Response<T>, Status>) -> Result<T, Fault> {
        let fault = match answer {
            Ok(response) => return Ok(response.into_inner()),
            Err(status) => Fault::from(status),
        };
        if !matches!(fault.kind, Kind::Unauthenticated | Kind::Forbidden) {
            return Err(fault);
        }
        tracing::warn!(%fault, "a peer refused our token");
        self.context.token.renew().await;
        Err(Fault::new(
            Kind::Unavailable,
            reason::UNAVAILABLE,
            "a peer did not know us; try again",
        ))
    }

    /// Whether an e-mail address belongs to somebody else than the organization.
    pub(crate) async fn email_taken(
        &self,
        email: &str,
        organization: Option<Uuid>,
    ) -> Result<bool, Fault> {
        let organization_id = organization.map_or_else(String::new, |id| id.to_string());
        let request = CheckEmailRequest {
            email: email.to_owned(),
            organization_id,
        };
        let request = self.context.token.request(request).await?;
        let mut people = PeopleClient::new(self.context.links.identity.clone());
        let answer = self.heed(people.check_email(request).await).await?;
        Ok(answer.taken_elsewhere)
    }

    /// The same for several addresses in one call; one that is none is not taken.
    pub(crate) async fn emails_taken(
        &self,
        emails: &[(String, Option<Uuid>)],
    ) -> Result<Vec<bool>, Fault> {
        let questions = emails
            .iter()
            .map(|(email, organization)| CheckEmailRequest {
                email: email.clone(),
                organization_id: organization.map_or_else(String::new, |id| id.to_string()),
            });
        let request = CheckEmailsRequest {
            questions: questions.collect(),
        };
        let request = self.context.token.request(request).await?;
        let mut people = PeopleClient::new(self.context.links.identity.clone());
        let answers = self.heed(people.check_emails(request).await).await?.answers;
        if answers.len() != emails.len() {
            let message = "not every e-mail address was checked";
            return Err(Fault::new(Kind::Internal, reason::INTERNAL, message));
        }
        let taken = answers.into_iter().map(|answer| answer.taken_elsewhere);
        Ok(taken.collect())
    }

    /// An organization, whoever owns it.
    pub(crate) async fn organization(&self, id: Uuid) -> Result<Option<Organization>, Fault> {
        let request = GetOrganizationRequest {
            organization_id: id.to_string(),
        };
        let request = self.context.token.request(request).await?;
        let mut organizations = OrganizationsClient::new(self.context.links.identity.clone());
        match self
            .heed(organizations.get_organization(request).await)
            .await
        {
            Ok(found) => Ok(Some(found)),
            Err(fault) if fault.kind == Kind::Missing => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Makes the customer's organization; the same id makes it once.
    pub(crate) async fn create_organization(
        &self,
        partner: PartnerId,
        plan: &Plan,
    ) -> Result<(), Fault> {
        let request = CreateCustomerOrganizationRequest {
            partner_id: partner.to_string(),
            organization_id: plan.organization_id.to_string(),
            display_name: plan.name.clone(),
            country: plan.address.country.clone(),
            locale: plan.locale.clone(),
            authentication: protocol(plan.authentication.mode).to_owned(),
            identity_provider: plan.authentication.provider.clone(),
            unrestricted: plan.unrestricted,
        };
        let request = self.context.token.request(request).await?;
        let mut organizations = OrganizationsClient::new(self.context.links.identity.clone());
        self.heed(organizations.create_customer_organization(request).await)
            .await?;
        Ok(())
    }

    /// Whether the partner has an identity provider in use that a template names.
    pub(crate) async fn provider_in_use(
        &self,
        partner: PartnerId,
        mode: AuthenticationMode,
        provider: &str,
    ) -> Result<bool, Fault> {
        let request = CheckIdentityProviderRequest {
            partner_id: partner.to_string(),
            protocol: protocol(mode).to_owned(),
            identity_provider: provider.to_owned(),
        };
        let request = self.context.token.request(request).await?;
        let mut providers = IdentityProvidersClient::new(self.context.links.identity.clone());
        let answer = providers.check_identity_provider(request).await;
        Ok(self.heed(answer).await?.active)
    }

    /// The customer's organization was there before: its own administrators are free.
    pub(crate) async fn attach_organization(
        &self,
        partner: PartnerId,
        plan: &Plan,
    ) -> Result<(), Fault> {
        let request = AttachCustomerOrganizationRequest {
            partner_id: partner.to_string(),
            organization_id: plan.organization_id.to_string(),
        };
        let request = self.context.token.request(request).await?;
        let mut organizations = OrganizationsClient::new(self.context.links.identity.clone());
        self.heed(organizations.attach_customer_organization(request).await)
            .await?;
        Ok(())
    }

    /// Makes a sub-partner's organization and its first administrator; both once (R-1102).
    pub(crate) async fn create_sub_partner_organization(
        &self,
        parent: PartnerId,
        sub_partner: &SubPartner,
        country: &str,
    ) -> Result<(), Fault> {
        let organization_id = sub_partner.organization_id.to_string();
        let request = CreatePartnerRequest {
            organization_id: organization_id.clone(),
            parent_partner_id: parent.to_string(),
            display_name: sub_partner.name.clone(),
            country: country.to_owned(),
            locale: String::new(),
        };
        let request = self.context.token.request(request).await?;
        let mut organizations = OrganizationsClient::new(self.context.links.identity.clone());
        self.heed(organizations.create_partner(request).await)
            .await?;
        let request = EnrolPersonRequest {
            partner_id: organization_id.clone(),
            organization_id,
            email: sub_partner.admin_email.clone(),
            first_name: sub_partner.admin_first_name.clone(),
            last_name: sub_partner.admin_last_name.clone(),
        };
        let request = self.context.token.request(request).await?;
        let mut people = PeopleClient::new(self.context.links.identity.clone());
        self.heed(people.enrol_person(request).await).await?;
        Ok(())
    }

    /// Suspends or resumes a sub-partner (R-1106).
    pub(crate) async fn suspend_partner(
        &self,
        organization_id: Uuid,
        suspended: bool,
    ) -> Result<(), Fault> {
        let request = SetPartnerSuspendedRequest {
            partner_id: organization_id.to_string(),
            suspended,
        };
        let request = self.context.token.request(request).await?;
        let mut organizations = OrganizationsClient::new(self.context.links.identity.clone());
        self.heed(organizations.set_partner_suspended(request).await)
            .await?;
        Ok(())
    }

    /// Screens a customer.
    pub(crate) async fn screen_customer(
        &self,
        partner: PartnerId,
        customer_id: CustomerId,
        plan: &Plan,
        key: String,
    ) -> Result<ScreeningResult, Fault> {
        let request = ScreenCustomerRequest {
            partner_id: partner.to_string(),
            customer_id: customer_id.to_string(),
            party: Some(Party {
                name: plan.name.clone(),
                aliases: Vec::new(),
                address: Some(message::address(plan.address.clone())),
            }),
            idempotency_key: key,
        };
        let request = self.context.token.request(request).await?;
        let mut screening = ScreeningClient::new(self.context.links.compliance.clone());
        self.heed(screening.screen_customer(request).await).await
    }

    /// Sets what a customer is entitled to, all of it.
    pub(crate) async fn apply_entitlement(
        &self,
        partner: PartnerId,
        customer_id: CustomerId,
        plan: &Plan,
        packages: &[Entitled],
    ) -> Result<(), Fault> {
        let request = ApplyEntitlementRequest {
            partner_id: partner.to_string(),
            customer_id: customer_id.to_string(),
            organization_id: plan.organization_id.to_string(),
            external_id: plan.external_id.clone(),
            packages: packages.iter().map(message::entitled).collect(),
            location: plan.location.as_ref().map(message::first_location),
        };
        let request = self.context.token.request(request).await?;
        let mut entitlements = EntitlementsClient::new(self.context.links.subscriber.clone());
        self.heed(entitlements.apply_entitlement(request).await)
            .await?;
        Ok(())
    }

    /// Takes a customer's service away.
    pub(crate) async fn revoke_entitlement(
        &self,
        partner: PartnerId,
        customer_id: CustomerId,
    ) -> Result<(), Fault> {
        let request = RevokeEntitlementRequest {
            partner_id: partner.to_string(),
            customer_id: customer_id.to_string(),
        };
        let request = self.context.token.request(request).await?;
        let mut entitlements = EntitlementsClient::new(self.context.links.subscriber.clone());
        self.heed(entitlements.revoke_entitlement(request).await)
            .await?;
        Ok(())
    }

    /// How many subscribers hold each package of a customer.
    pub(crate) async fn count_holders(
        &self,
        partner: PartnerId,
        customer_id: CustomerId,
    ) -> Result<BTreeMap<String, i32>, Fault> {
        let request = CountHoldersRequest {
            partner_id: partner.to_string(),
            customer_id: customer_id.to_string(),
        };
        let request = self.context.token.request(request).await?;
        let mut entitlements = EntitlementsClient::new(self.context.links.subscriber.clone());
        let answer = self.heed(entitlements.count_holders(request).await).await?;
        Ok(answer
            .holders
            .into_iter()
            .map(|held| (held.package, held.count))
            .collect())
    }
}

/// How identity calls it.
fn protocol(mode: AuthenticationMode) -> &'static str {
    match mode {
        AuthenticationMode::Platform => "platform",
        AuthenticationMode::PartnerSaml => "saml",
        AuthenticationMode::PartnerOidc => "oidc",
    }
}
