import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { AccessLog, logPartBytes } from './access-log.ts';

async function place(test: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-log-'));
  test.after(() => rm(directory, { recursive: true, force: true }));
  return join(directory, 'access.log');
}

describe('the access log', () => {
  it('writes lines in their order, to be read by their owner alone', async (test) => {
    const path = await place(test);
    const log = new AccessLog(path, systemClock);
    for (let i = 0; i < 5_000; i += 1) log.write(`{"n":${i},"more":"${'x'.repeat(30)}"}`);
    await log.close();
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).n),
      Array.from({ length: 5_000 }, (_, i) => i),
    );
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it('is rotated, with one older part', async (test) => {
    const path = await place(test);
    const log = new AccessLog(path, systemClock);
    const line = 'x'.repeat(1024 * 1024);
    for (let round = 0; round < 24; round += 1) {
      log.write(line);
      await log.close();
    }
    const sizes = [(await stat(path)).size, (await stat(`${path}.1`)).size];
    for (const size of sizes) assert.ok(size <= logPartBytes + 2 * line.length, String(size));
  });

  it('drops what a hanging disk would make it keep, and says how much', async () => {
    const written: string[] = [];
    const hanging = Promise.withResolvers<void>();
    const log = new AccessLog('access.log', systemClock, async (_path, text) => {
      if (written.push(text) === 1) await hanging.promise;
    });
    const line = 'x'.repeat(100_000);
    for (let i = 0; i < 100; i += 1) log.write(line);
    assert.equal(written.length, 1);
    hanging.resolve();
    await log.close();
    const [told = '', ...kept] = (written[1] ?? '').trimEnd().split('\n');
    assert.equal(JSON.parse(told).dropped + kept.length + 1, 100);
    assert.ok(kept.length < 50);
  });

  it('counts what a failing disk lost, and goes on when it is back', async () => {
    let fails = true;
    const written: string[] = [];
    const log = new AccessLog('access.log', systemClock, async (_path, text) => {
      if (fails) throw new Error('the disk is full');
      written.push(text);
    });
    log.write('a');
    log.write('b');
    await log.close();
    fails = false;
    log.write('c');
    await log.close();
    const [told = '', ...rest] = written.join('').trimEnd().split('\n');
    assert.equal(JSON.parse(told).dropped, 2);
    assert.deepEqual(rest, ['c']);
  });

  it('does not hold up the end of a router whose disk hangs', async () => {
    const log = new AccessLog('access.log', systemClock, () => new Promise(() => {}));
    log.write('a');
    await log.close();
  });
});
