// What stands behind the proxies: answers with the head that a small Node service sends, and nothing is computed per
// request, so that the core it shares with the load has room for both. Says its port over IPC.
import { type AddressInfo, createServer } from 'node:net';
import { bodySizes } from './load-message.ts';

const answers = new Map(bodySizes.map((bytes) => [bytes, answerOf(bytes)]));
const [small, large] = bodySizes.map((bytes) => answers.get(bytes) as Buffer);
const headEnd = Buffer.from('\r\n\r\n');
/** Where the size stands in `GET /1024 HTTP/1.1`. */
const sizeAt = 5;

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.on('data', (bytes: Buffer) => {
    // A head that comes in two parts is answered after the second one; each asks for what stands in the first line.
    if (bytes.subarray(-4).equals(headEnd)) socket.write((bytes[sizeAt] === 54 ? large : small) as Buffer);
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));

function answerOf(bytes: number): Buffer {
  const head = [
    'HTTP/1.1 200 OK',
    'Content-Type: text/html; charset=utf-8',
    'Cache-Control: private, max-age=0',
    'ETag: "5e8-Yp0Kq3o4nX7c1vZ2"',
    `Content-Length: ${bytes}`,
    `Date: ${new Date().toUTCString()}`,
    'Connection: keep-alive',
    'Keep-Alive: timeout=5',
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.alloc(bytes, 'x')]);
}
