//! An act in the published form, with the names of whom it concerns.

use std::collections::HashMap;

use proto::{
    common::v1::AuditEvent,
    compliance::v1::AuditRecord,
    identity::v1::{NamedSubject, ResolveNamesRequest, directory_client::DirectoryClient},
};

use super::{actor_out, organization_out, target};
use crate::{
    call::Call,
    failure::Failure,
    id::{self, Kind},
    rest::{some, time},
    wire::audit::{AdminAuditData, AdminAuditEvent},
};

/// Names of people, clients and organizations, by their ids.
#[derive(Debug, Default)]
pub(super) struct Names {
    subjects: HashMap<String, NamedSubject>,
    organizations: HashMap<String, String>,
}

impl Names {
    /// Those that the acts of a page mention, as far as the caller may know them.
    pub(super) async fn of(call: &Call, records: &[AuditRecord]) -> Result<Self, Failure> {
        let mut message = ResolveNamesRequest::default();
        let events = records.iter().filter_map(|record| record.event.as_ref());
        for event in events {
            message.subject_ids.push(event.actor_id.clone());
            let organizations = [&event.actor_organization_id, &event.organization_id];
            message
                .organization_ids
                .extend(organizations.map(Clone::clone));
            match event.target_kind.as_str() {
                "person" => message.subject_ids.push(event.target_id.clone()),
                "organization" => message.organization_ids.push(event.target_id.clone()),
                _ => {}
            }
        }
        for ids in [&mut message.subject_ids, &mut message.organization_ids] {
            ids.retain(|id| !id.is_empty());
            ids.sort_unstable();
            ids.dedup();
        }
        if message.subject_ids.is_empty() && message.organization_ids.is_empty() {
            return Ok(Self::default());
        }
        let mut client = DirectoryClient::new(call.surface.links.identity.clone());
        let found = client.resolve_names(call.own_request(message)?).await?;
        let found = found.into_inner();
        let subjects = found.subjects.into_iter();
        let organizations = found.organizations.into_iter();
        Ok(Self {
            subjects: subjects.map(|one| (one.subject_id.clone(), one)).collect(),
            organizations: organizations
                .map(|one| (one.organization_id, one.display_name))
                .collect(),
        })
    }

    fn organization(&self, id: &str) -> Option<String> {
        self.organizations.get(id).cloned()
    }

    fn target(&self, event: &AuditEvent) -> Option<String> {
        match event.target_kind.as_str() {
            "person" => self.person(&event.target_id),
            "organization" => self.organization(&event.target_id),
            _ => None,
        }
    }

    fn person(&self, id: &str) -> Option<String> {
        let found = self.subjects.get(id);
        found.and_then(|found| some(found.display_name.clone()))
    }
}

pub(super) fn admin_out(record: AuditRecord, names: &Names) -> AdminAuditEvent {
    let mut event = record.event.unwrap_or_default();
    let details = std::mem::take(&mut event.details);
    let detail = |name: &str| {
        let mut found = details.iter().filter(|detail| detail.name == name);
        found.next().map(|detail| detail.text.clone())
    };
    let actor = names.subjects.get(&event.actor_id);
    let target_name = names.target(&event);
    AdminAuditEvent {
        data: AdminAuditData {
            event_description: event.action,
            event_category: record.category,
            action_text: record.action_text,
            target_id: target(&event.target_kind, event.target_id),
            target_type: some(event.target_kind),
            target_name: target_name.or_else(|| detail("name")),
            target_org_name: names.organization(&event.organization_id),
            actor_name: names.person(&event.actor_id),
            actor_email: actor.and_then(|actor| some(actor.email.clone())),
            actor_org_name: names.organization(&event.actor_organization_id),
            actor_user_agent: detail("agent"),
            target_org_id: organization_out(&event.organization_id),
            actor_ip: some(event.address),
            tracking_id: some(record.tracking_id),
            error_code: some(event.reason),
        },
        created: time(record.occurred_at.as_ref()),
        actor_org_id: organization_out(&event.actor_organization_id),
        id: id::encode(Kind::AuditEvent, &record.event_id),
        actor_id: actor_out(event.actor_id, &event.client_id),
    }
}
