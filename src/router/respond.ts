import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import type { Answer } from './engine.ts';

const lingerMs = 2_000;

/**
 * Answers without an instance. When the client is still sending its body the answer is written whole and the connection
 * closed a little later: closing at once would reset it, and the client would never read the answer.
 */
export function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  clock: Clock,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = Buffer.from(answer.body);
  const stillSending = !request.complete && hasBody(request);
  if (stillSending) response.shouldKeepAlive = false;
  response.writeHead(answer.status, [...answer.headers.flat(), 'Content-Length', String(body.byteLength)]);
  if (!stillSending) {
    response.end(body);
    return;
  }
  if (request.method === 'HEAD') response.flushHeaders();
  else response.write(body);
  const end = () => {
    cancel();
    response.end();
  };
  const cancel = clock.after(lingerMs, end);
  request.once('close', end);
  request.once('end', end);
  request.resume();
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** The same on a connection that has no response object. */
export function rawAnswer({ status, headers, body }: Answer, reason: string): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const length = Buffer.byteLength(body);
  return `HTTP/1.1 ${status} ${reason}\r\n${lines}Content-Length: ${length}\r\nConnection: close\r\n\r\n${body}`;
}
