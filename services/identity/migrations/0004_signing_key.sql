-- Keys that sign access tokens. The newest one in force signs; all of them verify.
--
-- Nobody but this context's role can read the table. `sealed_by` is the door for encrypting the
-- private half under a key from outside of the database: it will name that key.
create table signing_key (
    key_id      text        primary key,
    generation  integer     not null unique check (generation > 0),
    private_key bytea       not null,
    public_key  bytea       not null check (length(public_key) = 32),
    sealed_by   text        check (sealed_by is null),
    created_at  timestamptz not null,
    in_force_at timestamptz not null
);
select kit_shared('signing_key', 'tokens of every tenant are signed with the same key');
