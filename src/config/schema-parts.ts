/** The part of JSON Schema 2020-12 that the published schema uses and `check-schema.ts` understands. */
export interface Schema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly type?: SchemaType | readonly SchemaType[];
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly enum?: readonly (string | number | boolean)[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly Schema[];
  /** What a value must look like, in words, for the messages. */
  readonly 'x-expects'?: string;
}

export type SchemaType = 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';

export const described = (schema: Schema, description: string, value?: unknown): Schema =>
  value === undefined ? { ...schema, description } : { ...schema, description, default: value };

export const text: Schema = { type: 'string', minLength: 1, maxLength: 4096, 'x-expects': 'a text' };
export const flag: Schema = { type: 'boolean', 'x-expects': 'true or false' };
export const oneOf = (...values: string[]): Schema => ({ type: 'string', enum: values });
export const listOf = (items: Schema): Schema => ({ type: 'array', items, maxItems: 1000 });
export const whole = (minimum: number, maximum: number): Schema => ({
  type: 'integer',
  minimum,
  maximum,
  'x-expects': `a whole number from ${minimum} to ${maximum}`,
});
export const numeric = (minimum: number, maximum: number): Schema => ({
  type: 'number',
  minimum,
  maximum,
  'x-expects': `a number from ${minimum} to ${maximum}`,
});

export const duration: Schema = {
  type: 'string',
  pattern: '^(?:[0-9]{1,9}(?:\\.[0-9]{1,3})?(?:ms|s|m|h|d)){1,5}$',
  'x-expects': 'a duration with its unit, such as 500ms, 30s, 5m, 1h30m or 2d',
};

/** A rate: the sign is required, because 0.05 may be meant as 5 % or as 0.05 %. */
export const rate: Schema = {
  type: 'string',
  pattern: '^(?:100(?:\\.0+)?|[0-9]{1,2}(?:\\.[0-9]{1,6})?) ?%$',
  'x-expects': 'a percentage with its sign, such as 5% or 0.1%',
};

/** A share of the traffic: `5` and `5%` are the same. */
export const share: Schema = {
  anyOf: [numeric(0, 100), rate],
  'x-expects': 'a percentage from 0 to 100, such as 5 or 5%',
};

export const switchedOff: Schema = {
  anyOf: [
    { type: 'boolean', enum: [false] },
    { type: 'string', enum: ['off'] },
  ],
  'x-expects': 'off',
};

export const switched: Schema = { anyOf: [flag, oneOf('on', 'off')], 'x-expects': 'on or off' };

export const textMap: Schema = {
  type: 'object',
  propertyNames: {
    type: 'string',
    pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
    'x-expects': 'a variable name of letters, digits and underscores',
  },
  additionalProperties: { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
};

export const record = (properties: Record<string, Schema>, more: Partial<Schema> = {}): Schema => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...more,
});

export const slashPath: Schema = {
  type: 'string',
  pattern: '^/[^\\s#]*$',
  maxLength: 1024,
  'x-expects': 'a path that begins with /, such as /healthz',
};

export const shortName: Schema = {
  type: 'string',
  pattern: '^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$',
  'x-expects': 'one to forty small letters, digits and inner hyphens',
};

export const hostName: Schema = {
  type: 'string',
  pattern: '^(?:\\*\\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$',
  'x-expects': 'a host name such as shop.example',
};

export const command: Schema = {
  anyOf: [
    text,
    record(
      {
        run: described(text, 'Shell command, run in the directory of the artifact.'),
        timeout: described(duration, 'The command and its process group are ended after this.', '60s'),
        env: described(textMap, 'Variables for this command.', {}),
      },
      { required: ['run'] },
    ),
  ],
  'x-expects': 'a command, or { run, timeout, env }',
};

export const httpUrl: Schema = {
  type: 'string',
  pattern: '^https?://[^\\s/?#]+[^\\s]*$',
  'x-expects': 'an address that begins with http:// or https://',
};

export const channel: Schema = {
  anyOf: [
    oneOf('terminal'),
    record(
      {
        file: described(text, 'File to which a line is appended.'),
        command: described(text, 'Shell command that gets the notice as JSON on standard input.'),
        webhook: described(httpUrl, 'Address to which the notice is sent by POST.'),
        folder: described(text, 'Folder of markdown files, one an item.'),
      },
      { minProperties: 1, maxProperties: 1 },
    ),
  ],
  'x-expects': 'terminal, or one of { file }, { command }, { webhook }, { folder }',
};

export const triggers: Schema = record({
  errorRate: described(
    { anyOf: [rate, switchedOff], 'x-expects': 'a percentage such as 5%, or off' },
    'Share of bad requests of the candidate that takes it back.',
    '5%',
  ),
  latencyFactor: described(
    { anyOf: [numeric(1, 1000), switchedOff], 'x-expects': 'a factor from 1, or off' },
    'p95 of the candidate as a multiple of stable that takes it back.',
    2,
  ),
  health: described(
    { anyOf: [whole(1, 1000), switchedOff], 'x-expects': 'a whole number from 1, or off' },
    'Failed health probes in a row, after a restart, that take the candidate back.',
    3,
  ),
});
