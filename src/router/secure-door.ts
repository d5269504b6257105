import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { Cancel, Clock } from '../base/clock.ts';

/** Which certificate a client gets. */
export interface Certified {
  /** By the name that the client asks for, null when it names none. Null: this address does not speak TLS. */
  secureContext(servername: string | null): SecureContext | null;
}

const handshakeMs = 10_000;

/** Gives a connection that was accepted to `serve`: as it is, or once its TLS handshake has ended well. */
export function openDoor(
  raw: Socket,
  { site, clock }: { readonly site: Certified; readonly clock: Clock },
  serve: (socket: Socket) => void,
): void {
  const context = site.secureContext(null);
  if (context === null) serve(raw);
  else shakeHands(raw, { context, site, clock }, serve);
}

/** True for what the client sends over TLS to this very process. */
export function isSecure(socket: Socket): boolean {
  return socket instanceof TLSSocket;
}

function shakeHands(
  raw: Socket,
  about: { readonly context: SecureContext; readonly site: Certified; readonly clock: Clock },
  serve: (socket: Socket) => void,
): void {
  const { context, site, clock } = about;
  const socket = new TLSSocket(raw, {
    isServer: true,
    secureContext: context,
    ALPNProtocols: ['http/1.1'],
    SNICallback: (name, tell) => tell(null, site.secureContext(name) ?? context),
  });
  // Followed by 'close'; one that speaks no TLS has no reader for a word about it.
  const fail = () => socket.destroy();
  const cancel: Cancel = clock.after(handshakeMs, fail);
  socket.on('error', fail).on('_tlsError', fail).once('close', cancel);
  socket.once('secure', () => {
    cancel();
    socket.off('error', fail).off('_tlsError', fail);
    serve(socket);
  });
}
