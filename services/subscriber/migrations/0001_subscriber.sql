-- Customers with what they may assign, their locations, their subscribers, and who held what when.
-- The subscriber's e-mail and number are unique across the platform (R-407, R-702): the only unique
-- indexes here that do not begin with the tenant.

-- What the provisioning context told us about a customer.
create table customer (
    partner_id        uuid        not null,
    customer_id       uuid        not null,
    organization_id   uuid        not null,
    external_id       text        not null,
    -- whether every base package that it began with has a calling seat (R-403)
    began_calling     boolean     not null,
    -- the base packages that it began with (R-403)
    began_with        text[]      not null,
    created_at        timestamptz not null,
    revoked_at        timestamptz,
    primary key (partner_id, customer_id)
);
-- not unique: provisioning decides about external ids, and may swap two of them in two steps
create index customer_external on customer (partner_id, external_id);
select kit_protect('customer');

-- The packages that a customer may assign, with what assignment needs to know of them (R-104, R-105).
create table entitled_package (
    partner_id   uuid    not null,
    customer_id  uuid    not null,
    name         text    not null,
    base         boolean not null,
    calling      boolean not null,
    assignable   boolean not null,
    requires_any text[]  not null,
    -- most units; 0 means no bound
    unit_limit   integer not null check (unit_limit >= 0),
    primary key (partner_id, customer_id, name),
    foreign key (partner_id, customer_id) references customer
);
select kit_protect('entitled_package');

-- Where calling seats are. `place` counts from 1; the first is the default.
create table location (
    partner_id  uuid        not null,
    customer_id uuid        not null,
    location_id uuid        not null,
    place       integer     not null check (place > 0),
    name        text        not null,
    line1       text        not null,
    line2       text        not null,
    city        text        not null,
    state       text        not null,
    postal_code text        not null,
    country     text        not null,
    timezone    text        not null,
    language    text        not null,
    created_at  timestamptz not null,
    primary key (partner_id, customer_id, location_id),
    foreign key (partner_id, customer_id) references customer
);
create unique index location_place on location (partner_id, customer_id, place);
select kit_protect('location');

-- One person's wholesale service. A removed one stays for its history and frees its e-mail, number
-- and extension (R-405).
create table subscriber (
    partner_id           uuid        not null,
    customer_id          uuid        not null,
    subscriber_id        uuid        not null,
    person_id            uuid        not null,
    email                text        not null check (email = lower(email)),
    first_name           text        not null,
    last_name            text        not null,
    -- the organization's full administrator (R-402, R-403)
    administrator        boolean     not null,
    status               text        not null check (status in ('provisioned', 'pending_user_migration')),
    location_id          uuid,
    primary_phone_number text        check (primary_phone_number ~ '^\+[1-9][0-9]{2,14}$'),
    extension            text        check (extension ~ '^[0-9]{2,10}$'),
    created_at           timestamptz not null,
    status_changed_at    timestamptz not null,
    -- the latest start or end of an assignment; the next one is never earlier
    assigned_at          timestamptz not null,
    removed_at           timestamptz,
    primary key (partner_id, customer_id, subscriber_id),
    foreign key (partner_id, customer_id) references customer,
    foreign key (partner_id, customer_id, location_id) references location,
    -- a number or an extension is at a location
    check (location_id is not null or (primary_phone_number is null and extension is null))
);
-- created first of the unique ones, so that a repeated creation is seen as just that
create unique index subscriber_email on subscriber (email) where removed_at is null;
create unique index subscriber_number on subscriber (primary_phone_number)
    where removed_at is null and primary_phone_number is not null;
create unique index subscriber_extension on subscriber (partner_id, customer_id, location_id, extension)
    where removed_at is null and extension is not null;
create index subscriber_id on subscriber (partner_id, subscriber_id);
create index subscriber_person on subscriber (partner_id, person_id) where removed_at is null;
create index subscriber_created on subscriber (partner_id, created_at, subscriber_id)
    where removed_at is null;
create index subscriber_changed on subscriber (partner_id, status_changed_at, subscriber_id)
    where removed_at is null;
create index subscriber_customer_created on subscriber (partner_id, customer_id, created_at, subscriber_id)
    where removed_at is null;
create index subscriber_customer_changed on subscriber (partner_id, customer_id, status_changed_at, subscriber_id)
    where removed_at is null;
select kit_protect('subscriber');

-- Who held which package when. Slot `base`, or the add-on's name: one at a time in each (R-101).
-- Rows are never changed once ended: they are what billing can be checked against.
create table assignment (
    partner_id    uuid        not null,
    customer_id   uuid        not null,
    subscriber_id uuid        not null,
    assignment_id uuid        not null,
    slot          text        not null,
    package       text        not null,
    location_id   uuid,
    started_at    timestamptz not null,
    ended_at      timestamptz check (ended_at >= started_at),
    primary key (partner_id, customer_id, subscriber_id, assignment_id),
    foreign key (partner_id, customer_id, subscriber_id) references subscriber
);
create unique index assignment_open on assignment (partner_id, customer_id, subscriber_id, slot)
    include (package) where ended_at is null;
create index assignment_holders on assignment (partner_id, customer_id, package) where ended_at is null;
select kit_protect('assignment');
