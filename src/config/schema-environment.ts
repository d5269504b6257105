import { strategyKinds } from '../rollout/strategy.ts';
import {
  channel,
  command,
  described,
  duration,
  flag,
  hostName,
  listOf,
  numeric,
  oneOf,
  rate,
  record,
  type Schema,
  share,
  switched,
  text,
  textMap,
  triggers,
  whole,
} from './schema-parts.ts';

const condition: Schema = record(
  {
    name: described(text, 'Name of the header or cookie.'),
    equals: described({ type: 'string' }, 'The whole value.'),
    matches: described(text, 'A regular expression that the value matches.'),
  },
  { required: ['name'] },
);

const affinity: Schema = {
  anyOf: [
    oneOf('none', 'cookie'),
    record(
      {
        cookie: described(text, 'Name of a cookie that the router sets.'),
        header: described(text, 'Name of a request header whose hash decides.'),
      },
      { minProperties: 1, maxProperties: 1 },
    ),
  ],
  'x-expects': 'none, cookie, { cookie: NAME } or { header: NAME }',
};

const step: Schema = {
  anyOf: [
    oneOf('analyze', 'pause'),
    record(
      {
        setWeight: described(share, 'Share of the requests for the candidate.'),
        mirror: described(
          {
            anyOf: [
              share,
              record({
                share: described(share, 'Of the safe requests without a body (GET, HEAD, OPTIONS).', '10%'),
                bake: described(duration, 'At least this long.', '1m'),
                deadline: described(
                  duration,
                  'With doubt it goes on until then, and `lowTraffic` decides.',
                  '15m',
                ),
              }),
            ],
            'x-expects': 'a percentage such as 10%, or { share, bake, deadline }',
          },
          'Copies of requests are tried on the candidate, before the first weight; their answers are thrown away.',
        ),
        analyze: described(
          record({
            bake: described(duration, 'At least this long, however safe it looks.', '1m'),
            deadline: described(duration, 'Then inconclusive, and `lowTraffic` decides.', '15m'),
          }),
          'Waits for a verdict.',
        ),
        pause: described(
          {
            anyOf: [duration, oneOf('until-resumed')],
            'x-expects': 'a duration such as 5m, or until-resumed',
          },
          'Waits for so long, or until somebody resumes.',
        ),
        approve: described({ ...listOf(text), minItems: 1 }, 'Roles of which each must approve once.'),
        run: described(command, 'Command that must end with exit code 0.'),
      },
      { minProperties: 1, maxProperties: 1 },
    ),
  ],
  'x-expects':
    'analyze, pause, or one of { mirror }, { setWeight }, { analyze }, { pause }, { approve }, { run }',
};

const strategy: Schema = {
  anyOf: [
    oneOf(...strategyKinds),
    record(
      {
        kind: described(oneOf(...strategyKinds), 'Which strategy.'),
        steps: described(
          listOf(step),
          'canary, blue-green: what happens in order. Default for canary: 5, 25 and 50 %, each with analyze; for blue-green none.',
        ),
        holdback: described(share, 'canary: share kept on stable until the soak ends.', '5%'),
        batch: described(whole(1, 1000), 'rolling: instances replaced at once.', 1),
        bake: described(duration, 'rolling: watched after each batch.', '1m'),
        match: described(
          listOf(
            record(
              {
                header: described(condition, 'A condition on a request header.'),
                cookie: described(condition, 'A condition on a cookie.'),
              },
              { minProperties: 1 },
            ),
          ),
          'ab: who meets the candidate; all conditions of a rule hold, any rule suffices.',
          [],
        ),
        weight: described(
          share,
          'ab: share of the requests that no rule matches. Default 50 % without rules, 0 with.',
        ),
        affinity: described(affinity, 'ab: how a user is kept on one side.', 'cookie'),
        duration: described(duration, 'ab: how long the arms are compared.', '1h'),
        goal: described(text, 'ab: name of a metric, or `errors`.', 'errors'),
      },
      { required: ['kind'] },
    ),
  ],
  'x-expects': `one of ${strategyKinds.join(', ')}, or { kind, … }`,
};

