import { Ajv, type ValidateFunction } from 'ajv';
import type { ModelTool } from './tool.ts';

const ajv = new Ajv({ allErrors: true });
const compiled = new WeakMap<ModelTool['parameters'], ValidateFunction>();

/** What does not fit the schema of a tool's arguments; null: all does. */
export function inputFault(parameters: ModelTool['parameters'], input: object): string | null {
  const fits = compiled.get(parameters) ?? ajv.compile(parameters);
  compiled.set(parameters, fits);
  return fits(input) ? null : ajv.errorsText(fits.errors, { dataVar: 'arguments' });
}
