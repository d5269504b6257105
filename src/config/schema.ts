import { permissions } from '../policy/policy.ts';
import { environmentSchema } from './schema-environment.ts';
import {
  channel,
  described,
  duration,
  listOf,
  oneOf,
  record,
  type Schema,
  shortName,
  text,
  triggers,
  whole,
} from './schema-parts.ts';
import { serviceSchema } from './schema-service.ts';

const role: Schema = record(
  {
    members: described(listOf(text), 'User names; `*` is everybody on this machine.'),
    may: described(listOf(oneOf(...permissions)), 'What they may do.', permissions),
  },
  { required: ['members'] },
);

const body: Schema = record(
  {
    project: described(
      {
        type: 'string',
        pattern: '^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}$',
        'x-expects':
          'up to 63 letters, digits, spaces, dots, hyphens and underscores, the first a letter or digit',
      },
      'Name of the project.',
    ),
    include: described(
      { anyOf: [text, listOf(text)], 'x-expects': 'a file, or a list of files' },
      'Further files, relative to this one, that are laid over each other. One key with two values is an error.',
      [],
    ),
    services: described(
      { type: 'object', propertyNames: shortName, additionalProperties: serviceSchema, minProperties: 1 },
      'The deployable parts, by name.',
    ),
    environments: described(
      { type: 'object', propertyNames: shortName, additionalProperties: environmentSchema },
      'Where releases run, by name. `production` is always there.',
    ),
    roles: described(
      { type: 'object', additionalProperties: role },
      'Who may do what, by name of the role. Without this key everybody who can reach the state directory may do everything.',
    ),
    timeZone: described(text, 'IANA time zone of windows and freezes.', 'UTC'),
    triggers: described(triggers, 'Rollback triggers of every environment that does not set its own.'),
    notices: described(listOf(channel), 'Notices of every environment that does not set its own.', [
      'terminal',
    ]),
    reports: described(text, 'Folder of the reports. Default `01-Projects/<Project>/Deployments`.'),
    workAssigner: described(
      channel,
      'Where bug reports go. Default the folder `01-Projects/<Project>/Inbox`.',
    ),
    qaInbox: described(channel, 'Where returns to QA go. Default the folder QA/Inbox.'),
    retention: described(
      record({
        releases: described(
          whole(1, 1000),
          'Earlier releases of each target that can be rolled back to.',
          10,
        ),
        age: described(
          duration,
          'Younger artifacts, evidence and records stay as well, and what a run of documents left until it has ended so long ago.',
          '30d',
        ),
      }),
      'What is kept in the state directory. What runs, waits or is warm always is, and the evidence of open incidents.',
    ),
    router: described(
      record({
        engine: described(
          oneOf('fast', 'standard'),
          'What carries the bytes: `fast` reads heads by itself, `standard` is the HTTP server of Node, slower, to fall back to.',
          'fast',
        ),
      }),
      'The router of this project.',
    ),
    contacts: described(
      record({
        primary: described(text, 'Who is called first.'),
        secondary: described(text, 'Who is called next.'),
      }),
      'Named in plans and escalations; one that is a web address is also sent the escalation.',
    ),
  },
  { required: ['project', 'services'] },
);

/** The form of `sluice.yml`. `schema/sluice.schema.json` is this value, printed; a test holds them together. */
export const sluiceSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://sluice.invalid/schema/sluice.schema.json',
  title: 'sluice.yml',
  ...body,
};
