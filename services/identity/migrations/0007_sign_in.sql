-- People prove who they are: passwords, sign-ins under way, sessions, and what stops guessing.

create table password (
    partner_id      uuid        not null,
    organization_id uuid        not null,
    person_id       uuid        not null references person (person_id) on delete cascade,
    phc             text        not null check (phc like '$argon2id$%'),
    changed_at      timestamptz not null,
    primary key (partner_id, organization_id, person_id)
);
select kit_protect('password');
select kit_organization('password');

-- Handed over by an administrator, good once and not for long. SHA-256 of 100 random bits or more.
create table one_time_password (
    partner_id      uuid        not null,
    organization_id uuid        not null,
    person_id       uuid        not null references person (person_id) on delete cascade,
    secret_hash     bytea       not null check (length(secret_hash) = 32),
    purpose         text        not null check (purpose in ('first', 'reset', 'recovery')),
    created_by      text        not null,
    created_at      timestamptz not null,
    ends_at         timestamptz not null,
    primary key (partner_id, organization_id, person_id)
);
select kit_protect('one_time_password');
select kit_organization('one_time_password');

create table session (
    partner_id       uuid        not null,
    organization_id  uuid        not null,
    session_id       uuid        not null,
    person_id        uuid        not null references person (person_id) on delete cascade,
    secret_hash      bytea       not null check (length(secret_hash) = 32),
    methods          text[]      not null,
    authenticated_at timestamptz not null,
    -- through whose provider, and how it knows the person: for logout (slices 7, 8)
    connection_id    uuid,
    upstream         jsonb,
    created_at       timestamptz not null,
    seen_at          timestamptz not null,
    ends_at          timestamptz not null,
    address          text        not null default '',
    agent            text        not null default '',
    primary key (partner_id, organization_id, session_id)
);
create unique index session_secret_once on session (secret_hash);
create index session_person on session (person_id);
create index session_age on session (ends_at);
select kit_protect('session');
select kit_organization('session');

-- A sign-in under way. Nobody's yet: what it knows stands in `flow`.
create table sign_in (
    cookie_hash bytea       not null primary key check (length(cookie_hash) = 32),
    form_hash   bytea       not null check (length(form_hash) = 32),
    -- grows with every step: of two who take the same step one is late
    turn        integer     not null default 0,
    flow        jsonb       not null,
    created_at  timestamptz not null,
    ends_at     timestamptz not null
);
create index sign_in_age on sign_in (ends_at);
select kit_shared('sign_in', 'a sign-in begins before anybody knows whose it is');

-- Failures in a row. `subject` is the hash of an address as typed, so that unknown ones are counted alike.
create table attempt (
    subject    bytea       not null primary key check (length(subject) = 32),
    failures   integer     not null check (failures >= 0),
    changed_at timestamptz not null,
    locked_until timestamptz
);
create index attempt_age on attempt (changed_at);
select kit_shared('attempt', 'unknown addresses are counted like known ones');
