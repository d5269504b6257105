import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Failure, Ledger } from '../../bench/chaos/ledger.ts';
import { writeScript } from '../../bench/chaos/script.ts';

const root = join(import.meta.dirname, '../..');
const faults = {
  'kill-controller': 10,
  'freeze-controller': 4,
  'upgrade-router': 5,
  'kill-instance': 6,
  'fill-disk': 3,
};

test('a short run of chaos makes every fault and loses nothing but what was in flight', async (t) => {
  const { code, out, errors } = await chaos('--requests', '5000', '--seed', '3', '--json');
  t.diagnostic(errors);
  const { ok, figures } = JSON.parse(out.trim().split('\n').at(-1) ?? '');
  assert.equal(figures.failed, 0, out);
  assert.ok(figures.requests >= 5_000 && figures.controllersKilled >= 1 && figures.routersUpgraded >= 1);
  assert.equal(ok, true, out);
  assert.equal(code, 0);
  assert.match(errors, /controller \d+ killed/);
  assert.match(errors, /router \d+ handed over/);
  assert.match(errors, /controller \d+ frozen/);
});

test('a size or a seed that is none is told at once', async () => {
  for (const args of [
    ['--requests', 'many'],
    ['--seed', '-1'],
    ['--minutes', '0'],
  ]) {
    const { code, errors } = await chaos(...args);
    assert.notEqual(code, 0);
    assert.match(errors, new RegExp(`${args[0]}`));
  }
});

test('one seed gives one script, in which a controller is killed at each of ten moments', () => {
  const script = writeScript({ seed: 5, changes: 52, faults });
  assert.deepEqual(script, writeScript({ seed: 5, changes: 52, faults }));
  assert.notDeepEqual(script, writeScript({ seed: 6, changes: 52, faults }));
  const struck = script.flatMap((change) => change.faults);
  assert.equal(struck.length, 28);
  const killed = struck.filter(({ harm }) => harm.kind === 'kill-controller');
  assert.equal(new Set(killed.map(({ at }) => at)).size, 10);
});

const kill = { release: 'U-1', at: 1_000, goneAt: 1_010 };
const ask = { method: 'GET', path: '/' } as const;
const base: Failure = { ask, status: null, release: null, sentAt: 950, endedAt: 1_005, problem: 'cut off' };

for (const [what, change, isExcused] of [
  ['was open when its instance was killed', {}, true],
  ['had a part of its answer from the killed version', { release: 'U-1' }, true],
  ['had a part of its answer from another version', { release: 'U-2' }, false],
  ['failed before the kill', { endedAt: 999 }, false],
  ['was sent when nothing of the instance was left', { sentAt: 1_011, endedAt: 1_012 }, false],
  ['failed more than a second after the instance was gone', { endedAt: 2_011 }, false],
] as const) {
  test(`a request that ${what} is ${isExcused ? 'counted apart' : 'a failure'}`, () => {
    const ledger = new Ledger();
    ledger.kills.push(kill);
    ledger.add({ ...base, ...change, at: null, latencyMs: 0, usual: false });
    const { failed, inFlightOfKilled } = ledger.judged();
    assert.deepEqual([failed.length, inFlightOfKilled.length], isExcused ? [0, 1] : [1, 0]);
  });
}

async function chaos(...args: readonly string[]) {
  const child = spawn(process.execPath, [join(root, 'bench/main.ts'), 'chaos', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, errors };
}
