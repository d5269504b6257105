import type { Look, Match } from '../../base/look.ts';
import type { Cursor } from '../../config/cursor.ts';
import { plain } from '../../config/located.ts';

/** How to see that what a step describes exists. `own`: the command that is bound to the step is itself the proof. */
export type Probe =
  | { readonly kind: 'own' }
  | { readonly kind: 'look'; readonly look: Look }
  | {
      readonly kind: 'capability';
      readonly capability: string;
      readonly with: Readonly<Record<string, unknown>>;
    };

/** What a look needs beside its first key. */
const companions = {
  run: ['timeout', 'env', 'tests'],
  sluice: ['with'],
  http: ['method', 'status', 'contains', 'matches', 'holds'],
  file: ['contains', 'matches', 'holds'],
  directory: [],
  json: ['schema'],
  process: ['port'],
} as const;

type Kind = keyof typeof companions;

/** `probe:` of a step: one or a list. What is wrong is told at its place and left out. */
export function readProbes(cursor: Cursor): readonly Probe[] | null {
  return cursor.present ? cursor.items().flatMap(readProbe) : null;
}

function readProbe(cursor: Cursor): readonly Probe[] {
  if (cursor.flag(false)) return [{ kind: 'own' }];
  const command = cursor.text();
  if (command !== null) return [commandLook(command, cursor)];
  if (!cursor.isMap) return [];
  const kinds = (Object.keys(companions) as Kind[]).filter((kind) => cursor.key(kind).present);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    cursor.complain(
      'bindings-probe',
      kind === undefined ? 'This probe looks at nothing.' : `This probe has ${kinds.join(' and ')}.`,
      `Give exactly one of ${Object.keys(companions).join(', ')}; several probes are a list.`,
    );
    return [];
  }
  const known: readonly string[] = [kind, ...companions[kind]];
  for (const key of cursor.keys().filter((one) => !known.includes(one))) {
    cursor
      .key(key)
      .complain(
        'bindings-probe',
        `"${key}" says nothing about ${kind}.`,
        known.length === 1 ? 'Remove it.' : `Beside ${kind} there may be ${known.slice(1).join(', ')}.`,
      );
  }
  const first = cursor.key(kind).text();
  return first === null ? [] : probeOf(kind, first, cursor);
}

function probeOf(kind: Kind, first: string, cursor: Cursor): readonly Probe[] {
  if (kind === 'run') return [commandLook(first, cursor)];
  if (kind === 'sluice')
    return [{ kind: 'capability', capability: first, with: valuesOf(cursor.key('with')) }];
  return [{ kind: 'look', look: lookOf(kind, first, cursor) }];
}

function commandLook(run: string, cursor: Cursor): Probe {
  const timeoutMs = cursor.key('timeout').durationMs('5m');
  const env = cursor.key('env').textMap();
  return {
    kind: 'look',
    look: { kind: 'command', run, timeoutMs, env, tests: cursor.key('tests').flag(false) },
  };
}

function lookOf(kind: Exclude<Kind, 'run' | 'sluice'>, first: string, cursor: Cursor): Look {
  switch (kind) {
    case 'file':
      return { kind, paths: [first], match: matchOf(cursor) };
    case 'directory':
      return { kind, paths: [first.replace(/\/+$/, '') || '/'] };
    case 'json': {
      const schema = cursor.key('schema');
      return { kind, paths: [first], schema: schema.present ? valuesOf(schema) : null };
    }
    case 'http': {
      const status = cursor.key('status');
      return {
        kind,
        method: cursor.key('method').text() ?? 'GET',
        url: first,
        status: status.present ? status.number(200) : null,
        match: matchOf(cursor),
      };
    }
    case 'process': {
      const port = cursor.key('port');
      return { kind, name: first, port: port.present ? port.number(0) : null };
    }
  }
}

function matchOf(cursor: Cursor): Match | null {
  const given = ['contains', 'matches', 'holds'].filter((key) => cursor.key(key).present);
  if (given.length > 1) {
    cursor.complain(
      'bindings-probe',
      `This probe has ${given.join(' and ')}.`,
      'Keep one; several probes are a list.',
    );
  }
  const literal = cursor.key('contains').text();
  if (literal !== null) return { kind: 'literal', any: [literal] };
  const pattern = cursor.key('matches');
  const source = pattern.text();
  if (source !== null) {
    const fault = patternFault(source);
    if (fault !== null)
      pattern.complain(
        'bindings-pattern',
        `"${source.slice(0, 80)}" is no regular expression: ${fault}.`,
        'Correct it, or use `contains`.',
      );
    return { kind: 'pattern', source };
  }
  const { node } = cursor.key('holds');
  return node === null ? null : { kind: 'json', value: ordinary(plain(node)) };
}

/** Why a regular expression cannot be used; null when it can. */
export function patternFault(source: string): string | null {
  try {
    new RegExp(source, 's');
    return null;
  } catch (error) {
    return error instanceof Error
      ? error.message.replace(/^Invalid regular expression: /, '')
      : String(error);
  }
}

export function valuesOf(cursor: Cursor): Readonly<Record<string, unknown>> {
  return cursor.isMap && cursor.node !== null
    ? (ordinary(plain(cursor.node)) as Readonly<Record<string, unknown>>)
    : {};
}

/** Plans are stored and compared as JSON: maps without a prototype would differ from those that were read back. */
function ordinary(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
