//! `entrepot.identity.v1.Members`.

use std::sync::Arc;

use kit::{
    access::Role,
    auth::Caller,
    email::Email,
    fault::{Violations, reason},
    idempotency, page,
    time::to_proto,
};
use proto::identity::v1::{
    CreateMemberRequest, ListMembersRequest, ListMembersResponse, Member, MemberAddress,
    MemberPhone, MemberState, ReadMemberRequest, ReadOwnProfileRequest, ReplaceMemberRequest,
    members_server,
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{cursor, directory::next, given, uuid};
use crate::{
    app::{
        State,
        create_member::{Repeat, create_member},
        enter,
        list_members::{list_members, read_member, read_own},
        replace_member::{How, replace_member},
    },
    domain::{
        member::{self, Address, Names, Phone, Profile, Wanted},
        person::parse_email,
    },
    error::Error,
    store::member::Filter,
};

const READ: &str = "spark-admin:people_read";
const WRITE: &str = "spark-admin:people_write";
const OWN: &str = "spark:people_read";
/// Most people of a page.
const TOP: i64 = 1000;
/// Most ids that are asked for at once.
const MOST_IDS: usize = 85;
const MOST_ROLES: usize = 20;
const LONGEST_ID: usize = 256;

/// The service.
#[derive(Debug)]
pub(crate) struct Members(pub(crate) Arc<State>);

#[tonic::async_trait]
impl members_server::Members for Members {
    async fn list_members(
        &self,
        request: Request<ListMembersRequest>,
    ) -> Result<Response<ListMembersResponse>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(READ)?;
        let request = request.into_inner();
        let organization = place(&caller, &request.organization_id)?;
        let size = page::size(request.page_size, 100, TOP);
        let filter = filter(request, size)?;
        let (mut found, unknown) = list_members(&self.0, &caller, organization, &filter).await?;
        let next_page_token = next(&mut found, size, |one| one.id.uuid());
        Ok(Response::new(ListMembersResponse {
            members: found.into_iter().map(message).collect(),
            next_page_token,
            unknown_ids: unknown.iter().map(Uuid::to_string).collect(),
        }))
    }

    async fn read_member(
        &self,
        request: Request<ReadMemberRequest>,
    ) -> Result<Response<Member>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(READ)?;
        let id = uuid(&request.get_ref().person_id, "person")?;
        let found = read_member(&self.0, &caller, id).await?;
        Ok(Response::new(message(found)))
    }

    async fn read_own_profile(
        &self,
        request: Request<ReadOwnProfileRequest>,
    ) -> Result<Response<Member>, Status> {
        let caller = Caller::of(&request)?;
        let found = read_own(&self.0, &caller).await?;
        caller.require(OWN)?;
        Ok(Response::new(message(found)))
    }

    async fn create_member(
        &self,
        request: Request<CreateMemberRequest>,
    ) -> Result<Response<Member>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(WRITE)?;
        caller.require_active()?;
        let request = request.into_inner();
        let repeat = Repeat {
            fingerprint: idempotency::fingerprint(&request),
            key: request.idempotency_key,
        };
        let member = request.member.unwrap_or_default();
        let organization = place(&caller, &member.organization_id)?;
        let wanted = wanted(member, true)?;
        let made = create_member(&self.0, &caller, organization, wanted, repeat).await?;
        Ok(Response::new(message(made)))
    }

    async fn replace_member(
        &self,
        request: Request<ReplaceMemberRequest>,
    ) -> Result<Response<Member>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(WRITE)?;
        caller.require_active()?;
        let request = request.into_inner();
        let member = request.member.unwrap_or_default();
        let id = uuid(&member.person_id, "person")?;
        let how = How {
            version: member.version,
            keep_roles: request.keep_roles,
        };
        let wanted = wanted(member, false)?;
        let made = replace_member(&self.0, &caller, id, wanted, how).await?;
        Ok(Response::new(message(made)))
    }
}

/// The organization that is meant.
fn place(caller: &Caller, text: &str) -> Result<Uuid, Error> {
    match text {
        "" => Ok(enter::own(caller)),
        text => uuid(text, "organization"),
    }
}

