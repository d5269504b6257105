import { SluiceError } from './sluice-error.ts';

/** Stays on in production. A broken invariant halts the rollout it belongs to; traffic holds where it is. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (condition) return;
  throw new SluiceError({
    code: 'invariant-broken',
    message,
    remedy: 'This is a defect of Sluice: keep the state directory and report it with `sluice doctor`.',
  });
}

/** Ends every switch over a union: a new member that nobody handles does not compile. */
export function unreachable(value: never): never {
  throw new SluiceError({
    code: 'invariant-broken',
    message: `A case was not handled: ${JSON.stringify(value)}`,
    remedy: 'This is a defect of Sluice: keep the state directory and report it with `sluice doctor`.',
  });
}
