import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { errorFacts, SluiceError } from '../base/sluice-error.ts';
import type { EngineApi } from '../engine/api.ts';
import { readProof } from './caller-proof.ts';

const largestCallBytes = 1_048_576;

/** `POST /<method>` with `{proof, params}`; answers `{ok: true, result}` or `{ok: false, error}`. */
export async function serveSocket(options: {
  readonly socketPath: string;
  readonly stateDir: string;
  readonly apiOf: (user: string) => EngineApi;
}): Promise<Server> {
  await rm(options.socketPath, { force: true });
  const server = createServer((request, response) => {
    answer(request, options).then(
      (result) => send(response, 200, { ok: true, result }),
      (error: unknown) => send(response, 400, { ok: false, error: errorFacts(error) }),
    );
  });
  server.listen(options.socketPath);
  await once(server, 'listening');
  await chmod(options.socketPath, 0o600);
  return server;
}

async function answer(
  request: IncomingMessage,
  options: { readonly stateDir: string; readonly apiOf: (user: string) => EngineApi },
): Promise<unknown> {
  const method = (request.url ?? '/').slice(1);
  const call = await bodyOf(request);
  const user = await readProof(options.stateDir, call.proof);
  const api = options.apiOf(user) as unknown as Record<
    string,
    ((params: unknown) => Promise<unknown>) | undefined
  >;
  const does = Object.hasOwn(api, method) ? api[method] : undefined;
  if (request.method !== 'POST' || does === undefined) {
    throw new SluiceError({
      code: 'method-unknown',
      message: `The controller has no method "${method}".`,
      remedy: 'Use a command line of the same version as the controller; `sluice doctor` shows both.',
    });
  }
  return does(call.params ?? {});
}

async function bodyOf(
  request: IncomingMessage,
): Promise<{ readonly proof?: unknown; readonly params?: unknown }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > largestCallBytes) throw malformed('it is too large');
    chunks.push(chunk);
  }
  try {
    const call: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof call === 'object' && call !== null) return call;
  } catch {
    // Told below: a call that is no JSON is the caller's mistake, whatever the parser says about it.
  }
  throw malformed('it is no JSON object');
}

function malformed(why: string): SluiceError {
  return new SluiceError({
    code: 'call-malformed',
    message: `A call could not be read: ${why}.`,
    remedy: 'Send a JSON object with `proof` and `params`, of at most 1 MiB.',
  });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
