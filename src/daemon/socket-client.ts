import type { Socket } from 'node:net';
import { type ErrorFacts, SluiceError } from '../base/sluice-error.ts';
import type { EngineApi, Method } from '../engine/api.ts';
import { socketPathFor } from '../router/socket-path.ts';
import { makeProof } from './caller-proof.ts';
import { connectTo, post } from './socket-call.ts';

/** Calls one method of the controller. Rejects with `controller-unreachable`, `controller-hangs`, or what it answered with. */
export async function callController<M extends Method>(
  stateDir: string,
  method: M,
  params: Parameters<EngineApi[M]>[0],
  /** By default an answer is waited for as long as it takes. */
  { timeoutMs }: { readonly timeoutMs?: number } = {},
): Promise<Awaited<ReturnType<EngineApi[M]>>> {
  const socket = await connectTo(socketPathFor(stateDir, 'controller')).catch((error: unknown) => {
    throw unreachableController(error, { sent: false });
  });
  const limit =
    timeoutMs === undefined ? null : setTimeout(() => socket.destroy(hangs(timeoutMs)), timeoutMs);
  const answer = await asked<Awaited<ReturnType<EngineApi[M]>>>(socket, stateDir, method, params)
    .catch((error: unknown) => {
      throw error instanceof SluiceError ? error : unreachableController(error, { sent: true });
    })
    .finally(() => {
      if (limit !== null) clearTimeout(limit);
      socket.destroy();
    });
  if (answer.ok) return answer.result;
  throw new SluiceError(answer.error);
}

async function asked<Result>(
  socket: Socket,
  stateDir: string,
  method: Method,
  params: unknown,
): Promise<
  { readonly ok: true; readonly result: Result } | { readonly ok: false; readonly error: ErrorFacts }
> {
  const proof = await makeProof(stateDir);
  return JSON.parse(await post(socket, `/${method}`, JSON.stringify({ proof, params })));
}

function hangs(timeoutMs: number): SluiceError {
  return new SluiceError({
    code: 'controller-hangs',
    message: `The controller of this project runs, but did not answer within ${timeoutMs / 1000} s.`,
    remedy: 'Try again; if it stays so, `sluice down` ends it and `sluice serve` starts it anew.',
  });
}

/** `sent` is false when nobody listened, so that the call was certainly not carried out. */
function unreachableController(cause: unknown, details: { readonly sent: boolean }): SluiceError {
  return new SluiceError({
    code: 'controller-unreachable',
    message: 'No controller is running for this project.',
    remedy: 'Start one with `sluice serve`; deploying starts one by itself.',
    cause,
    details,
  });
}
