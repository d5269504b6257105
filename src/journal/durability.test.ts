import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { openSqliteJournal } from './sqlite-journal.ts';
import { verifyJournalFile } from './verify-journal.ts';

const home = mkdtempSync(join(tmpdir(), 'sluice-durable-'));
after(() => rmSync(home, { recursive: true }));

const module = JSON.stringify(new URL('./sqlite-journal.ts', import.meta.url).href);

/** Appends without end from three writers and prints each event that was acknowledged. */
const writer = `
  const { openSqliteJournal } = await import(${module});
  const journal = await openSqliteJournal({ directory: process.argv[1] });
  await Promise.all(['a', 'b', 'c'].map(async (stream) => {
    let version = (await journal.read(stream)).length;
    for (;;) {
      const result = await journal.append(stream, version, [{ type: 'x', data: { version }, at: 1, actor: 'ann' }]);
      const { sequence, hash } = result.events[0];
      process.stdout.write(sequence + ' ' + hash + '\\n');
      version += 1;
    }
  }));`;

/** Appends until the disk is full, and prints what was acknowledged and what it was told. */
const filler = `
  const { openSqliteJournal } = await import(${module});
  const { verifyJournalFile } = await import(${module}.replace('sqlite-journal', 'verify-journal'));
  const { rmSync, writeFileSync } = await import('node:fs');
  const directory = process.argv[1] + '/state';
  writeFileSync(process.argv[1] + '/ballast', Buffer.alloc(400_000));
  const event = { type: 'x', data: 'x'.repeat(5_000), at: 1, actor: 'ann' };
  let journal = await openSqliteJournal({ directory });
  let acknowledged = 0;
  let told = null;
  while (told === null && acknowledged < 5_000) {
    const result = await journal.append('a', acknowledged, [event]).catch((error) => error);
    if (result.kind === 'appended') acknowledged += 1; else told = result;
  }
  const before = (await journal.read('a')).length;
  rmSync(process.argv[1] + '/ballast');
  const again = await journal.append('a', before, [event]);
  await journal.close();
  journal = await openSqliteJournal({ directory });
  const kept = (await journal.read('a')).length;
  await journal.close();
  const { ok } = await verifyJournalFile(directory);
  console.log(JSON.stringify({ code: told.code, remedy: told.remedy, acknowledged, before, again: again.kind, kept, ok }));`;

const own = ['--user', '--map-root-user', '--mount'];
const canMount =
  spawnSync('unshare', [...own, 'mount', '-t', 'tmpfs', 'none', home], { stdio: 'ignore' }).status === 0;
const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' }).status === 0;

describe('what the SQLite journal acknowledged', () => {
  it('is there after kill -9 at any moment', { timeout: 60_000 }, async () => {
    const directory = join(home, 'killed');
    const acknowledged: string[] = [];
    for (const length of [1, 7, 20, 41, 60]) acknowledged.push(...(await writeAndKill(directory, length)));
    const journal = await openSqliteJournal({ directory });
    const all = await journal.readAll({ after: 0, limit: Number.POSITIVE_INFINITY });
    const kept = new Set(all.map(({ sequence, hash }) => `${sequence} ${hash}`));
    assert.ok(acknowledged.length >= 129);
    assert.deepEqual(
      acknowledged.filter((line) => !kept.has(line)),
      [],
    );
    await journal.close();
    assert.equal((await verifyJournalFile(directory)).ok, true);
  });

  it('is missed when the log of SQLite was cut short after a kill', { timeout: 60_000 }, async () => {
    const directory = join(home, 'cut');
    await writeAndKill(directory, 30);
    const log = join(directory, 'journal.db-wal');
    truncateSync(log, Math.floor(statSync(log).size / 2));
    const found = await verifyJournalFile(directory);
    assert.ok(!found.ok && found.code === 'tail-cut-off', JSON.stringify(found));
    await assert.rejects(openSqliteJournal({ directory }), { code: 'journal-cut-off' });
  });

  it('is kept when the disk is full, and more can be appended once there is room', {
    skip: !canMount && 'no disk can be mounted here',
  }, () => {
    const disk = join(home, 'disk');
    mkdirSync(disk);
    const mount = 'mount -t tmpfs -o size=2m none "$1" && exec "$0" --input-type=module -e "$2" "$1"';
    const command = [...own, 'sh', '-c', mount, process.execPath, disk, filler];
    const printed = JSON.parse(execFileSync('unshare', command, { encoding: 'utf8' }));
    assert.equal(printed.code, 'journal-disk-full');
    assert.match(printed.remedy, /Free some space/);
    assert.ok(printed.acknowledged > 20 && printed.before >= printed.acknowledged, JSON.stringify(printed));
    assert.deepEqual([printed.again, printed.kept, printed.ok], ['appended', printed.before + 1, true]);
  });

  it('has been fsynced twice for each commit: log and anchor', {
    skip: !canTrace && 'no strace here',
  }, () => {
    const syncsOf = (commits: number): number => {
      const log = join(home, `trace${commits}`);
      const script = `
        const { openSqliteJournal } = await import(${module});
        const journal = await openSqliteJournal({ directory: process.argv[1] });
        for (let n = 0; n < ${commits}; n += 1)
          await journal.append('a', n, [{ type: 'x', data: n, at: 1, actor: 'ann' }]);
        process.exit();`;
      const trace = ['-f', '-o', log, '-e', 'trace=fsync,fdatasync', process.execPath];
      execFileSync('strace', [...trace, '--input-type=module', '-e', script, join(home, `t${commits}`)]);
      return [...readFileSync(log, 'utf8').matchAll(/\b(?:fsync|fdatasync)\(/g)].length;
    };
    assert.equal(syncsOf(12) - syncsOf(2), 20);
  });
});

/** Kills the writer at the moment when it has acknowledged so many; gives every line that got out whole. */
async function writeAndKill(directory: string, length: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', writer, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (/^\d+ sha256:[0-9a-f]{64}$/.test(line)) lines.push(line);
    if (lines.length === length) child.kill('SIGKILL');
  }
  assert.equal((await exited)[1], 'SIGKILL');
  return lines;
}
