-- People. An address belongs to at most one organization of the whole platform (R-407): the unique
-- index sees all tenants although row-level security shows a service only one.
create table person (
    partner_id      uuid        not null,
    organization_id uuid        not null,
    person_id       uuid        not null,
    email           text        not null check (email = lower(email)),
    first_name      text        not null,
    last_name       text        not null,
    administrator   boolean     not null,
    created_at      timestamptz not null,
    primary key (partner_id, organization_id, person_id),
    foreign key (partner_id, organization_id) references organization (partner_id, organization_id)
);
create unique index person_email_once on person (email);
create unique index person_id_once on person (person_id);
select kit_protect('person');