const clockTime: Schema = {
  type: 'string',
  pattern: '^(?:(?:[01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)$',
  'x-expects': 'a time of day such as 09:00',
};
const day: Schema = {
  type: 'string',
  pattern: '^(?:mon|tue|wed|thu|fri|sat|sun)(?:-(?:mon|tue|wed|thu|fri|sat|sun))?$',
  'x-expects': 'a day or a span of days: mon, tue, wed, thu, fri, sat, sun, mon-fri',
};
const zone = described(text, 'IANA time zone, `Europe/Berlin`. Default: `timeZone` of the project.');
const moment: Schema = {
  type: 'string',
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?$',
  'x-expects': 'a date or date and time, such as 2026-12-20 or 2026-12-20T18:00',
};

const window: Schema = record({
  days: described(
    { anyOf: [day, listOf(day)], 'x-expects': 'mon-fri, or a list of days' },
    'Days on which the window begins.',
    'mon-sun',
  ),
  from: described(clockTime, 'Begin.', '00:00'),
  to: described(clockTime, 'End, itself outside; before `from` it is on the next day.', '24:00'),
  timeZone: zone,
});
const freeze: Schema = record(
  {
    from: described(moment, 'First moment without deployments. A bare date is its midnight.'),
    to: described(moment, 'First moment with deployments again.'),
    reason: described(text, 'Shown to whoever is refused.', 'freeze'),
    timeZone: zone,
  },
  { required: ['from', 'to'] },
);

const analysis: Schema = record({
  alpha: described(numeric(1e-6, 0.5), 'Chance that an equal candidate is ever failed.', 0.01),
  beta: described(
    numeric(1e-6, 0.5),
    'Chance that a candidate worse than the safety margin is called safe.',
    0.05,
  ),
  warmup: described(
    duration,
    'After the first request of an instance, or of one that was restarted; latency and saturation are not judged.',
    '60s',
  ),
  block: described(duration, 'Length of a block of the onset prior.', '5s'),
  horizonBlocks: described(
    whole(1, 100_000),
    'Blocks over which the uniform part of the onset prior is spread.',
    360,
  ),
  weights: described(
    record({
      errors: described(numeric(0, 1), 'Errors.', 0.5),
      latency: described(numeric(0, 1), 'Latency.', 0.3),
      others: described(numeric(0, 1), 'Everything else together.', 0.2),
    }),
    'Weights in the combined evidence; together 1.',
  ),
  harmTolerance: described(numeric(1, 100), 'Odds ratio up to which a candidate is not harmful.', 1.09),
  safetyTolerance: described(numeric(1, 100), 'Odds ratio that safety must exclude.', 1.41),
  safetyMargin: described(
    record({
      ratio: described(numeric(1, 100), 'Factor on the rate of stable.', 1.5),
      absolute: described(rate, 'Added to it.', '0.5%'),
    }),
    'Rates that safety must exclude.',
  ),
  promoteHarmLimit: described(numeric(1, 1e6), 'Harm evidence above which no step is promoted.', 10),
  guards: described(
    record({
      errorRatio: described(numeric(1, 100), 'Candidate rate over stable rate.', 1.1),
      errorAbsolute: described(rate, 'Candidate rate minus stable rate.', '0.05%'),
      minBad: described(whole(0, 1_000_000), 'Bad requests of the candidate.', 3),
      latencyMinBeyond: described(
        whole(0, 1_000_000),
        'Candidate requests beyond the quantile of stable.',
        3,
      ),
      latencyMin: described(duration, 'Change of the quantile.', '5ms'),
    }),
    'Effects too small to act on.',
  ),
  requireLatency: described(flag, 'No step is promoted without evidence about latency.', false),
  saturation: described(flag, 'CPU per request and memory per instance are compared as well.', true),
});

const limits: Schema = record({
  headBytes: described(whole(1024, 1_048_576), 'Largest request head, bytes.', 16384),
  bodyBytes: described(whole(0, Number.MAX_SAFE_INTEGER), 'Largest request body, bytes; 0 is no limit.', 0),
  clientHead: described(duration, 'The client has this long to send its request head.', '15s'),
  upstreamHead: described(duration, 'The service has this long for its response head; then 504.', '30s'),
  idle: described(duration, 'Idle time in either direction after which an exchange ends.', '60s'),
  pause: described(duration, 'While paused, a new request waits at most so long; then 503.', '10s'),
  pausedRequests: described(whole(0, 1_000_000), 'While paused, so many requests wait at most.', 1000),
});

