import type { Located, LocatedMap } from './located.ts';
import { nearest } from './nearest.ts';
import { joinPath, type Place, type Problem, problemAt } from './problem.ts';
import type { Schema, SchemaType } from './schema-parts.ts';

/**
 * Every way in which a value does not follow the schema, each at its place. The general validators tell a path and a
 * rule; people need a line, what is allowed and the nearest key, so the few keywords of the schema are checked here.
 */
export function checkSchema(node: Located, schema: Schema, path = ''): readonly Problem[] {
  if (schema.anyOf) return checkAnyOf(node, schema, path);
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.some((type) => hasType(node, type)))
    return [notExpected(node, schema, path)];
  if (node.kind === 'map') return checkMap(node, schema, path);
  if (node.kind === 'list') {
    const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items } = schema;
    const size = node.items.length;
    if (size < minItems || size > maxItems) {
      return [
        wrong(node.at, path, `The list has ${size} entries.`, `Give ${minItems} to ${maxItems} entries.`),
      ];
    }
    return items ? node.items.flatMap((item, index) => checkSchema(item, items, joinPath(path, index))) : [];
  }
  return scalarHolds(node, schema) ? [] : [notExpected(node, schema, path)];
}

function checkAnyOf(node: Located, schema: Schema, path: string): readonly Problem[] {
  const branches = schema.anyOf ?? [];
  const results = branches.map((branch) => checkSchema(node, branch, path));
  if (results.some((found) => found.length === 0)) return [];
  if (node.kind === 'scalar') return [notExpected(node, schema, path)];
  const kind = node.kind === 'map' ? 'object' : 'array';
  const index = branches.findIndex((branch) => [branch.type].flat().includes(kind));
  return results[index] ?? [notExpected(node, schema, path)];
}

function checkMap(node: LocatedMap, schema: Schema, path: string): readonly Problem[] {
  const problems: Problem[] = [];
  const properties = schema.properties ?? {};
  for (const [key, { key: at, value }] of node.entries) {
    const inside = joinPath(path, key);
    const own = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (schema.propertyNames) {
      problems.push(...checkSchema({ kind: 'scalar', value: key, at }, schema.propertyNames, inside));
    }
    if (own) problems.push(...checkSchema(value, own, inside));
    else if (typeof schema.additionalProperties === 'object') {
      problems.push(...checkSchema(value, schema.additionalProperties, inside));
    } else if (schema.additionalProperties === false) {
      problems.push(unknownKey(key, at, Object.keys(properties), inside));
    }
  }
  return [...problems, ...checkKeys(node, schema, path)];
}

function checkKeys(node: LocatedMap, schema: Schema, path: string): readonly Problem[] {
  const missing = (schema.required ?? []).filter((key) => !node.entries.has(key));
  const problems = missing.map((key) =>
    problemAt(node.at, {
      code: 'config-missing-key',
      message: `${path === '' ? 'The file' : path} has no "${key}".`,
      path: joinPath(path, key),
      remedy: `Add \`${key}:\`${schema.properties?.[key]?.description ? ` — ${schema.properties[key].description}` : '.'}`,
    }),
  );
  const { minProperties = 0, maxProperties = Number.POSITIVE_INFINITY, properties } = schema;
  const size = node.entries.size;
  if (size >= minProperties && size <= maxProperties) return problems;
  const keys = Object.keys(properties ?? {}).join(', ');
  const remedy =
    keys === ''
      ? 'Add at least one entry.'
      : `Give ${maxProperties === 1 ? 'exactly one' : 'at least one'} of: ${keys}.`;
  return [...problems, wrong(node.at, path, `${path} has ${size} keys.`, remedy)];
}

function unknownKey(key: string, at: Place, known: readonly string[], path: string): Problem {
  const close = nearest(key, known);
  return problemAt(at, {
    code: 'config-unknown-key',
    message: `"${key}" is not a key here.${close === null ? '' : ` Did you mean "${close}"?`}`,
    path,
    remedy: `${close === null ? 'Remove it' : `Write "${close}", or remove it`}; known here: ${known.join(', ')}.`,
  });
}

function hasType(node: Located, type: SchemaType): boolean {
  if (type === 'object') return node.kind === 'map';
  if (type === 'array') return node.kind === 'list';
  if (node.kind !== 'scalar') return false;
  if (type === 'null') return node.value === null;
  if (type === 'number') return Number.isFinite(asNumber(node));
  if (type === 'integer') return Number.isSafeInteger(asNumber(node));
  if (type === 'boolean') return asBoolean(node) !== null;
  return typeof node.value === 'string';
}

function scalarHolds(node: Extract<Located, { kind: 'scalar' }>, schema: Schema): boolean {
  const types = [schema.type].flat();
  const numeric = types.includes('number') || types.includes('integer');
  const value = numeric ? asNumber(node) : types.includes('boolean') ? asBoolean(node) : node.value;
  if (schema.enum && !schema.enum.some((allowed) => allowed === value)) return false;
  if (typeof value === 'number') {
    return value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity);
  }
  if (typeof value !== 'string') return true;
  // JSON Schema counts characters, not UTF-16 units.
  const length = [...value].length;
  if (length < (schema.minLength ?? 0) || length > (schema.maxLength ?? Infinity)) return false;
  return schema.pattern === undefined || new RegExp(schema.pattern, 'u').test(value);
}

/** NaN for what is no number. Text counts only when a variable was put in. */
export function asNumber(node: Located): number {
  if (node.kind !== 'scalar') return Number.NaN;
  if (typeof node.value === 'number') return node.value;
  return node.fromEnv && typeof node.value === 'string' && node.value.trim() !== ''
    ? Number(node.value)
    : Number.NaN;
}

/** Null for what is neither true nor false. */
export function asBoolean(node: Located): boolean | null {
  if (node.kind !== 'scalar') return null;
  if (typeof node.value === 'boolean') return node.value;
  if (!node.fromEnv) return null;
  return node.value === 'true' ? true : node.value === 'false' ? false : null;
}

function notExpected(node: Located, schema: Schema, path: string): Problem {
  const words = [schema, ...(schema.anyOf ?? [])].flatMap((one) => one.enum?.map(String) ?? []);
  const close = node.kind === 'scalar' && typeof node.value === 'string' ? nearest(node.value, words) : null;
  const expected =
    schema['x-expects'] ?? (words.length > 0 ? `one of ${words.join(', ')}` : typeWords(schema));
  const hint = close === null ? '' : ` Did you mean "${close}"?`;
  return wrong(node.at, path, `${show(node)} is not ${expected}.${hint}`, `Write ${expected}.`);
}

function typeWords(schema: Schema): string {
  const names: Record<SchemaType, string> = {
    object: 'a mapping of keys',
    array: 'a list',
    string: 'a text (put it in quotes)',
    number: 'a number',
    integer: 'a whole number',
    boolean: 'true or false',
    null: 'empty',
  };
  const types = [schema.type ?? []].flat() as SchemaType[];
  const words = types.map((type) => names[type]).join(' or ');
  return words === '' ? 'an allowed value' : words;
}

function show(node: Located): string {
  if (node.kind === 'map') return 'A mapping';
  if (node.kind === 'list') return 'A list';
  if (node.value === null) return 'Nothing';
  const written = String(node.value);
  return `"${written.length > 80 ? `${written.slice(0, 80)}…` : written}"`;
}

function wrong(at: Place, path: string, message: string, remedy: string): Problem {
  return problemAt(at, { code: 'config-value', message, path, remedy });
}
