-- Messages of SAML providers that were used (S70, S71, S72): kept until they could be used no more.
create table saml_seen (
    -- SHA-256 of who made it and its id: ids are unique at who makes them, whatever connection they come to
    message_key bytea       not null primary key check (length(message_key) = 32),
    ends_at     timestamptz not null
);
create index saml_seen_age on saml_seen (ends_at);
select kit_shared('saml_seen', 'a replay is found before anybody is known');
