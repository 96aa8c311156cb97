-- What every context's schema holds besides its own tables: tenancy, durable operations, the event
-- feed and idempotency. Names are unqualified, so the tables land in the schema that is migrated.
-- The roles `entrepot_<schema>` and `entrepot_<schema>_whole` exist before (see `kit::migrate`).

-- Why a table has no tenant; read by the test that looks for forgotten tenant keys.
create table kit_shared_table (
    table_name text primary key,
    reason     text not null
);

-- Forces row-level security on a table: the service's role sees the tenant of its transaction, the
-- `_whole` role (workers, roll-ups) sees all.
create function kit_protect(target text) returns void
language plpgsql as $$
declare
    service text := 'entrepot_' || current_schema();
begin
    execute format('alter table %I enable row level security', target);
    execute format('alter table %I force row level security', target);
    execute format(
        'create policy tenant on %I to %I using (partner_id = (select nullif(current_setting(''entrepot.partner'', true), '''')::uuid))',
        target, service);
    execute format('create policy whole on %I to %I using (true)', target, service || '_whole');
    execute format('grant select, insert, update, delete on %I to %I, %I', target, service, service || '_whole');
end $$;

-- Opens a table that belongs to no tenant to the service.
create function kit_shared(target text, why text) returns void
language plpgsql as $$
declare
    service text := 'entrepot_' || current_schema();
begin
    insert into kit_shared_table values (target, why);
    execute format('grant select, insert, update, delete on %I to %I, %I', target, service, service || '_whole');
end $$;

-- Durable operations: a row is a state machine; `due_at` is also the lease.
create table operation (
    partner_id   uuid        not null,
    operation_id uuid        not null,
    kind         text        not null,
    subject_id   uuid        not null,
    state        text        not null check (state in ('running', 'undoing', 'done', 'undone', 'stuck')),
    step         text        not null,
    reached      text[]      not null default '{}',
    memory       jsonb       not null,
    problem      jsonb,
    attempt      integer     not null default 0,
    last_error   text,
    due_at       timestamptz not null,
    lease        bigint      not null default 0,
    traceparent  text        not null default '',
    created_at   timestamptz not null,
    changed_at   timestamptz not null,
    primary key (partner_id, operation_id)
);
create index operation_due on operation (due_at, operation_id) where state in ('running', 'undoing');
create unique index operation_live on operation (partner_id, subject_id) where state in ('running', 'undoing');
select kit_protect('operation');

-- What happened in an operation, for people.
create table operation_event (
    partner_id   uuid        not null,
    operation_id uuid        not null,
    entry        bigint      generated always as identity,
    step         text        not null,
    outcome      text        not null,
    detail       text        not null,
    occurred_at  timestamptz not null,
    primary key (partner_id, operation_id, entry)
);
select kit_protect('operation_event');

-- The outbox. `position` is null until the stamper has put the entry in its place.
create table feed_entry (
    partner_id  uuid        not null,
    event_id    uuid        not null,
    entry       bigint      generated always as identity,
    position    bigint,
    payload     bytea       not null,
    traceparent text        not null,
    occurred_at timestamptz not null,
    primary key (partner_id, event_id)
);
create unique index feed_entry_position on feed_entry (position) where position is not null;
create index feed_entry_unstamped on feed_entry (entry) where position is null;
create sequence feed_position;
select kit_protect('feed_entry');

-- How far this context has handled the feeds of others.
create table feed_cursor (
    feed     text   primary key,
    position bigint not null
);
select kit_shared('feed_cursor', 'a cursor stands for the whole feed of another context');

-- Idempotency keys, claimed in the transaction of the mutation.
create table idempotency (
    partner_id   uuid        not null,
    key          text        not null,
    fingerprint  bytea       not null,
    reference_id uuid        not null,
    created_at   timestamptz not null,
    primary key (partner_id, key)
);
create index idempotency_age on idempotency (created_at);
select kit_protect('idempotency');

do $$
declare
    service text := 'entrepot_' || current_schema();
begin
    execute format('grant usage on schema %I to %I, %I', current_schema(), service, service || '_whole');
    execute format('grant usage on sequence feed_position to %I, %I', service, service || '_whole');
    execute format('grant select on kit_shared_table to %I, %I', service, service || '_whole');
end $$;
