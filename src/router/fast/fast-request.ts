import type { IncomingHttpHeaders } from 'node:http';
import type { RequestHead } from '../engine.ts';
import { upgradesToHttp2 } from '../forwarded-headers.ts';
import { versionWanted } from '../version-fields.ts';
import { connectionOptions } from './connection-options.ts';
import { fieldKind } from './field-kind.ts';
import { announcesBody, chunkedLength, noLength } from './framing.ts';
import { fieldsOf, headersOf } from './lazy-headers.ts';
import type { RequestParser } from './request-parser.ts';

/** Who is at the other end of a client's connection. */
export interface Peer {
  readonly address: string;
  /** It is on this machine (a TLS terminator), so what it says of its own client is believed. */
  readonly believed: boolean;
  /** It speaks TLS with this router. */
  readonly secure: boolean;
}

/** Methods that seldom have a body, so that none is announced in place of a missing length. */
const withoutBody = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'DELETE']);

/** One request as it was read, and the head that the instance gets. Holds no bytes of the connection's buffer. */
export class FastRequest implements RequestHead {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly remoteAddress: string;
  readonly headBytes: number;
  readonly bodyBytes: number | null;
  readonly upgrade: boolean;
  readonly asksVersion: boolean;
  /** Of HTTP/1.x */
  readonly minor: number;
  /** Of the body: a length from 0 up, or `chunkedLength`. */
  readonly length: number;
  /** The connection ends with the answer. */
  readonly close: boolean;
  /** The client waits for a 100 before it sends the body. */
  readonly expects: boolean;
  /** Of Expect: something that nobody here fulfils. */
  readonly unfulfillable: boolean;
  /** The head for the instance, without Host where the client gave none and without the blank line. */
  readonly text: string;
  readonly withoutHost: boolean;
  #fields: string;
  #headers: IncomingHttpHeaders | null = null;

  constructor(parser: RequestParser, bytes: Buffer, headEnd: number, peer: Peer) {
    const { fields, method, minor, authority } = parser;
    const options = connectionOptions(bytes, fields);
    const mayUpgrade = options.upgrade && minor === 1 && !announcesBody(parser.length);
    const upgrade = mayUpgrade ? upgradeOf(parser, bytes) : null;
    const expect = fields.find(fieldKind.expect) < 0 ? null : fields.joined(bytes, fieldKind.expect);
    this.method = method;
    this.path = parser.path;
    this.host = hostName(authority);
    this.remoteAddress = peer.address;
    this.headBytes = headEnd - parser.start - 2;
    this.length = parser.length === noLength ? 0 : parser.length;
    this.bodyBytes = this.length === chunkedLength ? null : this.length;
    this.upgrade = upgrade !== null;
    this.asksVersion =
      fields.find(fieldKind.debug) >= 0 && fields.joined(bytes, fieldKind.debug) === versionWanted;
    this.minor = minor;
    // What a client sends behind an upgrade that is not granted is no request.
    this.close = options.close || this.upgrade || (minor === 0 && !options.keepAlive);
    this.expects = expect?.toLowerCase() === '100-continue' && minor === 1 && this.length !== 0;
    this.unfulfillable = expect !== null && minor === 1 && expect.toLowerCase() !== '100-continue';
    this.#fields = bytes.toString('latin1', parser.start, headEnd - 2);
    this.withoutHost = authority === '';
    this.text = this.#forwarded(parser, bytes, { named: options.named, upgrade, peer });
  }

  get headers(): IncomingHttpHeaders {
    this.#headers ??= headersOf(this.#fields);
    return this.#headers;
  }

  fieldsFor(address: string): readonly string[] {
    const fields = fieldsOf(this.text);
    if (this.withoutHost) fields.push('Host', address);
    return fields;
  }

  #forwarded(
    parser: RequestParser,
    bytes: Buffer,
    about: {
      readonly named: ReadonlySet<string> | null;
      readonly upgrade: string | null;
      readonly peer: Peer;
    },
  ): string {
    const { fields, method, start } = parser;
    const whole = this.#fields;
    const plainLine = parser.minor === 1 && !parser.absolute;
    let text = plainLine ? '' : `${method} ${parser.path} HTTP/1.1\r\n`;
    let from = plainLine ? 0 : parser.fieldsStart - start;
    let forwarded = false;
    for (let i = 0; i < fields.count; i += 1) {
      const kind = fields.kind(i);
      if (kind === fieldKind.other && (about.named === null || !isNamed(whole, i, parser, about.named)))
        continue;
      if (kind === fieldKind.contentLength || kind === fieldKind.transferEncoding) continue;
      if (kind === fieldKind.host && !parser.absolute) continue;
      forwarded ||= kind >= fieldKind.forwardedFor && kind <= fieldKind.forwardedHost;
      const lineStart = fields.nameStart(i) - start;
      if (lineStart > from) text += whole.slice(from, lineStart);
      from = i + 1 < fields.count ? fields.nameStart(i + 1) - start : whole.length;
    }
    text += from === 0 ? whole : whole.slice(from);
    if (parser.absolute) text += `Host: ${parser.authority}\r\n`;
    text += forwardedFields(parser, bytes, about.peer, forwarded);
    if (parser.length === noLength && !withoutBody.has(method)) text += 'Content-Length: 0\r\n';
    return about.upgrade === null ? text : `${text}Connection: Upgrade\r\nUpgrade: ${about.upgrade}\r\n`;
  }
}

/** `X-Forwarded-*` of a peer on this machine is believed and added to; that of anybody else is replaced. */
function forwardedFields(parser: RequestParser, bytes: Buffer, peer: Peer, given: boolean): string {
  const before = (kind: number) => (peer.believed && given ? parser.fields.joined(bytes, kind) : null);
  const asked = before(fieldKind.forwardedFor);
  const host = before(fieldKind.forwardedHost) ?? parser.authority;
  return (
    `X-Forwarded-For: ${asked === null ? peer.address : `${asked}, ${peer.address}`}\r\n` +
    `X-Forwarded-Proto: ${before(fieldKind.forwardedProto) ?? (peer.secure ? 'https' : 'http')}\r\n` +
    (host === '' ? '' : `X-Forwarded-Host: ${host}\r\n`)
  );
}

/** Null for what is not passed on. */
function upgradeOf({ fields }: RequestParser, bytes: Buffer): string | null {
  const wanted = fields.joined(bytes, fieldKind.upgrade);
  return wanted === null || wanted === '' || upgradesToHttp2(wanted) ? null : wanted;
}

function isNamed(
  whole: string,
  index: number,
  { fields, start }: RequestParser,
  named: ReadonlySet<string>,
): boolean {
  return named.has(whole.slice(fields.nameStart(index) - start, fields.nameEnd(index) - start).toLowerCase());
}

function hostName(authority: string): string {
  const port = authority.lastIndexOf(':');
  const host = port > authority.lastIndexOf(']') ? authority.slice(0, port) : authority;
  return host.toLowerCase();
}
