-- The catalogue is data (R-105): what a fresh installation sells. This file is the only place that
-- names a package; the code asks for features. To add or amend one, write the row and set
-- `announced_at` to null: the next start tells it to the other contexts.
create table package (
    name         text        primary key,
    ordinal      integer     not null,
    title        text        not null,
    sku          text        not null unique,
    description  text        not null,
    kind         text        not null check (kind in ('base', 'add_on', 'customer')),
    calling      boolean     not null,
    meetings     boolean     not null,
    requires_any text[]      not null default '{}',
    aliases      text[]      not null default '{}',
    announced_at timestamptz
);
select kit_shared('package', 'the catalogue is the operator''s and the same for every partner');

insert into package (ordinal, name, title, sku, description, kind, calling, meetings, requires_any, aliases) values
( 10, 'common_area_calling', 'Common Area', 'ENT-CALL-COMMON',
  'Calling for shared places: hallway and door phones', 'customer', true, false, '{}', '{}'),
( 20, 'webex_calling_standard', 'Standard Calling', 'ENT-CALL-STD',
  'Calling on one device, without call queues, recording, virtual lines or shared call appearance',
  'base', true, false, '{}', '{}'),
( 30, 'webex_voice', 'Enhanced Calling', 'ENT-CALL-ENH',
  'Calling only, on a soft phone or a device', 'base', true, false, '{}', '{}'),
( 40, 'webex_calling', 'Calling', 'ENT-CALL-PRO',
  'Full calling, messaging and basic meetings', 'base', true, true, '{}', '{}'),
( 50, 'cx_essentials', 'Customer Assist', 'ENT-CX-ASSIST',
  'Calling with agent and supervisor features, messaging and basic meetings',
  'base', true, true, '{}', '{customer_assist}'),
( 60, 'webex_suite', 'Suite', 'ENT-SUITE',
  'Full calling, messaging and meetings with up to 1000 participants', 'base', true, true, '{}', '{}'),
( 70, 'webex_meetings', 'Meetings', 'ENT-MEET',
  'Messaging and meetings with up to 1000 participants', 'base', false, true, '{}', '{}'),
( 80, 'attendant_console', 'Attendant Console', 'ENT-ADD-ATTENDANT',
  'Console for receptionists, on top of a calling package', 'add_on', false, false,
  '{webex_calling,webex_suite,cx_essentials}', '{}'),
( 90, 'cisco_calling_plan', 'Calling Plan', 'ENT-ADD-PSTN',
  'Calls to and from the public telephone network, by the operator', 'customer', false, false,
  '{common_area_calling,webex_calling_standard,webex_voice,webex_calling,cx_essentials,webex_suite}', '{}'),
(100, 'cx_premium_agent', 'Contact Centre Premium Agent', 'ENT-CX-PREMIUM',
  'Contact centre agent with digital channels', 'base', false, false, '{}', '{}'),
(110, 'cx_standard_agent', 'Contact Centre Standard Agent', 'ENT-CX-STANDARD',
  'Contact centre agent for voice', 'base', false, false, '{}', '{}'),
(120, 'cx_voice_ports', 'Contact Centre Voice Ports', 'ENT-CX-PORTS',
  'Interactive voice response ports', 'customer', false, false, '{}', '{}'),
(130, 'cx_ai_assistant', 'Contact Centre AI Assistant', 'ENT-CX-AI',
  'Assistance for contact centre agents', 'customer', false, false, '{}', '{}'),
(140, 'webex_ai_agent', 'AI Agent', 'ENT-AI-AGENT',
  'Automated agent for voice and chat', 'customer', false, false, '{}', '{}');
