-- People and groups as a directory sends them (SCIM).

-- the name of a person in the client's directory, where it is not the address
alter table person add column user_name text check (user_name <> '');
-- what only directories tell, and nothing of ours depends on
alter table person add column directory jsonb not null default '{}';
create unique index person_user_name
    on person (partner_id, organization_id, lower(coalesce(user_name, email)));
-- a directory's own id of a person is unique where the directory is
create unique index person_external
    on person (partner_id, organization_id, external_id)
    where external_id <> '';

create table person_group (
    partner_id      uuid        not null,
    organization_id uuid        not null,
    group_id        uuid        not null,
    display_name    text        not null check (display_name <> ''),
    external_id     text        not null default '',
    version         integer     not null default 1,
    created_at      timestamptz not null,
    changed_at      timestamptz not null,
    primary key (partner_id, organization_id, group_id),
    foreign key (partner_id, organization_id) references organization (partner_id, organization_id)
);
create unique index person_group_name
    on person_group (partner_id, organization_id, lower(display_name));
create unique index person_group_external
    on person_group (partner_id, organization_id, external_id)
    where external_id <> '';
select kit_protect('person_group');
select kit_organization('person_group');

-- Who is in a group: people of the same organization, and of no other.
create table person_group_member (
    partner_id      uuid not null,
    organization_id uuid not null,
    group_id        uuid not null,
    person_id       uuid not null,
    primary key (partner_id, organization_id, group_id, person_id),
    foreign key (partner_id, organization_id, group_id)
        references person_group (partner_id, organization_id, group_id) on delete cascade,
    foreign key (partner_id, organization_id, person_id)
        references person (partner_id, organization_id, person_id) on delete cascade
);
create index person_group_member_person
    on person_group_member (partner_id, organization_id, person_id);
select kit_protect('person_group_member');
select kit_organization('person_group_member');
