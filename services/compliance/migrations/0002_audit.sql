-- Who did what, in all contexts: one chain of hashes for each tenant. Rows are added, never changed.

-- The end of a tenant's chain. Its lock orders the additions.
create table audit_chain (
    partner_id uuid        not null primary key,
    length     bigint      not null check (length >= 0),
    head       bytea       not null check (length(head) = 32),
    changed_at timestamptz not null
);
select kit_protect('audit_chain');

create table audit_event (
    partner_id      uuid        not null,
    sequence        bigint      not null check (sequence > 0),
    event_id        uuid        not null,
    context         text        not null check (context <> ''),
    occurred_at     timestamptz not null,
    recorded_at     timestamptz not null,
    -- of the request that caused it; empty where none did
    tracking_id     text        not null,
    -- what can be asked for; the same stands in `content`, and verification compares
    action          text        not null check (action <> ''),
    actor_id        text        not null,
    organization_id uuid,
    -- entrepot.common.v1.AuditEvent as it came; the hash is over it and the columns before it
    content         bytea       not null,
    hash            bytea       not null check (length(hash) = 32),
    primary key (partner_id, sequence),
    unique (partner_id, event_id)
);
create index audit_event_time on audit_event (partner_id, occurred_at desc, event_id desc);
create index audit_event_actor on audit_event (partner_id, actor_id, occurred_at desc, event_id desc)
    where actor_id <> '';
create index audit_event_organization
    on audit_event (partner_id, organization_id, occurred_at desc, event_id desc)
    where organization_id is not null;
select kit_protect('audit_event');
select kit_organization('audit_event');

do $$
declare
    service text := 'entrepot_' || current_schema();
begin
    execute format('revoke update, delete, truncate on audit_event from %I, %I', service, service || '_whole');
    execute format('revoke delete, truncate on audit_chain from %I, %I', service, service || '_whole');
end $$;
