import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { readOutput } from '../ports/runtime/output-file.ts';
import { makeProof, readProof } from './caller-proof.ts';
import { keepTidy, tidyState } from './tidy-state.ts';

async function newState(t: TestContext): Promise<string> {
  const stateDir = await mkdtemp(join(tmpdir(), 'sluice-tidy-'));
  t.after(() => rm(stateDir, { recursive: true }));
  return stateDir;
}

const limit = 10 * 2 ** 20;

test('the logs of controller and router stay below twice ten megabytes while they are written', async (t) => {
  const stateDir = await newState(t);
  const path = join(stateDir, 'router.log');
  const log = await open(path, 'a', 0o600);
  await log.write('x'.repeat(limit + 1));
  await tidyState({ stateDir, clock: systemClock });
  assert.equal((await stat(path)).size, 0);
  assert.equal((await stat(`${path}.1`)).size, limit);
  // Whoever holds the file open goes on at its new end.
  const child = spawn('/bin/echo', ['after'], { stdio: ['ignore', log.fd, log.fd] });
  await once(child, 'exit');
  await log.close();
  assert.equal((await stat(path)).size, 6);
  assert.equal(await readOutput(path, 8), 'xxafter\n');
});

test('a log below the bound, or none, is left alone', async (t) => {
  const stateDir = await newState(t);
  await writeFile(join(stateDir, 'controller.log'), 'short\n');
  await tidyState({ stateDir, clock: systemClock });
  assert.deepEqual(await readdir(stateDir), ['controller.log']);
});

test('proofs of callers who were killed go after an hour, and others can still be used', async (t) => {
  const stateDir = await newState(t);
  const left = await makeProof(stateDir);
  const used = await makeProof(stateDir);
  await writeFile(join(stateDir, 'callers', 'not-a-proof'), '');
  for (const name of [left, 'not-a-proof']) await utimes(join(stateDir, 'callers', name), 1, 1);
  await tidyState({ stateDir, clock: systemClock });
  assert.deepEqual((await readdir(join(stateDir, 'callers'))).sort(), [used, 'not-a-proof'].sort());
  assert.equal(typeof (await readProof(stateDir, used)), 'string');
});

test('it goes on after a failure, and ends', async (t) => {
  const stateDir = await newState(t);
  const waiting: (() => void)[] = [];
  const clock = {
    ...systemClock,
    after: (_: number, callback: () => void) => {
      waiting.push(callback);
      return () => {};
    },
  };
  const lines: string[] = [];
  await writeFile(join(stateDir, 'callers'), 'no directory');
  const tidy = keepTidy({ stateDir, clock, log: (line) => lines.push(line) });
  while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.match(lines[0] ?? '', /tidying/);
  await tidy.end();
});
