import type { Place } from './problem.ts';

/** A YAML value in which every part knows its place. */
export type Located = LocatedScalar | LocatedMap | LocatedList;

export interface LocatedScalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  readonly at: Place;
  /** Came from an environment variable, so that `8` may also be meant as a number. */
  readonly fromEnv?: boolean;
}

export interface LocatedMap {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, { readonly key: Place; readonly value: Located }>;
  readonly at: Place;
}

export interface LocatedList {
  readonly kind: 'list';
  readonly items: readonly Located[];
  readonly at: Place;
}

/** The plain value. Maps have no prototype, so that a key such as `__proto__` is a key like any other. */
export function plain(node: Located): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, { value }] of node.entries) result[key] = plain(value);
  return result;
}
