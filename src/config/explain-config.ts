import type { ProjectConfig } from './config.ts';

export interface Explained {
  /** `environments.production.replicas`; parts of a list that have a name are told by it. */
  readonly path: string;
  readonly value: unknown;
  /** `sluice.yml:7`, or `default`. */
  readonly origin: string;
}

/** Each effective value with where it came from. `origins` may be that of `loadConfig` or only the written values. */
export function explainConfig(
  config: ProjectConfig,
  origins: ReadonlyMap<string, string>,
): readonly Explained[] {
  const { root, ...rest } = config;
  return [
    { path: 'root', value: root, origin: 'where sluice.yml lies' },
    ...explain(rest, '', origins, 'default'),
  ];
}

function explain(
  value: unknown,
  path: string,
  origins: ReadonlyMap<string, string>,
  around: string,
): readonly Explained[] {
  const origin = origins.get(path) ?? around;
  const children = childrenOf(value, path);
  if (children.length === 0) return [{ path, value, origin }];
  return children.flatMap(([inside, child]) => explain(child, inside, origins, origin));
}

function childrenOf(value: unknown, path: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null) return [];
  if (!Array.isArray(value)) {
    return Object.entries(value).map(
      ([key, child]) => [path === '' ? key : `${path}.${key}`, child] as const,
    );
  }
  const named = ['services', 'environments', 'roles'].includes(path) || path.endsWith('.metrics');
  return value.map((child, index) =>
    named
      ? ([`${path}.${(child as { name: string }).name}`, child] as const)
      : ([`${path}[${index}]`, child] as const),
  );
}
