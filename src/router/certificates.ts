import { stat } from 'node:fs/promises';
import type { SecureContext } from 'node:tls';
import type { Cancel, Clock } from '../base/clock.ts';
import type { CertificateFiles, RouteTable } from '../base/route-table.ts';
import { errorFacts } from '../base/sluice-error.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { say } from './say.ts';

const lookMs = 2_000;

/** The certificate of each target, read again when its files change. One that cannot be used does not replace one that can. */
export class Certificates {
  #clock: Clock;
  #byTarget = new Map<string, Kept>();
  #cancelLook: Cancel | null = null;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Reads what the table names, so that `contextOf` knows it. Where a certificate is in force already, one that cannot be
   * used is told on standard error and looked at again later: routes must be able to change all the same. Rejects as
   * `readCertificate` when there is none to stay with.
   */
  async prepare({ target, edge }: RouteTable): Promise<void> {
    await this.#prepare(target, edge?.tls, false);
  }

  /**
   * For the tables of one address when a router starts: what ran out meanwhile is better than nothing, and one that cannot be
   * used is looked at again later. Rejects as `readCertificate` when all of them are like that.
   */
  async restore(tables: readonly RouteTable[]): Promise<void> {
    const errors: unknown[] = [];
    for (const { target, edge } of tables)
      await this.#prepare(target, edge?.tls, true).catch((error) => errors.push(error));
    if (errors.length > 0 && tables.every(({ target }) => this.contextOf(target) === null)) throw errors[0];
  }

  /** Null for a target without TLS. */
  contextOf(target: string): SecureContext | null {
    return this.#byTarget.get(target)?.certificate?.context ?? null;
  }

  forget(target: string): void {
    this.#byTarget.delete(target);
  }

  close(): void {
    this.#closed = true;
    this.#cancelLook?.();
  }

  async #prepare(target: string, files: CertificateFiles | undefined, evenExpired: boolean): Promise<void> {
    if (files === undefined) return;
    const known = this.#byTarget.get(target);
    const same = known?.files.certificate === files.certificate && known.files.key === files.key;
    if (same && known.certificate !== null) return;
    const stamp = await stampOf(files);
    try {
      const certificate = await readCertificate(files, this.#clock.now(), { evenExpired });
      this.#byTarget.set(target, { files, certificate, stamp });
    } catch (error) {
      const certificate = known?.certificate ?? null;
      if (certificate !== null || evenExpired) this.#byTarget.set(target, { files, certificate, stamp });
      if (certificate === null) throw error;
      warn(target, error);
    } finally {
      this.#lookLater();
    }
  }

  #lookLater(): void {
    if (this.#closed || this.#cancelLook !== null || this.#byTarget.size === 0) return;
    this.#cancelLook = this.#clock.after(lookMs, () => {
      void Promise.all([...this.#byTarget].map(([target, kept]) => this.#look(target, kept))).then(() => {
        this.#cancelLook = null;
        this.#lookLater();
      });
    });
  }

  /** Both files are seldom replaced in one moment: what does not fit together yet is looked at again when it changes again. */
  async #look(target: string, kept: Kept): Promise<void> {
    const stamp = await stampOf(kept.files);
    if (stamp === kept.stamp) return;
    let certificate = kept.certificate;
    try {
      certificate = await readCertificate(kept.files, this.#clock.now());
    } catch (error) {
      warn(target, error);
    }
    // A table may have named other files meanwhile.
    if (this.#byTarget.get(target) === kept)
      this.#byTarget.set(target, { files: kept.files, certificate, stamp });
  }
}

interface Kept {
  readonly files: CertificateFiles;
  /** Null until its files can be used. */
  readonly certificate: Certificate | null;
  /** Of the files as they were before they were read. */
  readonly stamp: string;
}

/** Changes with the files. */
async function stampOf({ certificate, key }: CertificateFiles): Promise<string> {
  const stamps = [certificate, key].map(async (path) => {
    const found = await stat(path, { bigint: true }).catch(() => null);
    return found === null ? 'none' : `${found.ino} ${found.size} ${found.mtimeNs}`;
  });
  return (await Promise.all(stamps)).join(', ');
}

function warn(target: string, error: unknown): void {
  const { message, remedy } = errorFacts(error);
  say(`${target} goes on with its certificate of before: ${message} ${remedy}`);
}
