-- What people are, what they may do where, and who manages whom.

alter table organization add column version integer not null default 1;
alter table organization add column changed_at timestamptz;
-- row-level security is forced on the owner too
set local role entrepot_identity_whole;
update organization set changed_at = created_at;
reset role;
alter table organization alter column changed_at set not null;
select kit_organization('organization');
create index organization_listing on organization (partner_id, organization_id);

alter table person add column state text not null default 'active' check (state in ('invited', 'active', 'disabled'));
alter table person add column display_name text not null default '';
-- what else is told of people and that nothing of ours depends on: telephone numbers, title,
-- department, addresses, time zone
alter table person add column profile jsonb not null default '{}';
alter table person add column external_id text not null default '';
alter table person add column version integer not null default 1;
alter table person add column changed_at timestamptz;
set local role entrepot_identity_whole;
update person set changed_at = created_at, display_name = first_name || ' ' || last_name;
reset role;
alter table person alter column changed_at set not null;
alter table person alter column display_name drop default;
create index person_name on person (partner_id, organization_id, lower(display_name) text_pattern_ops);
select kit_organization('person');

-- A role that somebody holds in an organization (R-1201, R-1202). Codes are those of `kit::access`.
create table role_grant (
    partner_id      uuid        not null,
    organization_id uuid        not null,
    person_id       uuid        not null references person (person_id) on delete cascade,
    role            text        not null check (role <> ''),
    -- who gave it; empty for the platform itself
    granted_by      text        not null,
    granted_at      timestamptz not null,
    ends_at         timestamptz,
    primary key (partner_id, organization_id, person_id, role),
    foreign key (partner_id, organization_id) references organization (partner_id, organization_id)
);
create index role_grant_person on role_grant (person_id);
select kit_protect('role_grant');
select kit_organization('role_grant');
-- the first person of an organization administers it (R-402)
set local role entrepot_identity_whole;
insert into role_grant (partner_id, organization_id, person_id, role, granted_by, granted_at)
select p.partner_id, p.organization_id, p.person_id, first.role, '', p.created_at
from person p
join organization o using (partner_id, organization_id)
join (values ('operator', 'operator_admin'),
             ('partner', 'partner_full_admin'),
             ('partner', 'wholesale_admin'),
             ('customer', 'customer_full_admin')) as first (kind, role) on first.kind = o.kind
where p.administrator;
reset role;

-- Who manages an organization (R-1104, R-502). Beside the tree: an attached organization may be managed
-- and not owned.
create table management (
    partner_id      uuid        not null,
    organization_id uuid        not null,
    manager_id      uuid        not null references organization (tenant_id),
    kind            text        not null check (kind in ('full', 'provisioning')),
    granted_by      text        not null,
    since           timestamptz not null,
    until           timestamptz check (until > since),
    primary key (partner_id, organization_id, manager_id),
    foreign key (partner_id, organization_id) references organization (partner_id, organization_id),
    check (manager_id <> organization_id)
);
create index management_manager on management (manager_id, organization_id);
select kit_protect('management');
select kit_organization('management');
set local role entrepot_identity_whole;
insert into management (partner_id, organization_id, manager_id, kind, granted_by, since)
select partner_id, organization_id, partner_id, 'full', '', created_at
from organization
where kind = 'customer'
union all
select c.partner_id, c.organization_id, p.parent_partner_id, 'full', '', c.created_at
from organization c
join organization p on p.tenant_id = c.partner_id
where c.kind = 'customer' and p.parent_partner_id is not null
union all
select partner_id, organization_id, parent_partner_id, 'full', '', created_at
from organization
where parent_partner_id is not null;
reset role;
