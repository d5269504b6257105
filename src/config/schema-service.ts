import { defaultAssets } from './default-assets.ts';
import {
  command,
  described,
  duration,
  flag,
  hostName,
  httpUrl,
  listOf,
  oneOf,
  record,
  type Schema,
  slashPath,
  switchedOff,
  text,
  textMap,
  whole,
} from './schema-parts.ts';

const probe: Schema = {
  anyOf: [
    slashPath,
    record({
      path: described(slashPath, 'Path and query asked; 200–299 is good, a redirect is not.', '/healthz'),
      interval: described(duration, 'Time between two probes.', '1s'),
      timeout: described(duration, 'An answer later than this is bad.', '1s'),
      successes: described(whole(1, 1000), 'Good answers in a row until it holds.', 2),
      failures: described(whole(1, 1000), 'Bad answers in a row until it does not.', 3),
    }),
  ],
  'x-expects': 'a path such as /healthz, or { path, interval, timeout, successes, failures }',
};

const migrate: Schema = record(
  {
    up: described(command, 'Migrates the schema up, before the candidate starts.'),
    down: described(command, 'Migrates it down again. Without it the migration is irreversible.'),
    compatible: described(
      flag,
      'Stable works on both schemas; required where both versions run at once.',
      false,
    ),
    lossless: described(
      flag,
      '`down` loses nothing written since `up`; only then may it run by itself.',
      false,
    ),
  },
  { required: ['up'] },
);

const metric: Schema = record({
  command: described(text, 'Shell command that prints a number or JSON. Either this or `url`.'),
  url: described(httpUrl, 'Address that answers with JSON. Either this or `command`.'),
  path: described(text, 'Where the number stands in the JSON answer of `url`, `data.value`.', 'value'),
  timeout: described(duration, 'An answer later than this is an error.', '10s'),
  direction: described(oneOf('more-is-bad', 'fewer-is-bad'), 'Which way is worse.', 'more-is-bad'),
  kind: described(
    oneOf('rate', 'mean'),
    '`rate`: a count since the last asking; `mean`: a level per interval.',
    'mean',
  ),
  interval: described(duration, 'Time between two measurements.', '30s'),
  maxAge: described(duration, 'A measurement older than this is stale.', '2m'),
  required: described(flag, 'No step is promoted without it.', false),
});

/** One entry of `services`. */
export const serviceSchema: Schema = record(
  {
    start: described(text, 'Shell command that starts one instance. It listens on `PORT`.'),
    env: described(textMap, 'Variables for each instance.', {}),
    secretEnv: described(
      listOf(text),
      'Variables of the controller handed on to each instance, never stored.',
      [],
    ),
    health: described(probe, 'Probe that says whether an instance is alive.', '/healthz'),
    ready: described(
      probe,
      'Probe that says whether it may have traffic. Its path defaults to that of `health`.',
    ),
    smoke: described(command, 'Command run against a candidate before it has traffic.'),
    startDeadline: described(duration, 'From start to ready.', '60s'),
    drainDeadline: described(duration, 'From SIGTERM to SIGKILL.', '30s'),
    migrate: described(migrate, 'Database migration that comes with a release.'),
    integrity: described(
      command,
      'Run before and after a migration and after a rollback; failing says that data is in doubt.',
    ),
    hosts: described(
      listOf(hostName),
      'Host names of this service; none means those of the environment.',
      [],
    ),
    pathPrefix: described(
      slashPath,
      'Requests below this path are for this service; the longest match wins.',
      '/',
    ),
    assets: described(
      {
        anyOf: [
          switchedOff,
          listOf({
            anyOf: [slashPath, oneOf('hashed')],
            'x-expects': 'a path that begins with /, or hashed',
          }),
        ],
        'x-expects': 'off, or a list of paths that begin with / and of the word hashed',
      },
      'Files that belong to one version: while two run, a 404 there is tried once on the other. `hashed` are names with a hash of their content.',
      defaultAssets,
    ),
    metrics: described(
      {
        type: 'object',
        additionalProperties: metric,
        propertyNames: {
          type: 'string',
          pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
          'x-expects': 'letters, digits and inner dots, hyphens and underscores',
        },
      },
      'Measurements from outside that take part in the analysis, by name.',
      {},
    ),
  },
  { required: ['start'] },
);
