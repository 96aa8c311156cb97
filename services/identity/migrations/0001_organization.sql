-- The tree of organizations: operator, partners, sub-partners, customers (R-1101).
--
-- A partner's organization is its own tenant: `partner_id = organization_id`. Two generated columns
-- let plain foreign keys say what else would need a trigger: they hold the id only on rows that may
-- be referred to in that role, so a row of another kind cannot be found there.
create table organization (
    partner_id        uuid        not null,
    organization_id   uuid        not null,
    kind              text        not null check (kind in ('operator', 'partner', 'customer')),
    parent_partner_id uuid,
    display_name      text        not null,
    country           text        not null check (country ~ '^[A-Z]{2}$'),
    locale            text        not null check (locale ~ '^[a-z]{2}_[A-Z]{2}$'),
    sip_domain        text,
    suspended         boolean     not null default false,
    created_at        timestamptz not null,
    -- Set where the organization may own others: it is a tenant.
    tenant_id         uuid        generated always as
        (case when kind <> 'customer' then organization_id end) stored,
    -- Set where the organization may have sub-partners: a partner without a parent.
    parent_id         uuid        generated always as
        (case when kind = 'partner' and parent_partner_id is null then organization_id end) stored,
    primary key (partner_id, organization_id),
    constraint organization_tenant unique (tenant_id),
    constraint organization_parent unique (parent_id),
    constraint organization_owner foreign key (partner_id) references organization (tenant_id),
    -- One level: a sub-partner has no `parent_id`, so nobody can name it as a parent.
    constraint organization_one_level
        foreign key (parent_partner_id) references organization (parent_id),
    constraint organization_owns_itself check ((kind = 'customer') <> (partner_id = organization_id)),
    constraint organization_only_partners_have_parents
        check (parent_partner_id is null or kind = 'partner'),
    constraint organization_only_sub_partners_are_suspended
        check (not suspended or parent_partner_id is not null),
    constraint organization_has_sip_domain check (kind = 'operator' or sip_domain is not null)
);
-- These three hold for the whole platform, so they cannot begin with the tenant.
create unique index organization_id_once on organization (organization_id);
create unique index organization_sip_domain_once on organization (sip_domain);
create unique index organization_one_operator on organization (kind) where kind = 'operator';
create index organization_children on organization (parent_partner_id)
    where parent_partner_id is not null;
select kit_protect('organization');
