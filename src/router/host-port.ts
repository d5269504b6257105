import { SluiceError } from '../base/sluice-error.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Reads `127.0.0.1:8080`, `localhost:8080` or `[::1]:8080`. Throws `route-table-malformed`. */
export function parseHostPort(address: string): HostPort {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^[\]:/\s]+)):(\d{1,5})$/.exec(address) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port };
  throw new SluiceError({
    code: 'route-table-malformed',
    message: `"${address}" is not an address.`,
    remedy: 'Write a host and a port from 1 to 65535, such as 127.0.0.1:8080 or [::1]:8080.',
  });
}
