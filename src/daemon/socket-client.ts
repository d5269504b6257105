import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { sleep, systemClock } from '../base/clock.ts';
import { type ErrorFacts, SluiceError } from '../base/sluice-error.ts';
import type { EngineApi, Method } from '../engine/api.ts';
import { socketPathFor } from '../router/socket-path.ts';
import { makeProof } from './caller-proof.ts';

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
  const proof = await makeProof(stateDir).catch((error: unknown) => {
    throw unreachableController(error);
  });
  const sent = request({
    socketPath: socketPathFor(stateDir, 'controller'),
    method: 'POST',
    path: `/${method}`,
    agent: false,
  });
  sent.end(JSON.stringify({ proof, params }));
  const answered = await once(sent, 'response').catch((error: unknown) => {
    throw unreachableController(error);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answered[0] as IncomingMessage as AsyncIterable<Buffer>) chunks.push(chunk);
  const answer = JSON.parse(Buffer.concat(chunks).toString('utf8')) as
    | { readonly ok: true; readonly result: Awaited<ReturnType<EngineApi[M]>> }
    | { readonly ok: false; readonly error: ErrorFacts };
  if (answer.ok) return answer.result;
  throw new SluiceError(answer.error);
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

function unreachableController(cause: unknown): SluiceError {
  return new SluiceError({
    code: 'controller-unreachable',
    message: 'No controller is running for this project.',
    remedy: 'Start one with `sluice serve`; deploying starts one by itself.',
    cause,
  });
}
