-- Templates, customers with their packages, screening outcomes, sub-partners and settings.
-- The tenant leads every key; what belongs to a customer has its id second.

-- Onboarding templates (R-201, R-202).
create table template (
    partner_id                uuid        not null,
    template_id               uuid        not null,
    provisioning_id           uuid        not null,
    name                      text        not null,
    country                   text        not null,
    region                    text        not null check (region in ('AMER', 'APAC', 'ANZ', 'EMEA', 'EURO')),
    service_provider_admin    text        not null,
    language                  text        not null,
    subscription_id           text        not null,
    pstn_provider             text        not null,
    authentication_mode       text        not null check (authentication_mode in ('platform', 'partner_saml', 'partner_oidc')),
    identity_provider         text        not null,
    brand_name                text        not null,
    allow_admin_invite_emails boolean     not null,
    internal_calls_disabled   boolean     not null,
    unrestricted              boolean     not null,
    created_at                timestamptz not null,
    changed_at                timestamptz not null,
    primary key (partner_id, template_id)
);
create unique index template_provisioning on template (partner_id, provisioning_id);
create index template_age on template (partner_id, created_at, template_id);
select kit_protect('template');

-- Customers (R-301). The id of a new organization is chosen when the customer is accepted, so that making
-- it can be repeated; `organization_ready` says that there is one. A removed customer stays as a
-- row without a name in any list, and its external id is free again (R-310).
create table customer (
    partner_id              uuid        not null,
    customer_id             uuid        not null,
    external_id             text        not null,
    organization_id         uuid        not null,
    organization_ready      boolean     not null default false,
    template_id             uuid        not null,
    subscription_id         text        not null,
    name                    text        not null,
    primary_email           text        not null,
    locale                  text        not null,
    address                 jsonb       not null,
    location                jsonb,
    meetings_timezone       text        not null,
    terms                   jsonb       not null,
    sub_partner_admin_email text        not null,
    billing_start_date      date,
    status                  text        not null check (status in (
        'provisioning', 'pending_rpl_review', 'provisioned', 'provisioned_with_errors',
        'updating', 'deleting', 'error')),
    errors                  jsonb       not null default '[]',
    fingerprint             bytea       not null,
    operation_id            uuid        not null,
    created_at              timestamptz not null,
    changed_at              timestamptz not null,
    removed_at              timestamptz,
    primary key (partner_id, customer_id),
    foreign key (partner_id, template_id) references template (partner_id, template_id)
);
-- one live customer per external id (R-312)
create unique index customer_external on customer (partner_id, external_id) where removed_at is null;
-- the order of lists, with what most filters ask for
create index customer_age on customer (partner_id, created_at, customer_id)
    include (status, organization_id) where removed_at is null;
-- an organization has the wholesale service once (R-408)
create unique index customer_organization on customer (partner_id, organization_id)
    where removed_at is null;
-- for the foreign key: a template is refused deletion once it was used
create index customer_template on customer (partner_id, template_id);
select kit_protect('customer');

-- The packages that a customer is entitled to (R-104).
create table customer_package (
    partner_id  uuid    not null,
    customer_id uuid    not null,
    package     text    not null,
    ordinal     integer not null,
    status      text    not null check (status in ('provisioning', 'provisioned', 'deleting', 'error')),
    license_id  uuid    not null,
    unit_limit  integer check (unit_limit >= 0),
    warnings    jsonb   not null default '[]',
    errors      jsonb   not null default '[]',
    primary key (partner_id, customer_id, package),
    foreign key (partner_id, customer_id) references customer (partner_id, customer_id)
);
select kit_protect('customer_package');

-- What the reviewers decided, as the compliance feed tells it (R-604). It may arrive before the
-- operation that waits for it has written down that it waits.
create table screening_outcome (
    partner_id  uuid        not null,
    customer_id uuid        not null,
    case_id     uuid        not null,
    outcome     text        not null check (outcome in ('approved', 'rejected', 'expired')),
    decided_by  text        not null,
    occurred_at timestamptz not null,
    primary key (partner_id, customer_id, case_id)
);
select kit_protect('screening_outcome');

-- Sub-partners as their parent sees them (R-1102). `ready` is set once the organization and its
-- administrator exist; until then a repeat of the set-up continues it.
create table sub_partner (
    partner_id         uuid        not null,
    organization_id    uuid        not null,
    name               text        not null,
    admin_email        text        not null,
    admin_first_name   text        not null,
    admin_last_name    text        not null,
    subscription_id    text        not null,
    billing_start_date date        not null,
    state              text        not null check (state in ('active', 'suspended')),
    ready              boolean     not null,
    created_at         timestamptz not null,
    primary key (partner_id, organization_id)
);
create index sub_partner_age on sub_partner (partner_id, created_at, organization_id) where ready;
select kit_protect('sub_partner');

-- The same terms as the sub-partner itself sees them: its parent and the subscription that it
-- shares, without a look into the parent's rows (R-206, R-1101).
create table partner_terms (
    partner_id        uuid not null primary key,
    parent_partner_id uuid not null,
    subscription_id   text not null
);
select kit_protect('partner_terms');

-- Switches of a partner that are off unless a row says otherwise, for example
-- `enable_wholesale_delayed_billing` (R-307).
create table partner_setting (
    partner_id uuid    not null,
    name       text    not null,
    enabled    boolean not null,
    primary key (partner_id, name)
);
select kit_protect('partner_setting');
