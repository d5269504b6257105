import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { anchorPath, readAnchor, writeAnchor } from './anchor.ts';
import { eventOf, journalContract } from './contract.ts';
import { openSqliteJournal } from './sqlite-journal.ts';

const home = mkdtempSync(join(tmpdir(), 'sluice-journal-'));
after(() => rmSync(home, { recursive: true }));
let count = 0;
const newDirectory = (): string => {
  count += 1;
  return join(home, `j${count}`);
};

journalContract('the SQLite journal', () => openSqliteJournal({ directory: newDirectory() }));

describe('the files of the SQLite journal', () => {
  it('are closed to other users', async () => {
    const directory = newDirectory();
    await withJournal(directory, async (journal) => {
      await journal.append('a', 0, [eventOf('one')]);
      assert.equal(statSync(directory).mode & 0o777, 0o700);
      for (const name of readdirSync(directory))
        assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600, name);
    });
  });

  it('hold everything after a new opening, leases and snapshots too', async () => {
    const directory = newDirectory();
    const snapshot = { stream: 'a', version: 1, schema: 1, state: 1 };
    await withJournal(directory, async (journal) => {
      await journal.append('a', 0, [eventOf('one')]);
      await journal.saveSnapshot(snapshot);
      await journal.acquireLease('loop', 'p1', { now: 0, ttlMs: 10 });
    });
    await withJournal(directory, async (journal) => {
      assert.equal((await journal.read('a')).length, 1);
      assert.deepEqual(await journal.loadSnapshot('a'), snapshot);
      assert.equal((await journal.acquireLease('loop', 'p2', { now: 5, ttlMs: 10 })).kind, 'held');
    });
  });

  it('share one commit and one anchor between appends of one moment', async () => {
    let anchors = 0;
    const directory = newDirectory();
    const journal = await openSqliteJournal({
      directory,
      writeAnchor: (...arguments_) => {
        anchors += 1;
        return writeAnchor(...arguments_);
      },
    });
    const before = anchors;
    await Promise.all(Array.from({ length: 50 }, (_, n) => journal.append(`s${n}`, 0, [eventOf('x')])));
    assert.equal(anchors - before, 1);
    assert.deepEqual(await readAnchor(directory), await journal.head());
    await journal.close();
    await assert.rejects(journal.append('a', 0, []), { code: 'journal-closed' });
    await assert.rejects(journal.read('a'), { code: 'journal-closed' });
  });

  it('acknowledge nothing while the anchor cannot be written, and tell of it once it can', async () => {
    const directory = newDirectory();
    let full = false;
    const journal = await openSqliteJournal({
      directory,
      writeAnchor: async (...arguments_) => {
        if (full) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        return writeAnchor(...arguments_);
      },
    });
    const seen: string[] = [];
    journal.subscribe(({ type }) => seen.push(type));
    full = true;
    await assert.rejects(journal.append('a', 0, [eventOf('one')]), { code: 'journal-disk-full' });
    assert.deepEqual(seen, []);
    full = false;
    assert.equal((await journal.append('a', 0, [eventOf('again')])).kind, 'version-conflict');
    assert.deepEqual(seen, ['one']);
    await journal.append('a', 1, [eventOf('two')]);
    assert.deepEqual(seen, ['one', 'two']);
    await journal.close();
  });

  it('have an anchor that is written in its place, and is made anew where it is another file', async () => {
    const directory = newDirectory();
    const path = anchorPath(directory);
    await withJournal(directory, async (journal) => {
      await journal.append('a', 0, [eventOf('one')]);
      const { ino, size } = statSync(path);
      await journal.append('a', 1, [eventOf('two')]);
      assert.deepEqual([statSync(path).ino, statSync(path).size], [ino, size]);
      rmSync(path);
      await journal.append('a', 2, [eventOf('three')]);
      assert.deepEqual(await readAnchor(directory), await journal.head());
      // As version 0.1 wrote it.
      writeFileSync(path, `${JSON.stringify(await readAnchor(directory))}\n`);
      await journal.append('a', 3, [eventOf('four')]);
      assert.equal(statSync(path).size, size);
      assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), await journal.head());
    });
  });

  it('are read where the keys of data stand in any order, as version 0.1 wrote them, and where data lies not', async () => {
    const directory = newDirectory();
    const data = { b: [1, { d: 2, c: '\u{1f600}\ud800' }], a: -0 };
    await withJournal(directory, async (journal) => {
      await journal.append('a', 0, [{ ...eventOf('one'), data }]);
    });
    const change = (text: string) => {
      using database = new DatabaseSync(join(directory, 'journal.db'));
      const was = database.prepare('SELECT data FROM event').get()?.data;
      database.prepare('UPDATE event SET data = ?').run(text);
      return was;
    };
    assert.equal(change(JSON.stringify(data)), '{"a":0,"b":[1,{"c":"\u{1f600}\\ud800","d":2}]}');
    await withJournal(directory, async (journal) => {
      assert.deepEqual((await journal.read('a'))[0]?.data, { a: 0, b: data.b });
      change(JSON.stringify({ ...data, a: 1 }));
      await assert.rejects(journal.read('a'), { code: 'journal-damaged' });
    });
  });

  it('are told as locked when another process does not let go, and go on when it does', async () => {
    const directory = newDirectory();
    const journal = await openSqliteJournal({ directory, lockWaitMs: 30 });
    const other = new DatabaseSync(join(directory, 'journal.db'));
    other.exec('BEGIN IMMEDIATE');
    await assert.rejects(journal.append('a', 0, [eventOf('one')]), { code: 'journal-locked' });
    other.exec('ROLLBACK');
    other.close();
    assert.equal((await journal.append('a', 0, [eventOf('one')])).kind, 'appended');
    await journal.close();
  });

  it('of a newer version are left alone', async () => {
    const directory = newDirectory();
    await withJournal(directory, async () => {});
    const other = new DatabaseSync(join(directory, 'journal.db'));
    other.exec('PRAGMA user_version = 99');
    other.close();
    await assert.rejects(openSqliteJournal({ directory }), { code: 'journal-newer' });
  });
});

async function withJournal(
  directory: string,
  work: (journal: Awaited<ReturnType<typeof openSqliteJournal>>) => Promise<void>,
): Promise<void> {
  const journal = await openSqliteJournal({ directory });
  try {
    await work(journal);
  } finally {
    await journal.close();
  }
}
