import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Clock } from '../../base/clock.ts';

const boundMs = 1_000;

/** Whether somebody other than this process listens on the TCP port of this machine. */
export async function isListenedOn(port: number, clock: Clock): Promise<boolean> {
  if (process.platform !== 'linux') return answersOn(port, clock);
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const sockets = tables.flatMap((table) => listeners(table, port));
  if (sockets.length === 0) return false;
  const own = await ownSockets();
  return sockets.some((inode) => !own.has(inode));
}

/** Inodes of the sockets in state LISTEN (0A) on the port, by the columns of proc_net_tcp(5). */
export function listeners(table: string, port: number): readonly string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === '0A' && local?.endsWith(wanted))
    .map((columns) => columns[9] ?? '');
}

async function ownSockets(): Promise<ReadonlySet<string>> {
  const names = await readdir('/proc/self/fd');
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
}

function answersOn(port: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: 'localhost' });
    const end = (answers: boolean) => {
      cancel();
      socket.destroy();
      resolve(answers);
    };
    const cancel = clock.after(boundMs, () => end(false));
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
