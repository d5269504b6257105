import type { IncomingHttpHeaders } from 'node:http';
import { isSameToken } from './access-token.ts';
import { isLoopback } from './listen-address.ts';

/** Why a request is not taken, as it is answered. */
export interface Turned {
  readonly status: 401 | 403;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/**
 * Null when a request may come in. A page of a foreign site that has its name resolved to this machine sends a foreign `Host`
 * or `Origin`; a program of another user has no token.
 */
export function guardRequest(
  { host, origin, authorization }: Pick<IncomingHttpHeaders, 'host' | 'origin' | 'authorization'>,
  { port, token }: { readonly port: number; readonly token: string },
): Turned | null {
  if (!isOwn(host === undefined ? undefined : `http://${host}`, port)) {
    return turned(403, 'host-foreign', `The request is for the host "${host ?? ''}", which is not this one.`);
  }
  if (origin !== undefined && !isOwn(origin, port)) {
    return turned(403, 'origin-foreign', `The request comes from a page of ${origin}.`);
  }
  const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (given !== undefined && isSameToken(given, token)) return null;
  return turned(401, 'token-wrong', given === undefined ? 'No token was sent.' : 'The token is not the one.');
}

/** An origin of this machine with the port on which the door is. */
function isOwn(origin: string | undefined, port: number): boolean {
  const url = URL.parse(origin ?? '');
  if (url === null || url.protocol !== 'http:' || url.pathname !== '/' || url.username !== '') return false;
  return isLoopback(url.hostname.replace(/^\[|\]$/g, '')) && Number(url.port || 80) === port;
}

function turned(status: Turned['status'], code: string, message: string): Turned {
  const remedy =
    status === 401
      ? 'Send `Authorization: Bearer` with the content of the token file that `sluice mcp --http` names.'
      : 'Use the address that `sluice mcp --http` printed, from a program on this machine.';
  return { status, code, message, remedy };
}
