import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../src/ports/runtime/free-port.ts';
import { candidatePercent, type Forwarder, type Place, untilListening } from './forwarder.ts';
import { PlacedProcess } from './placed-process.ts';

/** HAProxy with one thread, as fast as its manual makes it: connections to servers are shared, nothing is logged. */
export async function startHaproxy(place: Place): Promise<Forwarder> {
  const port = await freePort();
  const file = join(place.directory, 'haproxy.cfg');
  await writeFile(file, configuration(port, place));
  const started = new PlacedProcess(place.cores, 'haproxy', ['-db', '-f', file]);
  try {
    await untilListening(started, port);
  } catch (error) {
    await started.end();
    throw error;
  }
  return { name: 'HAProxy', port, pid: started.pid, close: () => started.end() };
}

function configuration(port: number, { stablePort, candidatePort }: Place): string {
  return `
global
  nbthread 1
  maxconn 4096

defaults
  mode http
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s

frontend users
  bind 127.0.0.1:${port}
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  default_backend instances

backend instances
  option httpchk GET /healthz
  server stable 127.0.0.1:${stablePort} weight ${100 - candidatePercent} check inter 1s
  server candidate 127.0.0.1:${candidatePort} weight ${candidatePercent} check inter 1s
`;
}
