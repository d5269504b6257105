import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Lease, LeaseResult } from './journal.ts';

/** The table of leases. Its callers hold a transaction. */
export class SqliteLeases {
  readonly #find: StatementSync;
  readonly #put: StatementSync;
  readonly #release: StatementSync;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT name, holder, fence, expires_at FROM lease WHERE name = ?');
    this.#put = database.prepare('INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?)');
    this.#release = database.prepare('UPDATE lease SET expires_at = 0 WHERE name = ? AND fence = ?');
  }

  newest(name: string): Lease | null {
    const row = this.#find.get(name);
    if (row === undefined) return null;
    return {
      name: String(row.name),
      holder: String(row.holder),
      fence: Number(row.fence),
      expiresAt: Number(row.expires_at),
    };
  }

  acquire(
    name: string,
    holder: string,
    options: { readonly now: number; readonly ttlMs: number; readonly above?: number },
  ): LeaseResult {
    const { now, ttlMs, above = 0 } = options;
    const held = this.newest(name);
    const alive = held !== null && held.expiresAt > now;
    if (alive && held.holder !== holder) return { kind: 'held', lease: held };
    // The fence rises over expired and released leases too, so that nobody ever gets a number twice.
    const fence = alive ? held.fence : Math.max(held?.fence ?? 0, above) + 1;
    const lease = { name, holder, fence, expiresAt: now + ttlMs };
    this.#put.run(name, holder, fence, lease.expiresAt);
    return { kind: 'acquired', lease };
  }

  release({ name, fence }: Pick<Lease, 'name' | 'fence'>): void {
    this.#release.run(name, fence);
  }
}
