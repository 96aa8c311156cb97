-- What the billing context keeps: usage as intervals, projections of what it hears from its
-- neighbours, subscriptions and reports. Instants of usage are whole UTC seconds since the epoch:
-- sums of integers are exact, and a comparison of two bigints is the cheapest there is.

-- Assignments that are live. One per slot of a subscriber: a second start cannot hide the first.
create table usage_open (
    partner_id    uuid   not null,
    customer_id   uuid   not null,
    subscriber_id uuid   not null,
    slot          text   not null,
    assignment_id uuid   not null,
    person_id     uuid,
    workspace_id  uuid,
    location_id   uuid,
    package       text   not null,
    started       bigint not null,
    primary key (partner_id, customer_id, subscriber_id, slot)
);
select kit_protect('usage_open');

-- Assignments that ended; append-only, kept for five years at least (R-1410).
create table usage_closed (
    partner_id    uuid   not null,
    customer_id   uuid   not null,
    subscriber_id uuid   not null,
    slot          text   not null,
    started       bigint not null,
    ended         bigint not null,
    assignment_id uuid   not null,
    person_id     uuid,
    workspace_id  uuid,
    location_id   uuid,
    package       text   not null,
    primary key (partner_id, customer_id, subscriber_id, slot, started),
    check (ended > started)
);
-- A report of last month never touches the history before it.
create index usage_closed_ended on usage_closed (partner_id, ended);
select kit_protect('usage_closed');

-- Customers, as provisioning tells them. A removed one stays: its usage is still to be reported.
create table customer (
    partner_id      uuid    not null,
    customer_id     uuid    not null,
    organization_id uuid,
    external_id     text    not null,
    name            text    not null,
    billing_start   date,
    subscription_id text    not null,
    deleted         boolean not null,
    primary key (partner_id, customer_id)
);
select kit_protect('customer');

-- Partners, as identity tells them.
create table partner (
    partner_id uuid not null primary key,
    parent_id  uuid,
    name       text not null
);
select kit_protect('partner');

-- The sub-partners of a partner, kept with the parent so that it finds its own without looking at
-- anybody else's rows.
create table sub_partner (
    partner_id     uuid not null,
    sub_partner_id uuid not null,
    primary key (partner_id, sub_partner_id)
);
select kit_protect('sub_partner');

-- Packages, as the catalogue tells them.
create table package (
    name        text primary key,
    title       text not null,
    sku         text not null,
    description text not null
);
select kit_shared('package', 'the catalogue belongs to the operator and is the same for everyone');

-- Blanket subscriptions (R-1401). Lines and prices join them with invoices.
create table subscription (
    partner_id      uuid        not null,
    subscription_id text        not null,
    currency        text        not null check (currency ~ '^[A-Z]{3}$'),
    created_at      timestamptz not null,
    primary key (partner_id, subscription_id)
);
select kit_protect('subscription');

-- Reports (R-1405 to R-1408). Not unique by period: two that were asked for while neither was
-- complete may both complete; only a completed one stands in the way of the next (R-1406).
create table report (
    partner_id     uuid        not null,
    report_id      uuid        not null,
    level          text        not null check (level in ('PARTNER', 'CUSTOMER', 'USER')),
    first_day      date        not null,
    last_day       date        not null check (last_day >= first_day),
    sub_partner_id uuid,
    state          text        not null check (state in ('IN_PROGRESS', 'COMPLETED', 'FAILED')),
    errors         jsonb       not null default '[]',
    -- number of pieces, once all of them are there
    chunks         integer,
    created_by     text        not null,
    created_at     timestamptz not null,
    primary key (partner_id, report_id)
);
create index report_period on report (partner_id, first_day, last_day, level);
select kit_protect('report');

-- The files of reports in pieces, each a gzip stream of its own; they go with their report.
create table report_chunk (
    partner_id uuid    not null,
    report_id  uuid    not null,
    chunk      integer not null,
    content    bytea   not null,
    primary key (partner_id, report_id, chunk),
    foreign key (partner_id, report_id) references report on delete cascade
);
select kit_protect('report_chunk');

-- The secret that signs download links; one row, made on first use.
create table link_key (
    key_id text  primary key check (key_id = 'default'),
    secret bytea not null
);
select kit_shared('link_key', 'one secret signs the download links of all partners');
