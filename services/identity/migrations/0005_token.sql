-- Tokens that can be taken back, keys that change by themselves and are sealed.

alter table signing_key drop constraint signing_key_public_key_check;
alter table signing_key drop constraint signing_key_sealed_by_check;
alter table signing_key drop constraint signing_key_generation_key;
alter table signing_key add column algorithm text not null default 'EdDSA' check (algorithm in ('EdDSA', 'ES256'));
alter table signing_key add column retired_at timestamptz;
alter table signing_key alter column algorithm drop default;
alter table signing_key add constraint signing_key_generation unique (algorithm, generation);
comment on column signing_key.sealed_by is 'id of the key that sealed the private half; null only for keys made before there was one';

-- What is no longer good although it has not ended. Kept only as long as a token that it concerns could live.
create table revocation (
    partner_id uuid        not null,
    kind       text        not null check (kind in ('token', 'session', 'person', 'client', 'organization', 'partner')),
    key        text        not null check (key <> ''),
    not_before timestamptz not null,
    until      timestamptz not null check (until > not_before),
    primary key (partner_id, kind, key)
);
create index revocation_age on revocation (until);
select kit_protect('revocation');
