-- Identity providers of partners, who came through them, and round trips under way.

create table identity_provider (
    partner_id    uuid        not null,
    connection_id uuid        not null,
    protocol      text        not null check (protocol in ('saml', 'oidc')),
    name          text        not null check (name ~ '^[A-Za-z0-9._~-]{1,128}$'),
    state         text        not null default 'draft' check (state in ('draft', 'tested', 'active', 'disabled')),
    -- SAML: its EntityID; OIDC: its issuer
    entity_id     text        not null,
    -- endpoints, scopes, certificates with their ends, what is allowed: domain::provider::Settings
    settings      jsonb       not null,
    -- sealed: OIDC client secret / our SAML keys
    secrets       bytea       not null default '',
    metadata      bytea,
    metadata_url  text,
    next_refresh_at timestamptz,
    tested_at     timestamptz,
    version       integer     not null default 1,
    created_at    timestamptz not null,
    changed_at    timestamptz not null,
    primary key (partner_id, connection_id),
    unique (partner_id, protocol, entity_id)
);
-- R-1302: unique, whatever the case
create unique index identity_provider_name_once on identity_provider (lower(name));
create unique index identity_provider_id_once on identity_provider (connection_id);
create index identity_provider_refresh on identity_provider (next_refresh_at) where next_refresh_at is not null;
select kit_protect('identity_provider');

-- Frozen when the organization is created (R-205, R-1303): never read from a template at sign-in.
alter table organization add column authentication text not null default 'platform' check (authentication in ('platform', 'saml', 'oidc'));
alter table organization add column connection_id uuid;
alter table organization add constraint organization_connection
    foreign key (partner_id, connection_id) references identity_provider (partner_id, connection_id);
alter table organization add constraint organization_authentication check ((authentication = 'platform') = (connection_id is null));
create index organization_bound on organization (partner_id, connection_id) where connection_id is not null;
-- one administrator of a partner keeps a password, with a second factor (6.4)
alter table person add column local_sign_in boolean not null default false;

-- Who is who at a provider. The subject is never matched outside of its connection (S89).
create table federated_identity (
    partner_id      uuid        not null,
    organization_id uuid        not null,
    connection_id   uuid        not null,
    subject         text        not null check (subject <> ''),
    person_id       uuid        not null references person (person_id) on delete cascade,
    linked_at       timestamptz not null,
    seen_at         timestamptz not null,
    primary key (partner_id, organization_id, connection_id, subject),
    unique (partner_id, connection_id, subject),
    foreign key (partner_id, connection_id) references identity_provider (partner_id, connection_id) on delete cascade
);
create index federated_identity_person on federated_identity (person_id);
select kit_protect('federated_identity');
select kit_organization('federated_identity');

-- A browser that was sent to a provider and is to come back.
create table round_trip (
    state_hash    bytea       not null primary key check (length(state_hash) = 32),
    browser_hash  bytea       not null check (length(browser_hash) = 32),
    connection_id uuid        not null,
    -- request id or nonce, sealed PKCE verifier, whether it is a test, the sign-in's cookie hash
    memory        jsonb       not null,
    created_at    timestamptz not null,
    ends_at       timestamptz not null,
    used_at       timestamptz
);
create index round_trip_age on round_trip (ends_at);
select kit_shared('round_trip', 'a browser comes back before its tenant is known');

create index session_connection on session (partner_id, connection_id) where connection_id is not null;
