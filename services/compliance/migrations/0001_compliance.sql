-- Lists, screenings and cases.

-- One row for each accepted file set. The highest version of a list is the one in use; nothing is
-- ever replaced, because a decision names the versions that it was made on (R-606).
create table list_version (
    list        text        not null check (list <> ''),
    version     bigint      not null check (version > 0),
    format      text        not null check (format in ('csl_csv', 'ofac_csv', 'operator_csv')),
    sha256      text        not null check (length(sha256) = 64),
    entries     integer     not null check (entries > 0),
    names       integer     not null check (names >= entries),
    imported_at timestamptz not null,
    imported_by text        not null,
    primary key (list, version)
);
select kit_shared('list_version', 'the lists are the same for all partners');

-- The bytes as they came. `place` is 0, or for OFAC 0 to 2: primary, aliases, addresses.
create table list_file (
    list    text     not null,
    version bigint   not null,
    place   smallint not null check (place >= 0),
    content bytea    not null,
    primary key (list, version, place),
    foreign key (list, version) references list_version
);
-- Packed files do not shrink any further.
alter table list_file alter column content set storage external;
select kit_shared('list_file', 'the lists are the same for all partners');

-- What an index version stands for: one row for each list that was in it.
create table index_list (
    index_version text        not null check (length(index_version) = 64),
    list          text        not null,
    version       bigint      not null,
    first_used_at timestamptz not null,
    primary key (index_version, list),
    foreign key (list, version) references list_version
);
select kit_shared('index_list', 'the lists are the same for all partners');

-- A case that a reviewer decides (R-603, R-604). What it is about stands in its screenings.
create table review_case (
    partner_id  uuid        not null,
    customer_id uuid        not null,
    case_id     uuid        not null,
    state       text        not null check (state in ('open', 'approved', 'rejected', 'expired')),
    opened_at   timestamptz not null,
    deadline    timestamptz not null check (deadline > opened_at),
    screened_at timestamptz not null,
    decided_at  timestamptz,
    decided_by  text        not null default '',
    reason      text        not null default '',
    primary key (partner_id, customer_id, case_id),
    check ((state = 'open') = (decided_at is null)),
    check ((state in ('approved', 'rejected')) = (decided_by <> '')),
    check ((state in ('approved', 'rejected')) = (reason <> ''))
);
-- One open case a customer: a second match adds to it.
create unique index review_case_open on review_case (partner_id, customer_id) where state = 'open';
create index review_case_due on review_case (deadline) where state = 'open';
create index review_case_id on review_case (case_id);
create index review_case_listing on review_case (opened_at, case_id);
select kit_protect('review_case');

-- Every screening, clear or not, with what was asked, on which lists, and what was found.
create table screening (
    partner_id      uuid        not null,
    customer_id     uuid        not null,
    screening_id    uuid        not null,
    entry           bigint      generated always as identity,
    idempotency_key text        not null check (idempotency_key <> ''),
    fingerprint     bytea       not null,
    party           jsonb       not null,
    index_version   text        not null,
    decision        text        not null check (decision in ('clear', 'review')),
    hits            jsonb       not null,
    case_id         uuid,
    screened_at     timestamptz not null,
    primary key (partner_id, customer_id, screening_id),
    foreign key (partner_id, customer_id, case_id) references review_case,
    check ((decision = 'review') = (case_id is not null)),
    check ((decision = 'review') = (jsonb_array_length(hits) > 0))
);
create unique index screening_key on screening (partner_id, customer_id, idempotency_key);
create index screening_case on screening (case_id, entry) where case_id is not null;
select kit_protect('screening');

-- Every end of a case: who, when, why, on which lists (R-606).
create table case_decision (
    partner_id    uuid        not null,
    customer_id   uuid        not null,
    case_id       uuid        not null,
    entry         bigint      generated always as identity,
    outcome       text        not null check (outcome in ('approved', 'rejected', 'expired')),
    decided_at    timestamptz not null,
    decided_by    text        not null,
    reason        text        not null,
    index_version text        not null,
    primary key (partner_id, customer_id, case_id),
    foreign key (partner_id, customer_id, case_id) references review_case
);
select kit_protect('case_decision');

-- Records are added, never changed: the service has no right to.
do $$
declare
    service text := 'entrepot_' || current_schema();
begin
    execute format('revoke update, delete on screening, case_decision, list_version, list_file, index_list from %I, %I',
        service, service || '_whole');
end $$;
