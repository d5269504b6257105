import type { Server } from 'node:net';
import { errorFacts, SluiceError } from '../base/sluice-error.ts';
import { parseHostPort } from './host-port.ts';
import { say } from './say.ts';

const backlog = 4_096;

/**
 * Opens a server on `host:port`, or on the socket of `from`. Rejects with `listen-failed`; errors after that are told on
 * standard error.
 */
export async function bind(server: Server, address: string, from?: Server): Promise<void> {
  const { host, port } = parseHostPort(address);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(listenFailed(address, cause)));
    if (from === undefined) server.listen({ host, port, backlog }, resolve);
    else server.listen(from, backlog, resolve);
  });
  server.removeAllListeners('error');
  server.on('error', (error) => say(`${address}: ${errorFacts(error).message}`));
}

function listenFailed(address: string, cause: Error & { code?: string }): SluiceError {
  const why: Readonly<Record<string, readonly [string, string]>> = {
    EADDRINUSE: ['another process listens there', 'End that process, or set another `listen` address.'],
    EACCES: ['this user may not', 'Use a port from 1024 up, or allow this user to bind lower ones.'],
    EADDRNOTAVAIL: ['this machine does not have that address', 'Set `listen` to an address of this machine.'],
    ENOTFOUND: ['the name is not known', 'Set `listen` to an address of this machine.'],
  };
  const [reason, remedy] = why[cause.code ?? ''] ?? [cause.message, 'Set another `listen` address.'];
  return new SluiceError({
    code: 'listen-failed',
    message: `The router cannot listen on ${address}: ${reason}.`,
    remedy,
    cause,
    details: { address },
  });
}
