import {
  described,
  duration,
  flag,
  httpUrl,
  listOf,
  numeric,
  oneOf,
  record,
  type Schema,
  text,
  textMap,
  whole,
} from '../../config/schema-parts.ts';

const anything: Schema = {};

const handle: Schema = {
  type: 'string',
  pattern: '^@?[A-Za-z][A-Za-z0-9_.-]{0,79}$',
  'x-expects': 'a handle such as @devops-agent',
};

const namedCommand: Schema = {
  anyOf: [
    text,
    record(
      {
        run: described(text, 'Shell command, run in the workspace. It holds with exit code 0.'),
        timeout: described(duration, 'It is ended after this, and does not hold then.', '5m'),
        env: described(textMap, 'Variables for this command.', {}),
      },
      { required: ['run'] },
    ),
  ],
  'x-expects': 'a command, or { run, timeout, env }',
};

const oneProbe: Schema = record(
  {
    run: described(text, 'Command of your own that the executor cannot write. It holds with exit code 0.'),
    timeout: described(duration, 'For `run`: it is ended after this, and does not hold then.', '5m'),
    env: described(textMap, 'For `run`: its variables.', {}),
    tests: described(flag, 'For `run`: its output must count at least one test, and none failed.', false),
    sluice: described(text, 'Capability of Sluice that says whether it is so.'),
    with: described({ type: 'object', additionalProperties: anything }, 'For `sluice`: its values.', {}),
    http: described(httpUrl, 'Address that must answer.'),
    method: described(
      oneOf('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'),
      'For `http`.',
      'GET',
    ),
    status: described(whole(100, 599), 'For `http`: the status; any below 400 without it.'),
    file: described(text, 'Path of a file that must be there, relative to the workspace.'),
    contains: described(text, 'For `http` and `file`: text that must be in it.'),
    matches: described(text, 'For `http` and `file`: regular expression; its dot matches line breaks too.'),
    holds: described(anything, 'For `http` and `file`: JSON that must be part of it.'),
    directory: described(text, 'Path of a folder that must be there.'),
    json: described(text, 'Path of a file that must be JSON.'),
    schema: described({ type: 'object', additionalProperties: anything }, 'For `json`: JSON Schema.'),
    process: described(text, 'Part of the command line of a process that must run.'),
    port: described(whole(1, 65_535), 'For `process`: or the port that it listens on.'),
  },
  { minProperties: 1 },
);

const probe: Schema = {
  anyOf: [
    { type: 'boolean', enum: [true] },
    text,
    oneProbe,
    listOf({
      anyOf: [{ type: 'boolean', enum: [true] }, text, oneProbe],
      'x-expects': 'true, a command, or a look',
    }),
  ],
  'x-expects': 'true, a command, a look such as { http: … } or { file: … }, or a list of these',
};

const step: Schema = record({
  run: described(text, 'Shell command that performs it, in the workspace.'),
  sluice: described(
    {
      anyOf: [
        text,
        record(
          {
            capability: described(text, 'Name of an action of Sluice.'),
            with: described({ type: 'object', additionalProperties: anything }, 'Its values.', {}),
          },
          { required: ['capability'] },
        ),
      ],
      'x-expects': 'a capability, or { capability, with }',
    },
    'Action of Sluice that performs it.',
  ),
  agent: described(handle, 'Entry of `agents:` that performs it.'),
  person: described(
    { anyOf: [text, { type: 'boolean', enum: [true] }], 'x-expects': 'the name of a person, or true' },
    'Person who performs it and says so; true: anybody.',
  ),
  timeout: described(duration, 'It is ended after this, and has failed then.', '10m'),
  env: described(textMap, 'Variables of `run`; joined with those of wider entries.', {}),
  idempotent: described(flag, 'It may be done twice: after a crash it is run again.', false),
  undo: described(text, 'Shell command that takes back what it did outside the workspace.'),
  probe: described(
    probe,
    'How to see that what the step describes exists; `true`: its own command is the proof.',
  ),
  tools: described(listOf(text), 'Tools beyond those of the document; joined with those of wider entries.'),
  unconfined: described(flag, 'Its agent may write outside the workspace.', false),
});

