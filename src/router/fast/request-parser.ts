import { METHODS } from 'node:http';
import { cr, incomplete, lf, malformed, sp, targetByte, tokenByte } from './byte-classes.ts';
import { fieldKind } from './field-kind.ts';
import { framingOf, type Problem } from './framing.ts';
import { HeaderFields } from './header-fields.ts';

/** CONNECT asks for a tunnel to anywhere, which a router in front of a service does not give; SOURCE is not HTTP's. */
const methods: ReadonlySet<string> = new Set(
  METHODS.filter((name) => name !== 'CONNECT' && name !== 'SOURCE'),
);
const longestMethod = 20;
const version = Buffer.from('HTTP/1.', 'latin1');
/** Scheme, authority (without user or password) and the rest. */
const absolute = /^(https?):\/\/([^/?@\\]+)([/?].*)?$/i;
const host = /^(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._~%!$&'()*+;=-]+)(?::[0-9]{0,5})?$/;

/**
 * Reads request heads, strictly (RFC 9112): what could be read in two ways is refused. `parse` gives the position after
 * the head, `incomplete`, or `malformed` with `problem` set. What it read stays until the next call.
 */
export class RequestParser {
  readonly fields = new HeaderFields();
  problem: Problem | null = null;
  method = '';
  /** As it was written: `/path?query`, `http://host/path`, or `*`. */
  target = '';
  /** Path and query, `*` for OPTIONS of the whole server. */
  path = '';
  /** Host and port that the request is for; empty only in HTTP/1.0. */
  authority = '';
  /** The target had a scheme and an authority, which count in place of Host (RFC 9112, 3.2.2). */
  absolute = false;
  /** 0 or 1, of HTTP/1.x */
  minor = 1;
  /** Length of the body from 0 up, `noLength` or `chunkedLength`. */
  length = 0;
  /** Where the request line begins, and where the first field does. */
  start = 0;
  fieldsStart = 0;

  parse(bytes: Buffer, from: number, end: number): number {
    this.problem = null;
    this.method = '';
    const start = skipEmptyLine(bytes, from, end);
    const fieldsStart = start < 0 ? start : this.#firstLine(bytes, start, end);
    if (fieldsStart < 0) return fieldsStart;
    this.start = start;
    this.fieldsStart = fieldsStart;
    const headEnd = this.fields.read(bytes, fieldsStart, end);
    if (headEnd === malformed) return this.#refuse('fields');
    if (headEnd < 0) return headEnd;
    if (!this.#readHost(bytes)) return this.#refuse('host');
    const length = framingOf(bytes, this.fields, this.minor);
    if (typeof length !== 'number') return this.#refuse(length);
    this.length = length;
    return headEnd;
  }

  #firstLine(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && tokenByte[bytes[at] as number] !== 0) at += 1;
    if (at - start > longestMethod) return this.#refuse('method');
    if (at >= end) return incomplete;
    if (bytes[at] !== sp) return this.#refuse('method');
    this.method = methodOf(bytes, start, at);
    if (!methods.has(this.method)) return this.#refuse('method');
    const targetStart = at + 1;
    at = targetStart;
    while (at < end && targetByte[bytes[at] as number] === 1) at += 1;
    if (at >= end) return incomplete;
    if (bytes[at] !== sp) return this.#refuse('target');
    this.target = bytes.toString('latin1', targetStart, at);
    if (!this.#readTarget()) return this.#refuse('target');
    return this.#version(bytes, at + 1, end);
  }

  #version(bytes: Buffer, start: number, end: number): number {
    const line = version.length + 3;
    for (let i = 0; i < line && start + i < end; i += 1) {
      const byte = bytes[start + i] as number;
      if (i < version.length ? byte !== version[i] : !isVersionEnd(byte, i - version.length)) {
        return this.#refuse('version');
      }
    }
    if (start + line > end) return incomplete;
    this.minor = (bytes[start + version.length] as number) - 48;
    return start + line;
  }

  #readTarget(): boolean {
    const { target } = this;
    this.absolute = false;
    this.path = target;
    if (target.charCodeAt(0) === 47) return true;
    if (target === '*') return this.method === 'OPTIONS';
    const parts = absolute.exec(target);
    if (parts === null || !host.test(parts[2] ?? '')) return false;
    this.absolute = true;
    this.authority = parts[2] ?? '';
    const rest = parts[3] ?? '/';
    this.path = rest.startsWith('?') ? `/${rest}` : rest;
    return true;
  }

  #readHost(bytes: Buffer): boolean {
    const { fields } = this;
    const index = fields.find(fieldKind.host);
    if (index < 0) {
      if (!this.absolute) this.authority = '';
      return this.minor === 0;
    }
    if (fields.find(fieldKind.host, index + 1) >= 0) return false;
    const value = fields.value(bytes, index);
    if (!host.test(value)) return false;
    if (!this.absolute) this.authority = value;
    return true;
  }

  #refuse(problem: Problem): number {
    this.problem = problem;
    return malformed;
  }
}

/** One empty line before a request is passed over (RFC 9112, 2.2): some clients send one after a body. */
function skipEmptyLine(bytes: Buffer, from: number, end: number): number {
  if (from >= end) return incomplete;
  if (bytes[from] !== cr) return from;
  if (from + 1 >= end) return incomplete;
  return bytes[from + 1] === lf ? from + 2 : from;
}

/** The two most frequent ones without making a string. */
function methodOf(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  const first = bytes[start];
  if (length === 3 && first === 71 && bytes[start + 1] === 69 && bytes[start + 2] === 84) return 'GET';
  if (length === 4 && first === 80 && bytes[start + 1] === 79 && bytes[start + 2] === 83) {
    if (bytes[start + 3] === 84) return 'POST';
  }
  return bytes.toString('latin1', start, end);
}

/** `0` or `1`, CR, LF */
function isVersionEnd(byte: number, place: number): boolean {
  if (place === 0) return byte === 48 || byte === 49;
  return byte === (place === 1 ? cr : lf);
}
