import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { request, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { SluiceError } from '../base/sluice-error.ts';
import { withLockFile } from './lock-file.ts';

/**
 * The path of a control socket and the server that listens behind it. A server listens under a name of its own and gets
 * the path by a rename, so that the path always leads to exactly one router, also while one takes over from another, and
 * so that the one that leaves does not take the path of the other with it.
 */
export class ControlSocket {
  #server: Server;
  #path: string;
  #inode: bigint | null = null;
  #ownPath: string;
  #closed: Promise<void> | null = null;

  constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
    // No longer than `router.sock`, because the length of such paths is limited.
    this.#ownPath = join(dirname(path), `${randomBytes(4).toString('hex')}.s`);
  }

  /** Rejects with `router-socket-failed`. Nobody finds it yet. */
  async listen(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause: Error) => reject(failed(this.#path, cause)));
      this.#server.listen(this.#ownPath, resolve);
    });
    await chmod(this.#ownPath, 0o600);
  }

  /** Takes the path, whoever has it. */
  async take(): Promise<void> {
    const { ino } = await stat(this.#ownPath, { bigint: true });
    await rename(this.#ownPath, this.#path);
    this.#inode = ino;
  }

  /** Keeps a second name while another router is about to take the path, so that it can be taken back. */
  async keep(): Promise<void> {
    await link(this.#path, this.#ownPath);
  }

  /** After `keep`: the path leads here again, whatever became of it. */
  async takeBack(): Promise<void> {
    const found = await stat(this.#path, { bigint: true }).catch(() => null);
    if (found?.ino === this.#inode) await rm(this.#ownPath, { force: true });
    else await rename(this.#ownPath, this.#path);
  }

  /** Takes the path unless a router answers there. Rejects with `router-running`. */
  async takeFree(): Promise<void> {
    // Of two routers that start at once after one was killed, the later must not take the path of the earlier.
    await withLockFile(`${this.#path}.lock`, async () => {
      if (await answers(this.#path)) throw running(this.#path);
      await this.take();
      await clearLeftBehind(dirname(this.#path));
    });
  }

  /** Takes nothing with it that belongs to another router by now. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    // First: for as long as this server listens, its inode is no other router's.
    const found = await stat(this.#path, { bigint: true }).catch(() => null);
    if (found !== null && found.ino === this.#inode) await rm(this.#path, { force: true });
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

const leftBehindMs = 60_000;

/** Names of routers that were killed before they had the path: whoever lives has it a moment later. */
async function clearLeftBehind(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!/^[0-9a-f]{8}\.s$/.test(name)) continue;
    const found = await stat(join(directory, name)).catch(() => null);
    const old = found !== null && Date.now() - found.mtimeMs > leftBehindMs;
    if (old) await rm(join(directory, name), { force: true });
  }
}

/** A socket file that nobody answers on was left behind by a router that was killed. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/status', agent: false, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(true);
    });
    asked.on('timeout', () => {
      asked.destroy();
      resolve(true);
    });
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

function failed(socketPath: string, cause: Error): SluiceError {
  return new SluiceError({
    code: 'router-socket-failed',
    message: `The router cannot open its control socket ${socketPath}: ${cause.message}`,
    remedy: 'See that this user may write there and that the path is no longer than 100 bytes.',
    cause,
  });
}

function running(socketPath: string): SluiceError {
  return new SluiceError({
    code: 'router-running',
    message: `A router already answers on ${socketPath}.`,
    remedy: 'Use that one, or end it with `sluice down` before starting another.',
  });
}
