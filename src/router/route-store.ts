import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestOfBytes } from '../base/digest.ts';
import type { RouteTable } from '../base/route-table.ts';
import { errorFacts, SluiceError } from '../base/sluice-error.ts';
import { replaceFile } from '../disk/replace-file.ts';
import { checkTable } from './check-table.ts';

const format = 1;

/** As it was read: any of it may be wrong. */
interface RoutesFile {
  readonly format?: unknown;
  readonly digest?: unknown;
  readonly tables?: unknown;
}

/** The tables on disk, `routes.json` in the state directory: what a restarted router serves at once. */
export class RouteStore {
  readonly path: string;
  #stateDir: string;

  constructor(stateDir: string) {
    this.#stateDir = stateDir;
    this.path = join(stateDir, 'routes.json');
  }

  /** None when there is no file. Rejects with `routes-unreadable`, so that users are not cut off by a guess. */
  async load(): Promise<readonly RouteTable[]> {
    try {
      const content = JSON.parse(await readFile(this.path, 'utf8')) as RoutesFile | null;
      if (content?.format !== format || !Array.isArray(content.tables))
        throw new Error('it is not a routes file');
      const { digest, tables } = content;
      // Version 0.1 wrote none.
      if (digest !== undefined && digest !== digestOf(tables))
        throw new Error('it does not hold what was written');
      return tables.map(checkTable);
    } catch (cause) {
      if ((cause as { code?: string }).code === 'ENOENT') return [];
      throw new SluiceError({
        code: 'routes-unreadable',
        message: `The router cannot read its routes from ${this.path}: ${errorFacts(cause).message}`,
        remedy: `Restore ${this.path}, or start \`sluice router --reset\` to set it aside and wait for the controller to send the routes again.`,
        cause,
        details: { path: this.path },
      });
    }
  }

  /** Moves an unusable file out of the way, to `routes.json.set-aside`. */
  async setAside(): Promise<void> {
    try {
      await rename(this.path, `${this.path}.set-aside`);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') throw error;
    }
  }

  /** Rejects with `routes-not-saved`; the old file stands then. */
  async save(tables: readonly RouteTable[]): Promise<void> {
    try {
      await mkdir(this.#stateDir, { recursive: true, mode: 0o700 });
      await replaceFile(
        this.path,
        `${JSON.stringify({ format, digest: digestOf(tables), tables }, null, 1)}\n`,
      );
    } catch (cause) {
      throw new SluiceError({
        code: 'routes-not-saved',
        message: `The router cannot write ${this.path}: ${errorFacts(cause).message}`,
        remedy:
          'Make room on the disk and see that this user may write there; the routes before stay in force.',
        cause,
      });
    }
  }
}

/** Of the text, which is the same again for what was read from it: this is written with each change, between requests. */
function digestOf(tables: unknown): Digest {
  return digestOfBytes(JSON.stringify(tables));
}
