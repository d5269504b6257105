import { cr, incomplete, lf, malformed, sp, valueByte } from './byte-classes.ts';
import { announcesBody, framingOf, type Problem } from './framing.ts';
import { HeaderFields } from './header-fields.ts';

const version = Buffer.from('HTTP/1.', 'latin1');
/** `HTTP/1.1 200` */
const codeStart = version.length + 2;
const codeEnd = codeStart + 3;

/**
 * Reads response heads as strictly as `RequestParser` reads requests. `parse` gives the position after the head,
 * `incomplete`, or `malformed` with `problem` set. What it read stays until the next call.
 */
export class ResponseParser {
  readonly fields = new HeaderFields();
  problem: Problem | null = null;
  /** 100 … 999 */
  status = 0;
  /** 0 or 1, of HTTP/1.x */
  minor = 1;
  /** What the fields say: a length from 0 up, `noLength` or `chunkedLength`. */
  length = 0;
  fieldsStart = 0;

  parse(bytes: Buffer, from: number, end: number): number {
    this.problem = null;
    const fieldsStart = this.#statusLine(bytes, from, end);
    if (fieldsStart < 0) return fieldsStart;
    this.fieldsStart = fieldsStart;
    const headEnd = this.fields.read(bytes, fieldsStart, end);
    if (headEnd === malformed) return this.#refuse('fields');
    if (headEnd < 0) return headEnd;
    const length = framingOf(bytes, this.fields, this.minor);
    if (typeof length !== 'number') return this.#refuse(length);
    // Nothing of the kind exists, and llhttp waits for such a body after all but 100 to 103.
    if (this.status < 200 && announcesBody(length)) return this.#refuse('informational');
    this.length = length;
    return headEnd;
  }

  #statusLine(bytes: Buffer, from: number, end: number): number {
    for (let i = 0; i < codeEnd && from + i < end; i += 1) {
      if (!fits(bytes[from + i] as number, i)) return this.#refuse('first-line');
    }
    let at = from + codeEnd;
    if (at >= end) return incomplete;
    this.minor = (bytes[from + version.length] as number) - 48;
    this.status = 0;
    for (let i = from + codeStart; i < at; i += 1) this.status = this.status * 10 + (bytes[i] as number) - 48;
    // The space before an empty reason is often forgotten.
    if (bytes[at] !== sp && bytes[at] !== cr) return this.#refuse('first-line');
    while (at < end && valueByte[bytes[at] as number] === 1) at += 1;
    if (at < end && bytes[at] !== cr) return this.#refuse('first-line');
    if (at + 1 >= end) return incomplete;
    return bytes[at + 1] === lf ? at + 2 : this.#refuse('first-line');
  }

  #refuse(problem: Problem): number {
    this.problem = problem;
    return malformed;
  }
}

/** Whether a byte may stand at this place of `HTTP/1.x NNN`. */
function fits(byte: number, place: number): boolean {
  if (place < version.length) return byte === version[place];
  if (place === version.length) return byte === 48 || byte === 49;
  if (place === version.length + 1) return byte === sp;
  return byte >= (place === codeStart ? 49 : 48) && byte <= 57;
}
