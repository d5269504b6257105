import { checkSchema } from '../../config/check-schema.ts';
import { Cursor, type Findings } from '../../config/cursor.ts';
import type { Problem } from '../../config/problem.ts';
import { readYaml } from '../../config/read-yaml.ts';
import { readAgent } from './agent-binding.ts';
import type { AgentBinding, Bindings, NamedCommand, StepBinding, StepExecutor } from './bindings.ts';
import { bindingsSchema } from './bindings-schema.ts';
import { readProbes, valuesOf } from './probe.ts';

export type ReadBindings =
  | { readonly ok: true; readonly bindings: Bindings }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads a bindings file. Every problem is reported at once, with line, column and remedy; it never throws. `env` is what
 * `${env:NAME}` may name.
 */
export function readBindings(
  text: string,
  { file, env = {} }: { readonly file: string; readonly env?: Readonly<Record<string, string | undefined>> },
): ReadBindings {
  const { root, problems } = readYaml({ text, file, env });
  if (root === null) return { ok: false, problems };
  const findings: Findings = { problems: [...problems], warnings: [], origins: new Map() };
  // A file that says nothing yet binds nothing.
  const empty = root.kind === 'scalar' && root.value === null;
  if (!empty) findings.problems.push(...checkSchema(root, bindingsSchema));
  const bindings = bindingsOf(new Cursor(root, root.at, '', '', findings), file);
  if (findings.problems.length === 0) return { ok: true, bindings };
  return { ok: false, problems: inOrder(findings.problems) };
}

/** More would not be read by anybody. */
const mostProblems = 100;

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return [...problems]
    .sort((one, other) => one.line - other.line || one.column - other.column)
    .slice(0, mostProblems);
}

function bindingsOf(root: Cursor, file: string): Bindings {
  const agents = root.key('agents');
  const directory = new Map(
    agents.keys().map((key): [string, AgentBinding] => {
      const agent = readAgent(key, agents.key(key));
      return [agent.handle, agent];
    }),
  );
  return {
    file,
    steps: named(root.key('steps'), (cursor) => readStep(cursor, agents.present ? directory : null)),
    agents: agents.present ? directory : null,
    hosts: named(root.key('hosts'), addressOf),
    roots: root
      .key('roots')
      .texts()
      .map((path) => path.replace(/^\.\/|\/+$/g, '')),
    checks: named(root.key('checks'), commandOf),
    tests: named(root.key('tests'), commandOf),
    processes: named(root.key('processes'), processOf),
    protectedPaths: root.key('protected').texts(),
    concurrency: root.key('concurrency').number(1),
  };
}

function named<One>(cursor: Cursor, read: (cursor: Cursor, key: string) => One): ReadonlyMap<string, One> {
  return new Map(cursor.keys().map((key) => [key, read(cursor.key(key), key)]));
}

function readStep(cursor: Cursor, directory: ReadonlyMap<string, AgentBinding> | null): StepBinding {
  const { at } = cursor;
  const timeout = cursor.key('timeout');
  const flagOf = (key: string) => (cursor.key(key).present ? cursor.key(key).flag(false) : null);
  return {
    executor: executorOf(cursor, directory),
    timeoutMs: timeout.present ? timeout.durationMs('10m') : null,
    env: cursor.key('env').textMap(),
    idempotent: flagOf('idempotent'),
    undo: cursor.key('undo').text(),
    probes: readProbes(cursor.key('probe')),
    tools: cursor.key('tools').texts(),
    unconfined: flagOf('unconfined'),
    at,
  };
}

const performers = ['run', 'sluice', 'agent', 'person'] as const;

function executorOf(
  cursor: Cursor,
  directory: ReadonlyMap<string, AgentBinding> | null,
): StepExecutor | null {
  const given = performers.filter((key) => cursor.key(key).present);
  const [kind] = given;
  if (kind === undefined) return null;
  const value = cursor.key(kind);
  if (given.length > 1) {
    cursor.complain(
      'bindings-executor',
      `${cursor.path} has ${given.join(' and ')}.`,
      `Keep one of ${performers.join(', ')}.`,
    );
  }
  switch (kind) {
    case 'run':
      return { kind, run: value.text() ?? '', env: {} };
    case 'sluice':
      return {
        kind,
        capability: value.text() ?? value.key('capability').text() ?? '',
        with: valuesOf(value.key('with')),
      };
    case 'agent': {
      const handle = (value.text() ?? '').replace(/^@?/, '@');
      if (directory?.has(handle) !== true) {
        value.complain(
          'bindings-agent',
          `${handle} is not in the directory of agents.`,
          'Add it under `agents:`.',
        );
      }
      return { kind, handle };
    }
    case 'person':
      return { kind, person: value.text() };
  }
}

function commandOf(cursor: Cursor): NamedCommand {
  const run = cursor.text() ?? cursor.key('run').text() ?? '';
  return { run, timeoutMs: cursor.key('timeout').durationMs('5m'), env: cursor.key('env').textMap() };
}

function processOf(cursor: Cursor, key: string): { readonly name: string; readonly port: number | null } {
  const own = cursor.number(0);
  const port = cursor.key('port').number(own);
  return { name: cursor.text() ?? cursor.key('name').text() ?? key, port: port === 0 ? null : port };
}

/** `127.0.0.1:8080` is meant as `http://127.0.0.1:8080`. */
function addressOf(cursor: Cursor): string {
  const written = (cursor.text() ?? '').replace(/\/+$/, '');
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(written) ? written : `http://${written}`;
  if (cursor.present && (!/^https?:/i.test(address) || !URL.canParse(address))) {
    cursor.complain(
      'bindings-host',
      `"${written.slice(0, 80)}" is no address.`,
      'Write an address such as http://127.0.0.1:8080.',
    );
  }
  return address;
}
