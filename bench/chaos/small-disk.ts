import { spawnSync } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesOf } from './processes.ts';

const sizeMb = 96;

/** Where the project lies, and how its disk is filled. */
export interface Disk {
  /** Where to make the project; undefined: anywhere. */
  readonly within?: string;
  /** For people: how a full disk is had here. */
  readonly kind: string;
  /** Until `free`, nothing of the project can write any more. */
  fill(root: string): Promise<void>;
  free(root: string): Promise<void>;
  close(): Promise<void>;
}

/** A small disk of its own where this user may mount one, else a limit on the size of files; null where neither can be had. */
export async function openDisk(): Promise<Disk | null> {
  return (await mountSmallDisk()) ?? limitFileSizes();
}

async function mountSmallDisk(): Promise<Disk | null> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-disk-'));
  if (!runs('mount', '-t', 'tmpfs', '-o', `size=${sizeMb}m,mode=0700`, 'sluice-chaos', directory)) {
    await rm(directory, { recursive: true });
    return null;
  }
  const ballast = join(directory, 'ballast');
  return {
    within: directory,
    kind: `the whole project on a disk of ${sizeMb} MB`,
    fill: () => writeUntilFull(ballast),
    free: () => rm(ballast, { force: true }),
    async close() {
      if (!runs('umount', directory)) throw new Error(`${directory} cannot be unmounted`);
      await rm(directory, { recursive: true });
    },
  };
}

/** Larger pieces first, then the last bytes. */
async function writeUntilFull(path: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    for (const bytes of [1 << 20, 1 << 12, 1]) {
      const piece = Buffer.alloc(bytes);
      while (await fits(file, piece));
    }
  } finally {
    await file.close();
  }
}

async function fits(file: Awaited<ReturnType<typeof open>>, piece: Buffer): Promise<boolean> {
  try {
    return (await file.write(piece)).bytesWritten === piece.length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}

/** Where nothing can be mounted: no process of the project can write past the beginning of a file. */
function limitFileSizes(): Disk | null {
  if (!runs('prlimit', '--pid', String(process.pid), '--fsize')) return null;
  const limit = async (root: string, soft: string, roles: readonly string[]) => {
    for (const { pid, role } of await processesOf(root)) {
      if (roles.includes(role)) runs('prlimit', '--pid', String(pid), `--fsize=${soft}:`);
    }
  };
  return {
    kind: 'a limit on the size of the files of controller and router',
    fill: (root) => limit(root, '0', ['controller', 'router']),
    // What was started meanwhile has the limit, too.
    free: (root) => limit(root, 'unlimited', ['controller', 'router', 'instance', 'other']),
    close: async () => {},
  };
}

function runs(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
