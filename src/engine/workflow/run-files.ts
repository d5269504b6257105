import { writeFileSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { missingIsNull } from '../../disk/missing-is-null.ts';
import { replaceFile } from '../../disk/replace-file.ts';
import { removeTree } from '../../ports/artifact/remove-tree.ts';

/** Files of one run, below the state directory: logs of attempts, escalations, digests taken before a step. */
export class RunFiles {
  readonly #stateDir: string;
  readonly #folder: string;

  constructor(stateDir: string, run: string) {
    this.#stateDir = stateDir;
    this.#folder = join('workflow', fileName(run));
  }

  /** Relative to the state directory. */
  logOf(step: string, attempt: number): string {
    return join(this.#folder, `${fileName(step)}-${attempt}.log`);
  }

  pathOf(name: string): string {
    return join(this.#folder, name);
  }

  /** Absolute. */
  absolute(path: string): string {
    return join(this.#stateDir, path);
  }

  /** Kept whole, or not at all. */
  async keep(path: string, content: string): Promise<void> {
    await replaceFile(await this.#made(path), content);
  }

  /** For people: a crash may leave a part of it. Written at once: the kernel only takes it into its memory. */
  async log(path: string, content: string): Promise<void> {
    const write = () => writeFileSync(this.absolute(path), content, { mode: 0o600 });
    try {
      write();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await this.#made(path);
      write();
    }
  }

  /**
   * Removes logs, digests and the scratch folder, for a run of which nothing will be asked; escalations stay, and what nobody
   * knows. The folder goes when nothing is left in it.
   */
  async removeSpent(): Promise<void> {
    const home = this.absolute(this.#folder);
    const entries = await readdir(home, { withFileTypes: true });
    const spent = entries.filter((entry) =>
      entry.isDirectory() ? entry.name === 'scratch' : entry.isFile() && isSpent(entry.name),
    );
    for (const { name } of spent) await removeTree(join(home, name));
    if (spent.length === entries.length) await rmdir(home);
  }

  async #made(path: string): Promise<string> {
    const whole = this.absolute(path);
    await mkdir(dirname(whole), { recursive: true, mode: 0o700 });
    return whole;
  }

  /** Null when it is not there. */
  async read(path: string): Promise<string | null> {
    return readFile(this.absolute(path), 'utf8').catch(missingIsNull);
  }

  /** The last `bytes` of a file; empty when it is not there. */
  async tail(path: string, bytes: number): Promise<string> {
    const file = await open(this.absolute(path), 'r').catch(() => null);
    if (file === null) return '';
    try {
      const { size } = await file.stat();
      const from = Math.max(0, size - bytes);
      const part = Buffer.alloc(size - from);
      const { bytesRead } = await file.read(part, 0, part.length, from);
      return part.subarray(0, bytesRead).toString('utf8');
    } finally {
      await file.close();
    }
  }
}

function isSpent(name: string): boolean {
  return name === 'protected.json' || /^.+-\d+\.log$/.test(name);
}

/** Ids of documents may hold anything. */
function fileName(id: string): string {
  return encodeURIComponent(id).replaceAll('*', '%2A').replace(/^\./, '%2E').slice(0, 150);
}
