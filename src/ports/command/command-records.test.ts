import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import type { BegunCommand } from './command-record.ts';
import { openCommandRecords } from './command-records.ts';
import { commandOf, commands } from './contract.ts';
import { openShellCommandRunner } from './shell-command-runner.ts';

const times = { startedAtMs: 1, timeoutMs: 1_000 };
const begun: BegunCommand = { kind: 'begun', leader: { pid: 0, startedAt: '' }, ...times, ending: null };
const outcome = { exitCode: 0, timedOut: false, durationMs: 1, output: 'x' };
const ended = { kind: 'ended', outcome } as const;

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-records-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** As a log that was written before the machine was started anew. */
function reboot(directory: string): void {
  const log = join(directory, 'begun.log');
  const [, ...lines] = readFileSync(log, 'utf8').split('\n');
  writeFileSync(log, [JSON.stringify({ boot: 'another' }), ...lines].join('\n'));
}

describe('records of commands', () => {
  it('that the power took are there again after a boot, and those that it left stay', async (t) => {
    const directory = place(t);
    const records = await openCommandRecords(directory);
    for (const id of ['gone', 'torn', 'a/b']) {
      await records.begin(id, times);
      if (id !== 'gone') records.keep(id, begun);
    }
    records.keep('a/b', ended);
    assert.deepEqual(await records.read('a/b'), ended);
    truncateSync(join(directory, 'torn.json'), 0);
    writeFileSync(join(directory, 'begun.log'), '{"id":"cut","rec', { flag: 'a' });
    reboot(directory);
    const after = await openCommandRecords(directory);
    assert.deepEqual(await after.read('gone'), begun);
    assert.deepEqual(await after.read('torn'), begun);
    assert.deepEqual(await after.read('a/b'), ended);
    assert.equal(await after.read('cut'), null);
    assert.equal((await after.all()).length, 3);
    // The new log knows nothing of them any more.
    await after.remove('gone');
    reboot(directory);
    assert.equal(await (await openCommandRecords(directory)).read('gone'), null);
  });

  it('are left alone within a boot', { skip: process.platform !== 'linux' && 'no boots here' }, async (t) => {
    const directory = place(t);
    const records = await openCommandRecords(directory);
    await records.begin('a', times);
    records.keep('a', begun);
    await records.remove('a');
    assert.equal(await (await openCommandRecords(directory)).read('a'), null);
  });

  it('leave no temporary file behind', async (t) => {
    const directory = place(t);
    const records = await openCommandRecords(directory);
    await records.begin('a', times);
    records.keep('a', begun);
    records.keep('a', ended);
    assert.deepEqual(readdirSync(directory).sort(), ['a.json', 'begun.log', 'begun.log.1']);
  });

  it('keep a command from being run again of which a power cut left nothing but the log', async (t) => {
    const directory = place(t);
    const records = join(directory, 'commands');
    await (await openCommandRecords(records)).begin('R-1/smoke', times);
    reboot(records);
    const runner = await openShellCommandRunner({ stateDir: directory, clock: systemClock });
    const { exitCode, output, lost } = await runner.run(commandOf(commands.good, directory));
    await runner.close();
    assert.deepEqual([exitCode, lost], [null, true]);
    assert.match(output, /how far it got is not known/);
  });
});
