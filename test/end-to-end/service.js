// The service that the end-to-end tests deploy; behaviour.json beside it says how it behaves.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const behaviour = JSON.parse(readFileSync(new URL('./behaviour.json', import.meta.url), 'utf8'));
const {
  version,
  exits,
  crashAfterMs,
  probe,
  otherPort,
  failShare = 0,
  delayMs = 2,
  listenAfterMs = 0,
} = behaviour;

const probes = {
  hang: () => {},
  redirect: (response) => response.writeHead(302, { Location: '/fine' }).end(),
  // Good for two probes, then bad for two, for ever, whoever else asks meanwhile.
  flap: (response) => response.writeHead(Math.floor(performance.now() / 400) % 2 === 0 ? 200 : 503).end(),
  bad: (response) => response.writeHead(503).end(),
  good: (response) => response.writeHead(200).end('ok'),
};

if (exits !== undefined) {
  console.error(`ending with ${exits}`);
  process.exit(exits);
}
if (crashAfterMs !== undefined) setTimeout(() => process.exit(3), crashAfterMs);

const server = createServer((request, response) => {
  if (request.url === '/healthz' || request.url === '/readyz') {
    probes[probe ?? 'good'](response);
    return;
  }
  setTimeout(() => {
    const bad = Math.random() < failShare;
    response.writeHead(bad ? 500 : 200, { 'X-Version': version, 'X-Pid': String(process.pid) });
    response.end(version);
  }, delayMs);
});
setTimeout(() => server.listen(otherPort ?? Number(process.env.PORT), '127.0.0.1'), listenAfterMs);
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
