-- Inside of a tenant: a transaction that names an organization sees that organization's rows only.
create function kit_organization(target text) returns void
language plpgsql as $$
begin
    execute format(
        'create policy organization on %I as restrictive to %I using (
            (select nullif(current_setting(''entrepot.organization'', true), '''')::uuid) is null
            or organization_id = (select nullif(current_setting(''entrepot.organization'', true), '''')::uuid))',
        target, 'entrepot_' || current_schema());
end $$;
