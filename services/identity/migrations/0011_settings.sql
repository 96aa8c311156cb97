-- Settings of organizations that decide on rights (R-1001, R-1005). Without a row a customer is restricted
-- by its partner, and nothing else is set.
create table organization_setting (
    partner_id                     uuid        not null,
    organization_id                uuid        not null,
    restricted_by_partner          boolean     not null,
    enterprise_settings_restricted boolean     not null default false check (hybrid or not enterprise_settings_restricted),
    third_party_devices            boolean     not null default false,
    -- holds another subscription too (R-1005)
    hybrid                         boolean     not null default false,
    changed_at                     timestamptz not null,
    primary key (partner_id, organization_id),
    foreign key (partner_id, organization_id) references organization (partner_id, organization_id)
);
select kit_protect('organization_setting');
select kit_organization('organization_setting');
