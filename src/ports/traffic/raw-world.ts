import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Backend } from '../../base/route-table.ts';
import { eventually, instance, type RouterWorld, target } from './router-world.ts';

/** A connection of a client that writes and reads bytes as they are. */
export interface RawClient {
  readonly socket: Socket;
  /** All that came, one character for each byte. */
  text(): string;
  closed(): boolean;
  write(text: string): void;
  /** Waits until what came matches. */
  until(pattern: RegExp): Promise<string>;
  /** Waits until the router has ended the connection; gives all that came. */
  end(): Promise<string>;
}

export async function rawClient(world: RouterWorld): Promise<RawClient> {
  const { host, port } = target(world.listen);
  const socket = connect(port, host);
  let text = '';
  let closed = false;
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });
  await once(socket, 'connect');
  return {
    socket,
    text: () => text,
    closed: () => closed,
    write: (bytes) => void socket.write(bytes, 'latin1'),
    async until(pattern) {
      await eventually(async () => pattern.test(text)).catch(() => {
        throw new Error(`no ${pattern} in ${JSON.stringify(text)}`);
      });
      return text;
    },
    async end() {
      await eventually(async () => closed);
      return text;
    },
  };
}

/** An instance that writes and reads bytes as they are. */
export interface RawBackend extends Backend {
  /** What came, of each connection. */
  readonly seen: string[];
  stop(): Promise<void>;
}

/** `answer` is told of all that came on the connection so far, whenever something came. */
export async function rawBackend(
  name: string,
  answer: (socket: Socket, text: string, connection: number) => void,
): Promise<RawBackend> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let index = -1;
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      if (index < 0) index = seen.push('') - 1;
      seen[index] += chunk.toString('latin1');
      answer(socket, seen[index] ?? '', index);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    instance: instance(name),
    generation: 'R-0',
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
