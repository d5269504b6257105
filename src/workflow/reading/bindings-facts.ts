import { parseDocument } from 'yaml';
import { SluiceError } from '../../base/sluice-error.ts';

/** What a check needs to know of a bindings file. */
export interface BindingsFacts {
  /** Ids of steps, subtasks or tasks that something performs. */
  readonly bound: ReadonlySet<string>;
  /** Handles in the directory of agents; null where the file has none. */
  readonly agents: ReadonlySet<string> | null;
  /** Hosts of the documents that are given an address. */
  readonly hosts: ReadonlySet<string>;
  /** Folders in which bare file names are looked for, after the links of documents. */
  readonly roots: readonly string[];
}

export const noBindings: BindingsFacts = { bound: new Set(), agents: null, hosts: new Set(), roots: [] };

/** Reads `steps:`, `agents:`, `hosts:` and `roots:`. Other keys mean nothing to a check. */
export function readBindingsFacts(text: string, file: string): BindingsFacts {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
  const error = document.errors[0];
  const values: unknown = error === undefined ? document.toJS({ maxAliasCount: 20 }) : null;
  if (error !== undefined || typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new SluiceError({
      code: 'bindings-invalid',
      message: `${file} is no bindings file: ${error?.message.split('\n')[0] ?? 'it is no map of keys'}`,
      remedy: 'Write YAML with `steps:`, `agents:`, `hosts:` or `roots:`.',
    });
  }
  const { steps, agents, hosts, roots } = values as Record<string, unknown>;
  return {
    bound: new Set(keysOf(steps)),
    agents:
      agents === undefined
        ? null
        : new Set(keysOf(agents).map((key) => (key.startsWith('@') ? key : `@${key}`))),
    hosts: new Set(keysOf(hosts)),
    roots: Array.isArray(roots) ? roots.filter((root) => typeof root === 'string') : [],
  };
}

function keysOf(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}
