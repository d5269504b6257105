import type { ValidateFunction } from 'ajv';
import { headOf, tailOf } from './excerpt.ts';
import type { Found } from './found.ts';

const mostErrors = 5;

/** Whether the text is JSON, and what the schema says where there is one. JSON Schema drafts 7, 2019-09 and 2020-12. */
export async function checkJson(text: string, schema: unknown): Promise<Found> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const { message } = error as SyntaxError;
    const where = message.includes('position') ? '' : ` (line ${text.split('\n').length})`;
    return { holds: false, observed: `no JSON: ${message}${where}`, excerpt: tailOf(text) };
  }
  const excerpt = headOf(text);
  if (schema === null || schema === undefined) return { holds: true, observed: 'JSON', excerpt };
  const wrong = await violations(value, schema);
  const observed = wrong === null ? 'JSON, as the schema wants it' : wrong;
  return { holds: wrong === null, observed, excerpt };
}

async function violations(value: unknown, schema: unknown): Promise<string | null> {
  const validate = await validatorFor(schema);
  if (validate instanceof Error) return `the schema cannot be used: ${validate.message}`;
  if (validate(value)) return null;
  const errors = validate.errors ?? [];
  const told = errors
    .slice(0, mostErrors)
    .map(({ instancePath, message, params }) => `${instancePath || 'it'} ${message}${extraOf(params)}`);
  const more = errors.length > mostErrors ? ` and ${errors.length - mostErrors} more` : '';
  return `JSON, but not as the schema wants it: ${told.join('; ')}${more}`;
}

/** Which member is too much is not in the message. */
function extraOf(params: Record<string, unknown>): string {
  const { additionalProperty } = params;
  return typeof additionalProperty === 'string' ? ` (${additionalProperty})` : '';
}

/** Compiling takes much longer than validating, and a run holds many files against few schemas. */
const compiled = new Map<string, ValidateFunction | Error>();
const mostCompiled = 64;

async function validatorFor(schema: unknown): Promise<ValidateFunction | Error> {
  const key = JSON.stringify(schema);
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const validate = await compile(schema).catch((error: Error) => error);
  if (compiled.size >= mostCompiled) compiled.clear();
  compiled.set(key, validate);
  return validate;
}

/** Loaded at the first schema, because most looks have none. Formats are not checked. */
async function compile(schema: unknown): Promise<ValidateFunction> {
  const options = { allErrors: true, strict: false, validateFormats: false, logger: false } as const;
  const dialect = String((schema as { $schema?: unknown } | null)?.$schema ?? '');
  const form = schema as object;
  if (dialect.includes('draft-07')) return new (await import('ajv')).Ajv(options).compile(form);
  if (dialect.includes('2019-09'))
    return new (await import('ajv/dist/2019.js')).Ajv2019(options).compile(form);
  return new (await import('ajv/dist/2020.js')).Ajv2020(options).compile(form);
}
