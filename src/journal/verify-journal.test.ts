import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { isErrorFacts } from '../base/sluice-error.ts';
import { eventOf } from './contract.ts';
import type { JournalEvent } from './journal.ts';
import { openSqliteJournal } from './sqlite-journal.ts';
import { verifyJournalFile } from './verify-journal.ts';

const home = mkdtempSync(join(tmpdir(), 'sluice-verify-'));
after(() => rmSync(home, { recursive: true }));
const whole = join(home, 'whole');
let count = 0;

/** A copy of a journal of eight events in the streams a (odd) and b (even). */
function copyOf(change: (database: DatabaseSync) => void = () => {}): string {
  count += 1;
  const directory = join(home, `copy${count}`);
  cpSync(whole, directory, { recursive: true });
  const database = new DatabaseSync(join(directory, 'journal.db'));
  change(database);
  database.close();
  return directory;
}

const swap = `UPDATE event SET sequence = 99 WHERE sequence = 4;
  UPDATE event SET sequence = 4 WHERE sequence = 5; UPDATE event SET sequence = 5 WHERE sequence = 99`;

const tamperings: readonly [name: string, sql: string, found: object][] = [
  [
    'changed data',
    `UPDATE event SET data = '{"n":9}' WHERE sequence = 3`,
    { code: 'hash-mismatch', seq: 3, stream: 'a' },
  ],
  [
    'data that is no JSON',
    `UPDATE event SET data = '{' WHERE sequence = 3`,
    { code: 'hash-mismatch', seq: 3, stream: 'a' },
  ],
  [
    'another actor',
    `UPDATE event SET actor = 'eve' WHERE sequence = 4`,
    { code: 'hash-mismatch', seq: 4, stream: 'b' },
  ],
  [
    'another time',
    'UPDATE event SET at = at + 1 WHERE sequence = 1',
    { code: 'hash-mismatch', seq: 1, stream: 'a' },
  ],
  [
    'another hash',
    `UPDATE event SET hash = 'x' WHERE sequence = 8`,
    { code: 'hash-mismatch', seq: 8, stream: 'b' },
  ],
  [
    'an event moved to another stream',
    `UPDATE event SET stream = 'c' WHERE sequence = 5`,
    { code: 'hash-mismatch', seq: 5, stream: 'c' },
  ],
  ['a removed event', 'DELETE FROM event WHERE sequence = 5', { code: 'sequence-gap', seq: 5 }],
  ['a removed first event', 'DELETE FROM event WHERE sequence = 1', { code: 'sequence-gap', seq: 1 }],
  ['two events in the other order', swap, { code: 'hash-mismatch', seq: 4, stream: 'a' }],
  ['a cut-off tail', 'DELETE FROM event WHERE sequence > 6', { code: 'tail-cut-off', seq: 7 }],
  ['no events left', 'DELETE FROM event', { code: 'tail-cut-off', seq: 1 }],
];

describe('verifying a journal file', () => {
  before(async () => {
    const journal = await openSqliteJournal({ directory: whole });
    for (let n = 0; n < 8; n += 1) {
      await journal.append(n % 2 === 0 ? 'a' : 'b', Math.floor(n / 2), [eventOf('counted', { n })]);
    }
    await journal.close();
  });

  it('finds nothing wrong with a whole one, also while it is open, and counts it', async () => {
    const directory = copyOf();
    const journal = await openSqliteJournal({ directory });
    const expected = { ok: true, events: 8, streams: 2, head: await journal.head() };
    assert.deepEqual(await verifyJournalFile(directory), expected);
    await journal.close();
    assert.deepEqual(await verifyJournalFile(directory), expected);
    const missing = await verifyJournalFile(join(home, 'none'));
    assert.deepEqual(missing, { ok: true, events: 0, streams: 0, head: null });
  });

  for (const [name, sql, expected] of tamperings) {
    it(`finds ${name} and says where`, async () => {
      const found = await verifyJournalFile(copyOf((database) => database.exec(sql)));
      assert.ok(!found.ok);
      const { ok: _, problem, ...place } = found;
      assert.deepEqual(place, expected);
      assert.match(problem, /event/i);
    });
  }

  it('finds a journal whose whole chain was computed anew', async () => {
    const other = join(home, 'other');
    const journal = await openSqliteJournal({ directory: other });
    await journal.append(
      'a',
      0,
      Array.from({ length: 9 }, () => eventOf('forged')),
    );
    await journal.close();
    cpSync(join(whole, 'journal.anchor'), join(other, 'journal.anchor'));
    const found = await verifyJournalFile(other);
    assert.ok(!found.ok && found.code === 'hash-mismatch' && found.seq === 8, JSON.stringify(found));
    await assert.rejects(openSqliteJournal({ directory: other }), { code: 'journal-damaged' });
  });

  it('finds a file cut short and one without its anchor', async () => {
    const short = copyOf();
    truncateSync(join(short, 'journal.db'), 9_000);
    assert.equal((await verifyJournalFile(short)).ok, false);
    await assert.rejects(openSqliteJournal({ directory: short }), { code: 'journal-damaged' });
    const bare = copyOf();
    rmSync(join(bare, 'journal.anchor'));
    const found = await verifyJournalFile(bare);
    assert.ok(!found.ok && found.code === 'tail-cut-off');
    await assert.rejects(openSqliteJournal({ directory: bare }), { code: 'journal-cut-off' });
  });

  it('finds a flipped byte in any stored event, and never reads it as an event', async () => {
    const bytes = readFileSync(join(whole, 'journal.db'));
    const place = bytes.indexOf('{"n":2}');
    assert.ok(place > 0);
    bytes[place + 5] = (bytes[place + 5] ?? 0) ^ 1;
    const directory = copyOf();
    writeFileSync(join(directory, 'journal.db'), bytes);
    const found = await verifyJournalFile(directory);
    assert.ok(!found.ok && found.seq === 3 && found.stream === 'a');
    const journal = await openSqliteJournal({ directory });
    await assert.rejects(journal.read('a'), { code: 'journal-damaged', details: { sequence: 3 } });
    assert.equal((await journal.read('b')).length, 4);
    assert.deepEqual(
      (await journal.verify()).map(({ code, sequence }) => [code, sequence]),
      [['hash-mismatch', 3]],
    );
    await journal.close();
  });
});

