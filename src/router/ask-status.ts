import { connect } from 'node:net';
import type { Cancel } from '../base/clock.ts';

/** What one probe asks, of an address (`host` without brackets) or of a unix socket. */
export type StatusQuestion = { readonly path: string; readonly userAgent: string } & (
  | { readonly host: string; readonly port: number }
  | { readonly socketPath: string }
);

const mostHeadBytes = 65_536;
/** All questions read into it: on the systems that a router runs on, what was read is told before anything else is read. */
const buffer = Buffer.alloc(16_384);

/**
 * One GET on a connection of its own, of whose answer only the status is read: probes go on day and night, and cost a
 * fraction of what a request of `node:http` does. Tells once: the status (101 for an upgrade), or why there is none.
 */
export function askStatus(question: StatusQuestion, told: (answer: number | Error) => void): Cancel {
  let head = '';
  let over = false;
  const end = (answer: number | Error | null) => {
    if (over) return;
    over = true;
    socket.destroy();
    if (answer !== null) told(answer);
  };
  const read = (bytes: number) => {
    head = withoutInterim(head + buffer.toString('latin1', 0, bytes));
    const answer =
      head.length > mostHeadBytes ? new Error('the head of the answer is too large') : statusIn(head);
    if (answer !== null) end(answer);
    return true;
  };
  const where =
    'socketPath' in question ? { path: question.socketPath } : { host: question.host, port: question.port };
  const socket = connect({ ...where, onread: { buffer, callback: read } });
  socket.on('connect', () => socket.write(requestText(question), 'latin1'));
  socket.on('error', end);
  socket.on('close', () => end(new Error('the connection was closed before the answer')));
  return () => end(null);
}

function requestText(question: StatusQuestion): string {
  const { path, userAgent } = question;
  // Nothing of a path may end the line that it stands in.
  const target = path.replace(/[^\x21-\x7e]/gu, encodeURIComponent);
  return `GET ${target} HTTP/1.1\r\nHost: ${hostOf(question)}\r\nUser-Agent: ${userAgent}\r\nConnection: close\r\n\r\n`;
}

function hostOf(question: StatusQuestion): string {
  if ('socketPath' in question) return 'localhost';
  const { host, port } = question;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Answers such as 103 come before the one that counts; 101 is the last one in HTTP. */
function withoutInterim(head: string): string {
  let rest = head;
  while (/^HTTP\/1\.[01] 1(?!01)\d\d[ \r]/.test(rest)) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return rest;
    rest = rest.slice(end + 4);
  }
  return rest;
}

/** Null until the head is whole. */
function statusIn(head: string): number | Error | null {
  const start = 'HTTP/1.';
  if (!head.startsWith(start.slice(0, head.length))) return new Error('the answer is not HTTP/1');
  if (!head.includes('\r\n\r\n')) return null;
  const status = /^HTTP\/1\.[01] (\d{3})(?: [^\r\n]*)?\r\n/.exec(head)?.[1];
  if (status === undefined) return new Error('the answer has no status line');
  const code = Number(status);
  return code < 200 && code !== 101 ? null : code;
}
