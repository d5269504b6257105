import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pageOf } from './pages.js';

const release = JSON.parse(await readFile(join(import.meta.dirname, 'version.json'), 'utf8'));
const headers = { 'x-shop-version': release.version };

const server = createServer((request, response) => {
  request.resume();
  const url = new URL(request.url ?? '/', 'http://shop');
  if (url.pathname === '/healthz' || url.pathname === '/readyz') {
    answer(
      response,
      200,
      'application/json',
      `${JSON.stringify({ status: 'ok', version: release.version })}\n`,
    );
  } else if (Math.random() < release.slowShare) {
    setTimeout(() => serve(url, response), release.slowMs);
  } else {
    serve(url, response);
  }
});

/** The faults of a bad version are in its pages only: its health checks stay green, as they often do. */
function serve(url, response) {
  if (Math.random() < release.failShare) {
    answer(response, 500, 'text/plain', 'Something went wrong.\n');
    return;
  }
  const page = pageOf(url, release);
  if (page === null) answer(response, 404, 'text/plain', 'No such page.\n');
  else answer(response, 200, 'text/html; charset=utf-8', page);
}

function answer(response, status, type, body) {
  response.writeHead(status, { ...headers, 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

server.keepAliveTimeout = 60_000;
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`shop ${release.version} listens on ${server.address().port}`);
});

process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