describe('a flipped bit anywhere in the file', () => {
  it('is either harmless or told with a remedy, and never gives other events', {
    timeout: 60_000,
  }, async () => {
    const bytes = readFileSync(join(whole, 'journal.db'));
    const directory = copyOf();
    const original = await openSqliteJournal({ directory });
    const events = await original.read('a');
    await original.close();
    const used = [...bytes.keys()].filter((place) => bytes[place] !== 0);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...used), fc.nat({ max: 7 }), async (place, bit) => {
        const flipped = Buffer.from(bytes);
        flipped[place] = (flipped[place] ?? 0) ^ (1 << bit);
        rmSync(join(directory, 'journal.db-wal'), { force: true });
        rmSync(join(directory, 'journal.db-shm'), { force: true });
        writeFileSync(join(directory, 'journal.db'), flipped);
        const read = await eventsOf(directory).catch((error: unknown) => error);
        if (!Array.isArray(read)) assert.ok(isErrorFacts(read), String(read));
        else assert.deepEqual(read, events);
      }),
      { numRuns: 300 },
    );
  });
});

async function eventsOf(directory: string): Promise<readonly JournalEvent[]> {
  const journal = await openSqliteJournal({ directory });
  try {
    return await journal.read('a');
  } finally {
    await journal.close();
  }
}

describe('opening a journal that was cut off', () => {
  it('refuses a missing tail, an emptied file and a missing file, and makes none anew', async () => {
    const tail = copyOf((database) => database.exec('DELETE FROM event WHERE sequence = 8'));
    const emptied = copyOf();
    truncateSync(join(emptied, 'journal.db'), 0);
    const missing = copyOf();
    rmSync(join(missing, 'journal.db'));
    for (const directory of [tail, emptied, missing]) {
      await assert.rejects(openSqliteJournal({ directory }), { code: 'journal-cut-off', remedy: /backup/ });
      assert.equal((await verifyJournalFile(directory)).ok, false);
    }
  });

  it('refuses an anchor that cannot be understood', async () => {
    const directory = copyOf();
    writeFileSync(join(directory, 'journal.anchor'), '{"sequence":1}');
    await assert.rejects(openSqliteJournal({ directory }), { code: 'journal-damaged' });
    const found = await verifyJournalFile(directory);
    assert.ok(!found.ok && found.code === 'unreadable');
  });

  it('accepts one that is ahead of its anchor, and moves the anchor up', async () => {
    const directory = copyOf();
    const journal = await openSqliteJournal({ directory });
    const old = readFileSync(join(directory, 'journal.anchor'));
    await journal.append('a', 4, [eventOf('late')]);
    await journal.close();
    const anchor = readFileSync(join(directory, 'journal.anchor'), 'utf8');
    writeFileSync(join(directory, 'journal.anchor'), old);
    assert.equal((await verifyJournalFile(directory)).ok, true);
    await (await openSqliteJournal({ directory })).close();
    assert.equal(readFileSync(join(directory, 'journal.anchor'), 'utf8'), anchor);
  });
});
