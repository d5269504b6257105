import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Rejects when nobody listens there. */
export async function connectTo(socketPath: string): Promise<Socket> {
  const socket = connect(socketPath);
  await once(socket, 'connect');
  // Whoever reads the answer is told of it; an error before that must not end the process.
  socket.on('error', () => {});
  return socket;
}

/**
 * One HTTP/1.0 call on a connection that it uses up; resolves with the body of the answer, whatever its status. Rejects
 * when the answer has no end of its head. By hand, because loading `node:http` takes as long as starting Node.
 */
export async function post(socket: Socket, path: string, body: string): Promise<string> {
  const bytes = Buffer.from(body);
  // The connection stays open for writing: the server takes a half-closed one for a caller who went away.
  socket.write(
    `POST ${path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: ${bytes.byteLength}\r\n\r\n`,
  );
  socket.write(bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  const answer = Buffer.concat(chunks);
  const end = answer.indexOf('\r\n\r\n');
  if (end === -1) throw new Error('the connection ended before the answer came');
  return answer.subarray(end + 4).toString('utf8');
}
