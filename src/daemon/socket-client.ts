import type { Socket } from 'node:net';
import { sleep, systemClock } from '../base/clock.ts';
import { type ErrorFacts, SluiceError } from '../base/sluice-error.ts';
import type { EngineApi, Method } from '../engine/api.ts';
import { socketPathFor } from '../router/socket-path.ts';
import { makeProof } from './caller-proof.ts';
import { connectTo, post } from './socket-call.ts';

const goneMs = 60_000;

/**
 * Calls one method of the controller. Rejects with `controller-unreachable`, or the error that it answered with. `down`
 * resolves when the controller is gone: what it answers is true only then.
 */
export async function callController<M extends Method>(
  stateDir: string,
  method: M,
  params: Parameters<EngineApi[M]>[0],
): Promise<Awaited<ReturnType<EngineApi[M]>>> {
  if (method !== 'down') return send(stateDir, method, params);
  const { pid } = await send(stateDir, 'ping', {});
  const answer = await send(stateDir, method, params);
  await gone(pid);
  return answer;
}

async function send<M extends Method>(
  stateDir: string,
  method: M,
  params: Parameters<EngineApi[M]>[0],
): Promise<Awaited<ReturnType<EngineApi[M]>>> {
  const socket = await connectTo(socketPathFor(stateDir, 'controller')).catch((error: unknown) => {
    throw unreachableController(error, { sent: false });
  });
  const answer = await asked<Awaited<ReturnType<EngineApi[M]>>>(socket, stateDir, method, params)
    .catch((error: unknown) => {
      throw unreachableController(error, { sent: true });
    })
    .finally(() => socket.destroy());
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

async function gone(pid: number): Promise<void> {
  const until = systemClock.monotonicMs() + goneMs;
  while (runs(pid)) {
    if (systemClock.monotonicMs() > until) {
      throw new SluiceError({
        code: 'controller-stays',
        message: `Controller ${pid} stopped its instances but still runs after ${goneMs / 1000} s.`,
        remedy: `Read controller.log in the state directory, then end process ${pid}.`,
      });
    }
    await sleep(systemClock, 20);
  }
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
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
