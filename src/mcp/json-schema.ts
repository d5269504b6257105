/** JSON Schema of an object, as tools describe what they take and answer. */
export interface ObjectSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, object>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly anyOf?: readonly object[];
}

/** What a tool takes: these, and nothing that it does not know. */
export function takes(
  properties: Readonly<Record<string, object>>,
  ...required: readonly string[]
): ObjectSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}

/** What a tool answers: these, or `error`. Clients check an error against the same schema. */
export function answers(
  properties: Readonly<Record<string, object>>,
  ...required: readonly string[]
): ObjectSchema {
  return {
    type: 'object',
    properties: { ...properties, error },
    anyOf: [{ required }, { required: ['error'] }],
  };
}

export function text(description: string): object {
  return { type: 'string', minLength: 1, maxLength: 4_000, description };
}

export function textOrNull(description: string): object {
  return { type: ['string', 'null'], description };
}

export function oneOf(values: readonly string[], description: string): object {
  return { type: 'string', enum: values, description };
}

export function listOf(items: object, description: string): object {
  return { type: 'array', items, description };
}

export const anyObject = { type: 'object' } as const;

const error = {
  type: 'object',
  description: 'Instead of everything else, with isError.',
  properties: {
    code: { type: 'string', description: 'stable, kebab-case' },
    message: { type: 'string' },
    remedy: { type: 'string', description: 'what to do about it' },
    details: anyObject,
  },
  required: ['code', 'message', 'remedy'],
} as const;
