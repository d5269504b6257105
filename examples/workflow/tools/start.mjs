// Starts the service and waits until it answers; it goes on when this ends. Its pid is in out/station.pid.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const port = process.env.STATION_PORT ?? '8125';
const server = fileURLToPath(new URL('server.mjs', import.meta.url));
const child = spawn(process.execPath, [server, 'weather-station', '--port', port], {
  detached: true,
  stdio: 'ignore',
});
child.unref();
mkdirSync('out', { recursive: true });
writeFileSync('out/station.pid', `${child.pid}\n`);
for (let left = 200; ; left -= 1) {
  const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null);
  if (answer?.ok) break;
  if (left === 0) throw new Error(`nothing answers on port ${port}`);
  await setTimeout(50);
}
console.log(`the station answers on port ${port}`);
