import type { IncomingMessage } from 'node:http';
import { isSecure } from './secure-door.ts';
import { debugHeader, type HeaderField } from './version-fields.ts';

/** Marks a copy of a request. That of a client reaches no instance, so it can be relied on. */
export const mirrorHeader = 'Sluice-Mirror';

/** Headers that belong to one connection and never travel on (RFC 9110, 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'te',
  'transfer-encoding',
  'upgrade',
]);
const replaced = new Set([
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'expect',
  debugHeader,
  mirrorHeader.toLowerCase(),
]);

/**
 * The head that an instance gets, as a flat list of names and values. `X-Forwarded-*` of a peer on this machine (a TLS
 * terminator) is believed and added to; that of anybody else is replaced, because anybody can write it.
 */
export function requestHeaders(request: IncomingMessage, address: string): string[] {
  const { rawHeaders, headers } = request;
  const named = connectionNames(headers.connection);
  const authority = authorityOf(request);
  const result: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    if (hopByHop.has(name) || replaced.has(name) || named?.has(name)) continue;
    result.push(rawHeaders[i] as string, name === 'host' ? authority : (rawHeaders[i + 1] as string));
  }
  if (headers.host === undefined) result.push('Host', authority === '' ? address : authority);
  addForwarded(result, request, authority);
  return result;
}

/** Host and port that a request is for: those of its target count in place of Host (RFC 9112, 3.2.2). */
export function authorityOf({ url = '/', headers }: IncomingMessage): string {
  const own = url.startsWith('/') ? null : /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url);
  return own?.[1] ?? headers.host ?? '';
}

/** HTTP/2 in place of HTTP/1.1 would hide all further requests from the router. */
export function upgradesToHttp2(upgrade: string): boolean {
  return /(?:^|,)\s*h2c?\b/i.test(upgrade);
}

/** The response head that the client gets. */
export function responseHeaders(response: IncomingMessage, added: readonly HeaderField[]): string[] {
  const { rawHeaders, headers } = response;
  const named = connectionNames(headers.connection);
  const result: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    if (hopByHop.has(name) || named?.has(name)) continue;
    result.push(rawHeaders[i] as string, rawHeaders[i + 1] as string);
  }
  for (const [name, value] of added) result.push(name, value);
  return result;
}

/** `::ffff:10.0.0.1` → `10.0.0.1` */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

function addForwarded(result: string[], { headers, socket }: IncomingMessage, authority: string): void {
  const peer = plainAddress(socket.remoteAddress);
  const believed = peer === '::1' || peer.startsWith('127.');
  const before = believed ? single(headers['x-forwarded-for']) : undefined;
  result.push('X-Forwarded-For', before === undefined ? peer : `${before}, ${peer}`);
  const proto = believed ? single(headers['x-forwarded-proto']) : undefined;
  result.push('X-Forwarded-Proto', proto ?? (isSecure(socket) ? 'https' : 'http'));
  const host = (believed ? single(headers['x-forwarded-host']) : undefined) ?? authority;
  if (host !== '') result.push('X-Forwarded-Host', host);
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}

function connectionNames(connection: string | undefined): Set<string> | null {
  if (connection === undefined) return null;
  if (connection === 'keep-alive' || connection === 'close') return null;
  const names = connection.split(',').map((name) => name.trim().toLowerCase());
  // A client must not be able to strip what the instance relies on by naming it here.
  return new Set(names.filter((name) => name !== 'host' && name !== 'content-length' && name !== 'cookie'));
}
