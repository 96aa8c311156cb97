-- Clients that ask for tokens with their own credentials.
create table client (
    partner_id   uuid        not null references organization (tenant_id),
    client_id    text        not null,
    kind         text        not null check (kind in ('operator', 'partner', 'reviewer', 'service')),
    display_name text        not null,
    -- SHA-256 of the secret. The secret has 256 bits of its own, so there is nothing to guess and no
    -- slow password hash is needed.
    secret_hash  bytea       not null check (length(secret_hash) = 32),
    scopes       text[]      not null,
    created_at   timestamptz not null,
    primary key (partner_id, client_id)
);
-- A client signs in by its id alone, before its tenant is known.
create unique index client_id_once on client (client_id);
select kit_protect('client');
