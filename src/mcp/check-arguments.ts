import { Ajv, type ValidateFunction } from 'ajv';
import { SluiceError } from '../base/sluice-error.ts';
import type { Tool } from './tool.ts';

const ajv = new Ajv({ allErrors: true, strictTypes: false });
const validators = new Map<string, ValidateFunction>();

/** Throws `arguments-invalid` with everything that does not fit the schema of the tool. */
export function checkArguments(found: Tool, args: unknown): void {
  const validate = validators.get(found.name) ?? ajv.compile(found.input);
  validators.set(found.name, validate);
  if (validate(args)) return;
  const problems = (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const extra = typeof params.additionalProperty === 'string' ? ` (${params.additionalProperty})` : '';
    const allowed = Array.isArray(params.allowedValues) ? `: ${params.allowedValues.join(', ')}` : '';
    return `${instancePath === '' ? 'the arguments' : instancePath.slice(1)} ${message}${extra}${allowed}`;
  });
  throw new SluiceError({
    code: 'arguments-invalid',
    message: `${found.name} cannot be called so: ${problems.join('; ')}.`,
    remedy: `It takes ${Object.keys(found.input.properties).join(', ') || 'nothing'}; its schema says more.`,
    details: { problems },
  });
}