const commandForm: Schema = {
  anyOf: [text, record({ run: text, env: textMap }, { required: ['run'] })],
  'x-expects': 'a command, or { run, env }',
};

const model: Schema = record(
  {
    protocol: described(oneOf('openai', 'anthropic'), 'What the endpoint speaks.'),
    name: described(text, 'Name of the model.'),
    url: described(httpUrl, 'Where the endpoint listens.'),
    keyEnv: described(text, 'Environment variable that holds the key; none is sent without it.'),
    webSearch: described(
      commandForm,
      'Performs `web_search`, in the sandbox: the query on standard input, what it found on standard output.',
    ),
    price: described(
      record(
        { input: numeric(0, 1_000_000), output: numeric(0, 1_000_000) },
        { required: ['input', 'output'] },
      ),
      'US dollars per million tokens.',
    ),
    maxTokensPerStep: described(whole(1, 1_000_000_000), 'Ceiling of one step.', 200_000),
    maxTokensPerRun: described(whole(1, 1_000_000_000), 'Ceiling of the whole run.', 2_000_000),
    maxCostPerStep: described(numeric(0, 1_000_000), 'US dollars; needs `price`.'),
    maxCostPerRun: described(numeric(0, 1_000_000), 'US dollars; needs `price`.'),
  },
  { required: ['protocol', 'name', 'url'] },
);

const agent: Schema = {
  anyOf: [
    text,
    record({
      person: described(text, 'Who answers for it, and signs for it.'),
      command: described(
        commandForm,
        'Command-line agent: gets the brief on standard input, works in the workspace.',
      ),
      model: described(model, 'Language model for the built-in loop.'),
      mcp: described(text, 'Name of the MCP client that asks for its steps.'),
      notice: described(
        text,
        'Where word for it goes: a shell command that reads it, or an address of the web.',
      ),
      instructions: described(text, 'File with its role: text, or an agent file with customModes.'),
      unconfined: described(flag, 'It may write outside the workspace.', false),
    }),
  ],
  'x-expects': 'a person, or { person, command, model, mcp, notice, instructions, unconfined }',
};

const named = (value: Schema): Schema => ({ type: 'object', additionalProperties: value });

/** The form of a bindings file. `schema/bindings.schema.json` is this value, printed; a test holds them together. */
export const bindingsSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://sluice.invalid/schema/bindings.schema.json',
  title: 'Bindings of workflow documents',
  ...record({
    steps: described(
      named(step),
      'Who performs a step and what proves it, by id of a step, subtask or task, or "*" for all. The nearest entry counts.',
    ),
    agents: described(
      { ...named(agent), propertyNames: handle },
      'Directory of agents, by handle. With it, a handle of a document that is not here is a problem.',
    ),
    hosts: described(
      named(text),
      'Addresses for placeholders of documents, by host (`test-env`); "*" for paths without one.',
    ),
    roots: described(listOf(text), 'Folders in which bare file names are looked for.', []),
    checks: described(named(namedCommand), 'Commands for named checks and internal states, by their text.'),
    tests: described(named(namedCommand), 'Commands that run test suites, by name.'),
    processes: described(
      named({
        anyOf: [
          text,
          whole(1, 65_535),
          record({
            name: described(text, 'Part of its command line.'),
            port: described(whole(1, 65_535), 'Port that it listens on.'),
          }),
        ],
        'x-expects': 'part of a command line, a port, or { name, port }',
      }),
      'What processes of documents look like, by name.',
    ),
    protected: described(
      listOf(text),
      'Globs of paths that no executor may change, beside QA/, the documents, this file, probe scripts and the state.',
    ),
    concurrency: described(whole(1, 100), 'How many parallel subtasks run at once.', 1),
  }),
};
