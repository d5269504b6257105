import { cr } from './byte-classes.ts';
import { fieldKind } from './field-kind.ts';
import type { HeaderFields } from './header-fields.ts';

/** Why a head is refused. docs/router-parser.md tells of each. */
export type Problem =
  | 'first-line'
  | 'method'
  | 'target'
  | 'version'
  | 'fields'
  | 'host'
  | 'content-length'
  | 'transfer-encoding'
  | 'two-lengths'
  | 'informational';

/** How the end of a body is found, as far as header fields say: a length from 0 up, or one of these. */
export const noLength = -1;
export const chunkedLength = -2;

/** Whether a head of this length says that a body follows. */
export function announcesBody(length: number): boolean {
  return length !== noLength && length !== 0;
}

const chunkedCoding = Buffer.from('chunked', 'latin1');
const [zero, nine] = [48, 57];
/** Fifteen digits: every such length is an exact number in any language. */
const mostDigits = 15;

/** A length, `noLength`, `chunkedLength`, or the problem with them. Nothing is guessed: each doubt refuses the message. */
export function framingOf(bytes: Uint8Array, fields: HeaderFields, minor: number): number | Problem {
  const length = fields.find(fieldKind.contentLength);
  const coding = fields.find(fieldKind.transferEncoding);
  if (coding >= 0) {
    if (length >= 0) return 'two-lengths';
    if (minor === 0 || fields.find(fieldKind.transferEncoding, coding + 1) >= 0) return 'transfer-encoding';
    return isChunked(bytes, fields.valueStart(coding), fields.valueEnd(coding))
      ? chunkedLength
      : 'transfer-encoding';
  }
  if (length < 0) return noLength;
  if (fields.find(fieldKind.contentLength, length + 1) >= 0) return 'content-length';
  return readLength(bytes, fields.valueStart(length), fields.valueEnd(length));
}

/** Digits and nothing else, without a zero in front, because some readers take that for octal. */
function readLength(bytes: Uint8Array, start: number, end: number): number | Problem {
  const digits = end - start;
  if (digits === 0 || digits > mostDigits || (digits > 1 && bytes[start] === zero)) return 'content-length';
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (byte < zero || byte > nine) return 'content-length';
    value = value * 10 + byte - zero;
  }
  return value;
}

/** White space after it is refused, because llhttp takes a tab there for another coding. */
function isChunked(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== chunkedCoding.length || bytes[end] !== cr) return false;
  for (let i = 0; i < chunkedCoding.length; i += 1) if (bytes[start + i] !== chunkedCoding[i]) return false;
  return true;
}
