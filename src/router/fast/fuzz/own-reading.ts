import { malformed } from '../byte-classes.ts';
import { ChunkScanner } from '../chunk-scanner.ts';
import { chunkedLength, noLength } from '../framing.ts';
import { RequestParser } from '../request-parser.ts';
import { responseBody, untilClose } from '../response-body.ts';
import { ResponseParser } from '../response-parser.ts';
import type { Case, Message, Reading } from './message.ts';

const [requests, responses, scanner] = [new RequestParser(), new ResponseParser(), new ChunkScanner()];

/** The stream as the fast engine reads it. `pieces` says where chunked bodies are cut, as reads from a socket would. */
export function ownReading({ kind, method, bytes }: Case, pieces: () => number): Reading {
  const parser = kind === 'request' ? requests : responses;
  const messages: Message[] = [];
  for (let start = 0; start < bytes.length; ) {
    const headEnd = parser.parse(bytes, start, bytes.length);
    if (headEnd === malformed) return { messages, refused: parser.problem };
    if (headEnd < 0) break;
    const { fields } = parser;
    const first = parser instanceof RequestParser ? `${parser.method} ${parser.target}` : `${parser.status}`;
    const head = { first, start, headEnd, fields: pairs(bytes, fields) };
    const length =
      parser instanceof RequestParser
        ? Math.max(parser.length, parser.length === noLength ? 0 : chunkedLength)
        : responseBody(method, parser.status, parser.length);
    const { end, body, refused } = ownBody(bytes, headEnd, length, pieces);
    messages.push({ ...head, end, body });
    if (refused) return { messages, refused: 'chunk' };
    if (end === null || (kind === 'response' && parser instanceof ResponseParser && parser.status === 101))
      break;
    start = end;
  }
  return { messages, refused: null };
}

function ownBody(
  bytes: Buffer,
  from: number,
  length: number,
  pieces: () => number,
): { readonly end: number | null; readonly body: string; readonly refused: boolean } {
  if (length === untilClose) return { end: null, body: bytes.toString('latin1', from), refused: false };
  if (length !== chunkedLength) {
    const end = from + length;
    return {
      end: end <= bytes.length ? end : null,
      body: bytes.toString('latin1', from, end),
      refused: false,
    };
  }
  scanner.reset();
  let body = '';
  let at = from;
  while (at < bytes.length && !scanner.done) {
    const to = Math.min(bytes.length, at + pieces());
    at = scanner.scan(bytes, at, to, (start, end) => {
      body += bytes.toString('latin1', start, end);
    });
    if (at === malformed) return { end: null, body, refused: true };
  }
  return { end: scanner.done ? at : null, body, refused: false };
}

function pairs(bytes: Buffer, fields: RequestParser['fields']): string[] {
  const result: string[] = [];
  for (let i = 0; i < fields.count; i += 1) result.push(fields.name(bytes, i), fields.value(bytes, i));
  return result;
}
