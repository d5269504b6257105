import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type ErrorFacts, SluiceError } from '../base/sluice-error.ts';
import type { EngineApi, Method } from '../engine/api.ts';
import { socketPathFor } from '../router/socket-path.ts';
import { makeProof } from './caller-proof.ts';

/** Calls one method of the controller. Rejects with `controller-unreachable`, or the error that it answered with. */
export async function callController<M extends Method>(
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

function unreachableController(cause: unknown): SluiceError {
  return new SluiceError({
    code: 'controller-unreachable',
    message: 'No controller is running for this project.',
    remedy: 'Start one with `sluice serve`; deploying starts one by itself.',
    cause,
  });
}
