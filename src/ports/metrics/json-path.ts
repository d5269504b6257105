/** Where a path leads in a JSON value; `value` is undefined when there is no such member. */
export interface JsonPlace {
  readonly value: unknown;
  /** The last name of the path, null for the whole value, and what it was looked up in. */
  readonly key: string | null;
  readonly parent: unknown;
}

/**
 * Follows a JSON pointer (`/data/0/value`, RFC 6901) or a dotted path (`data.result[0].value`, `$.data.0`). Empty and `$`
 * are the whole value.
 */
export function jsonAt(json: unknown, path: string): JsonPlace {
  const start: JsonPlace = { value: json, key: null, parent: undefined };
  return keysOf(path.trim()).reduce(
    ({ value }, key): JsonPlace => ({ value: memberOf(value, key), key, parent: value }),
    start,
  );
}

function keysOf(path: string): readonly string[] {
  if (path.startsWith('/')) {
    return path
      .slice(1)
      .split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return path
    .replace(/^\$\.?/, '')
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter((key) => key !== '');
}

function memberOf(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return /^(?:0|[1-9]\d*)$/.test(key) ? value[Number(key)] : undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
