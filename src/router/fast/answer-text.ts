import { STATUS_CODES } from 'node:http';
import type { Answer } from '../engine.ts';

/** An answer of the router's own, as it is written. `head`: the request was HEAD, so the body is only announced. */
export function answerText(
  { status, headers, body }: Answer,
  { head, last, minor }: { readonly head: boolean; readonly last: boolean; readonly minor: number },
): Buffer {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  text += `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  if (last) text += 'Connection: close\r\n';
  else if (minor === 0) text += 'Connection: keep-alive\r\n';
  return Buffer.from(`${text}\r\n${head ? '' : body}`);
}
