/** What a model may call. */
export interface ModelTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly parameters: {
    readonly type: 'object';
    readonly properties: object;
    readonly required: readonly string[];
  };
  /** The answer for the model. What a `ToolFault` says goes to the model too; other errors end the run. */
  perform(input: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<string>;
}

/** Something the model did wrong, told so that it can do better. */
export class ToolFault extends Error {}

/** A text argument; the schema has been checked, so that an absent one was optional. */
export function textOf(input: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = input[name];
  return typeof value === 'string' ? value : null;
}

export function parameters(
  properties: Readonly<Record<string, object>>,
  required: readonly string[] = Object.keys(properties),
): ModelTool['parameters'] & { readonly additionalProperties: false } {
  return { type: 'object', properties, required, additionalProperties: false };
}

export function text(description: string, more: object = {}): object {
  return { type: 'string', description, ...more };
}