fn filter(request: ListMembersRequest, size: i64) -> Result<Filter, Error> {
    let mut wrong = Violations::default();
    wrong.check(
        request.person_ids.len() <= MOST_IDS,
        "id",
        reason::TOO_LONG,
        "at most 85 ids at once",
    );
    wrong.check(
        request.roles.len() <= MOST_ROLES,
        "roles",
        reason::TOO_LONG,
        "at most 20 roles at once",
    );
    let ids = request.person_ids.iter().take(MOST_IDS);
    let ids: Vec<Option<Uuid>> = ids.map(|id| given(&mut wrong, "id", id)).collect();
    let email = request.email.trim();
    let asked = Email::parse(email);
    wrong.check(
        email.is_empty() || asked.is_some(),
        "email",
        reason::INVALID_EMAIL,
        "this is not an e-mail address",
    );
    Error::check(wrong)?;
    Ok(Filter {
        email: asked.map(|email| email.to_string()).unwrap_or_default(),
        name: request.display_name_prefix.trim().to_lowercase(),
        ids: ids.into_iter().flatten().collect(),
        roles: request.roles,
        after: cursor(&request.page_token)?,
        most: size + 1,
    })
}

/// Reads a person as wanted, and reports everything that is wrong.
fn wanted(member: Member, is_new: bool) -> Result<Wanted, Error> {
    let mut wrong = Violations::default();
    let (display, first) = (&member.display_name, &member.first_name);
    let names = Names::parse(&mut wrong, display, first, &member.last_name);
    let email = if is_new || !member.email.is_empty() {
        parse_email(&mut wrong, &member.email)
    } else {
        None
    };
    let roles: Vec<Option<Role>> = member
        .roles
        .iter()
        .take(MOST_ROLES)
        .enumerate()
        .map(|(n, code)| {
            let role = Role::parse(code);
            let field = format!("roles[{n}]");
            wrong.check(role.is_some(), &field, reason::INVALID, "no such role");
            role
        })
        .collect();
    let may_sign_in = match member.state() {
        MemberState::Unspecified => None,
        state => Some(state != MemberState::Disabled),
    };
    let external_id = wrong.optional_text("externalId", &member.external_id, LONGEST_ID);
    let mut profile = profile(member);
    profile.check(&mut wrong);
    Error::check(wrong)?;
    let mut roles: Vec<Role> = roles.into_iter().flatten().collect();
    roles.sort_unstable();
    roles.dedup();
    Ok(Wanted {
        email,
        names,
        may_sign_in,
        profile,
        external_id,
        roles,
        directory: None,
    })
}

fn profile(member: Member) -> Profile {
    let phone = |phone: MemberPhone| Phone {
        label: phone.label,
        number: phone.number,
        primary: phone.primary,
    };
    let address = |address: MemberAddress| Address {
        label: address.label,
        street: address.street,
        locality: address.locality,
        region: address.region,
        postal_code: address.postal_code,
        country: address.country,
    };
    Profile {
        nick_name: member.nick_name,
        phones: member.phones.into_iter().map(phone).collect(),
        title: member.title,
        department: member.department,
        manager: member.manager,
        manager_id: member.manager_id,
        time_zone: member.time_zone,
        locale: member.locale,
        avatar: member.avatar,
        addresses: member.addresses.into_iter().map(address).collect(),
    }
}

fn message(member: member::Member) -> Member {
    let state = match member.state {
        member::State::Invited => MemberState::Invited,
        member::State::Active => MemberState::Active,
        member::State::Disabled => MemberState::Disabled,
    };
    let phone = |phone: Phone| MemberPhone {
        label: phone.label,
        number: phone.number,
        primary: phone.primary,
    };
    let address = |address: Address| MemberAddress {
        label: address.label,
        street: address.street,
        locality: address.locality,
        region: address.region,
        postal_code: address.postal_code,
        country: address.country,
    };
    let profile = member.profile;
    Member {
        person_id: member.id.to_string(),
        organization_id: member.organization.to_string(),
        email: member.email,
        display_name: member.names.display,
        first_name: member.names.first,
        last_name: member.names.last,
        nick_name: profile.nick_name,
        roles: member
            .roles
            .iter()
            .map(|role| role.code().to_owned())
            .collect(),
        state: state.into(),
        phones: profile.phones.into_iter().map(phone).collect(),
        title: profile.title,
        department: profile.department,
        manager: profile.manager,
        manager_id: profile.manager_id,
        time_zone: profile.time_zone,
        locale: profile.locale,
        avatar: profile.avatar,
        addresses: profile.addresses.into_iter().map(address).collect(),
        external_id: member.external_id,
        created_at: Some(to_proto(member.created_at)),
        changed_at: Some(to_proto(member.changed_at)),
        version: member.version,
    }
}
