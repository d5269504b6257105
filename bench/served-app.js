// The service that the benches deploy. Each answer says which release gave it and when, in ms of the wall clock.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const release = JSON.parse(readFileSync(join(import.meta.dirname, 'release.json'), 'utf8'));

const server = createServer((request, response) => {
  const at = performance.timeOrigin + performance.now();
  if (request.url === '/healthz') {
    response.end('ok\n');
    return;
  }
  // What every release fails comes first, so that a failure beyond it is this release's own.
  const { failShare, usualShare = 0 } = release;
  const usual = Math.random() < usualShare;
  const own = !usual && Math.random() < (failShare - usualShare) / (1 - usualShare);
  const status = usual || own ? 500 : 200;
  let received = '';
  request.setEncoding('utf8').on('data', (chunk) => {
    received += chunk;
  });
  request.on('end', () => {
    if (request.method === 'POST' && received !== 'what the user sends') {
      response.writeHead(400).end('not the whole body\n');
      return;
    }
    response.writeHead(status, {
      'x-release': release.version,
      'x-at': String(at),
      ...(usual && { 'x-usual': '1' }),
    });
    if (request.url !== '/slow') {
      response.end('ok\n');
      return;
    }
    // In two parts, so that draining meets answers that have begun.
    response.write('o');
    setTimeout(() => response.end('k\n'), 60);
  });
});

// WebSockets: says which release they met, then gives back each short message.
server.on('upgrade', (request, socket) => {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.write(textFrame(Buffer.from(release.version)));
  let unread = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    // A client's frame: two bytes, four of the mask, then fewer than 126 of the message.
    while (unread.length >= 6 && unread.length >= 6 + (unread[1] & 127)) {
      const end = 6 + (unread[1] & 127);
      const mask = unread.subarray(2, 6);
      const message = unread.subarray(6, end).map((byte, index) => byte ^ mask[index % 4]);
      if ((unread[0] & 15) === 8) return socket.end();
      socket.write(textFrame(message));
      unread = unread.subarray(end);
    }
  });
});

function textFrame(message) {
  return Buffer.concat([Buffer.from([0x81, message.length]), message]);
}

server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
