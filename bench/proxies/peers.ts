import { spawnSync } from 'node:child_process';
import type { Forwarder, Place } from './forwarder.ts';
import { startHaproxy } from './haproxy.ts';
import { startNginx } from './nginx.ts';

/** What Sluice's router is compared with. */
export interface Peer {
  readonly name: string;
  readonly command: string;
  start(place: Place): Promise<Forwarder>;
}

export const haproxy: Peer = { name: 'HAProxy', command: 'haproxy', start: startHaproxy };
export const nginx: Peer = { name: 'nginx', command: 'nginx', start: startNginx };

/** Whether this machine has it. */
export function isInstalled({ command }: Peer): boolean {
  return spawnSync(command, ['-v']).status === 0;
}

export function missing({ name, command }: Peer): string {
  return `No peer: ${name} is not installed. On Debian and Ubuntu: apt-get install --no-install-recommends ${command}`;
}
