import { request } from 'node:http';
import type { Clock } from '../../base/clock.ts';
import { isErrorFacts, SluiceError } from '../../base/sluice-error.ts';

export interface ControlCall {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Parts of the path, not yet encoded. */
  readonly path: readonly string[];
  readonly body?: unknown;
  /** From the call to the whole answer. Default 10 s. */
  readonly timeoutMs?: number;
}

export interface ControlDoor {
  readonly socketPath: string;
  readonly clock: Clock;
  /** Ends every call that is under way with `router-unreachable`. */
  readonly signal?: AbortSignal;
}

/**
 * One call on the router's control socket, on a connection of its own: a kept one may belong to a router that is gone.
 * Rejects with the router's own error, or with `router-unreachable`, after which the call may have been carried out.
 */
export function callRouter(door: ControlDoor, call: ControlCall): Promise<unknown> {
  const { socketPath, clock, signal } = door;
  const { method, timeoutMs = 10_000 } = call;
  const path = `/${call.path.map(encodeURIComponent).join('/')}`;
  const body = call.body === undefined ? null : Buffer.from(JSON.stringify(call.body));
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => {
      cancel();
      signal?.removeEventListener('abort', abort);
      reject(unreachable(socketPath, cause));
    };
    const headers = body === null ? {} : { 'Content-Length': body.byteLength };
    const asked = request({ socketPath, method, path, headers, agent: false });
    const abort = () => asked.destroy(new Error('the controller lets go of the router'));
    const cancel = clock.after(timeoutMs, () => asked.destroy(new Error(`no answer in ${timeoutMs} ms`)));
    signal?.addEventListener('abort', abort, { once: true });
    asked.on('error', fail);
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.once('end', () => {
        cancel();
        signal?.removeEventListener('abort', abort);
        read(response.statusCode ?? 500, Buffer.concat(chunks).toString(), fail, resolve, reject);
      });
    });
    if (signal?.aborted === true) abort();
    asked.end(body);
  });
}

function read(
  status: number,
  text: string,
  fail: (cause: Error) => void,
  resolve: (value: unknown) => void,
  reject: (error: SluiceError) => void,
): void {
  try {
    const value = JSON.parse(text) as unknown;
    if (status < 400) resolve(value);
    else if (isErrorFacts(value)) reject(new SluiceError(value));
    else fail(new Error(`it answers ${status} without a reason`));
  } catch (error) {
    fail(error as Error);
  }
}

function unreachable(socketPath: string, cause: Error): SluiceError {
  return new SluiceError({
    code: 'router-unreachable',
    message: `The router does not answer on ${socketPath}: ${cause.message}`,
    remedy:
      'Users are served by the routes in force; start the router again with `sluice router`, routes follow by themselves.',
    cause,
    details: { socketPath },
  });
}
