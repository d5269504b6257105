// The service that the benches deploy. Each answer says which release gave it and when, in ms of the wall clock.
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
  const status = Math.random() < release.failShare ? 500 : 200;
  let received = '';
  request.setEncoding('utf8').on('data', (chunk) => {
    received += chunk;
  });
  request.on('end', () => {
    if (request.method === 'POST' && received !== 'what the user sends') {
      response.writeHead(400).end('not the whole body\n');
      return;
    }
    response.writeHead(status, { 'x-release': release.version, 'x-at': String(at) });
    if (request.url !== '/slow') {
      response.end('ok\n');
      return;
    }
    // In two parts, so that draining meets answers that have begun.
    response.write('o');
    setTimeout(() => response.end('k\n'), 60);
  });
});

server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