const shield: Schema = {
  anyOf: [
    switched,
    record({
      budget: described(
        share,
        'Of all requests of the service over 10 s, at most this share is answered so; fewer than 50 are not bounded.',
        '20%',
      ),
      deadline: described(
        { anyOf: [oneOf('auto', 'off'), duration], 'x-expects': 'auto, off or a duration such as 2s' },
        'The candidate has this long for the head of such a request; then stable is asked. `auto`: ten times the slowest of the last 500 and more that stable took on the same route, at least 1 s. `off`: `limits.upstreamHead`.',
        'auto',
      ),
    }),
  ],
  'x-expects': 'on, off or { budget: 20% }',
};

const tls: Schema = record(
  {
    certificate: described(text, 'PEM file with the certificate of the server, then those of its issuers.'),
    key: described(text, 'PEM file with its private key, without a passphrase.'),
  },
  { required: ['certificate', 'key'] },
);

const accessLog: Schema = {
  anyOf: [
    text,
    record(
      {
        path: described(text, 'File that lines are appended to; rotated at 10 MiB, one older part.'),
        sample: described(share, 'Share of the requests that get a line, by chance.', '100%'),
        queryValues: described(
          listOf(text),
          'Names in queries whose values are written; of all others only the name is.',
          [],
        ),
      },
      { required: ['path'] },
    ),
  ],
  'x-expects': 'a file, or { path, sample, queryValues }',
};

/** One entry of `environments`. */
export const environmentSchema: Schema = record(
  {
    runtime: described(oneOf('process'), 'What runs the instances.', 'process'),
    replicas: described(whole(1, 1000), 'Instances of a release.', 1),
    listen: described(
      {
        type: 'string',
        pattern: '^(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$',
        'x-expects': 'host:port, such as 127.0.0.1:8080',
      },
      'Where the router listens. Default 127.0.0.1:8080 for production and the next free port from 8081 for the others.',
    ),
    hosts: described(listOf(hostName), 'Host names answered here; none means any.', []),
    strategy: described(strategy, 'How a release comes in. Default canary for production, else blue-green.'),
    approvals: described(listOf(text), 'Roles of which each must approve once before traffic moves.', []),
    timeZone: described(
      text,
      'IANA time zone of the windows and freezes here. Default: `timeZone` of the project.',
    ),
    windows: described(listOf(window), 'When deployments may begin; none means any time.', []),
    freezes: described(listOf(freeze), 'When none may begin.', []),
    after: described(text, 'Environment in which the same digest must have succeeded.'),
    rehearse: described(flag, 'And been promoted, taken back and promoted again there.', false),
    onConflict: described(oneOf('refuse', 'queue', 'supersede'), 'When a rollout already runs.', 'refuse'),
    approvalMaxAge: described(duration, 'A QA approval older than this is stale.', '30d'),
    approverMustDiffer: described(flag, 'Who asked for a rollout may not approve it.', false),
    analysis: described(analysis, 'How the candidate is compared with stable.'),
    triggers: described(
      triggers,
      'Plain limits that take the candidate back. Default: `triggers` of the project.',
    ),
    lowTraffic: described(
      oneOf('wait', 'extend', 'ask', 'promote-on-health', 'refuse'),
      'What an analyze step does at its deadline without a verdict. Default ask for production, else promote-on-health.',
    ),
    affinity: described(affinity, 'How a user is kept on one side.', 'none'),
    shield: described(
      shield,
      'A GET, HEAD or OPTIONS without a body that fails on the candidate is answered by stable, and counts against the candidate. Default on for canary, else off.',
    ),
    limits: described(limits, 'Limits of the router.'),
    tls: described(tls, 'The router speaks TLS with these files; left out: plain HTTP.'),
    accessLog: described(accessLog, 'A line of JSON for each request; left out: none.'),
    nameVersion: described(
      oneOf('on-demand', 'always', 'off'),
      'Which answers name the version that gave them: those to requests with `Sluice-Debug: version`, all, or none.',
      'on-demand',
    ),
    soak: described(
      duration,
      'Watched after the last step, before success. Default 5m for production, else 30s.',
    ),
    rollbackWindow: described(duration, 'How long the previous release stays warm after success.', '1h'),
    restoreWithin: described(
      duration,
      'Service must be back so long after a rollback began, else it is escalated.',
      '5m',
    ),
    env: described(textMap, 'Variables for each instance here; they win over those of the service.', {}),
    notices: described(listOf(channel), 'Where notices go. Default: `notices` of the project.'),
  },
  { type: ['object', 'null'] },
);
