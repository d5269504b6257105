import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Agent, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { it } from 'node:test';
import { defaultEngine } from '../../router/create-engine.ts';
import { ask, eventually, target, web } from './router-world.ts';
import { isGone, served, upgradesOnEachEngine } from './upgrade-world.ts';

/** What a successor says until it dies, hangs or refuses. */
const faultySuccessors = {
  'is missing': null,
  'dies before it is told anything': 'process.exit(3);',
  refuses: `process.send({ kind: 'failed', error: { code: 'x', message: 'not today', remedy: 'wait' } });
    setInterval(() => {}, 1_000);`,
  'dies when it is told what was counted': `process.on('message', () => process.exit(3));
    process.send({ kind: 'hello' });`,
  'dies when it gets a listening socket': `process.on('message', ({ kind }) => {
      if (kind === 'take-over') process.send({ kind: 'ready' });
      if (kind === 'listener') process.kill(process.pid, 'SIGKILL');
    });
    process.send({ kind: 'hello' });`,
  'hangs with what was counted': `process.on('message', () => {});
    process.send({ kind: 'hello' });`,
};

for (const [what, program] of Object.entries(faultySuccessors)) {
  it(`stays as it was when the successor ${what}`, async (test) => {
    const { world, ...parts } = await served(test, defaultEngine);
    const { apply, upgrade, upgradeTo, traffic, counted, listen, pid, status } = parts;
    await apply(await world.backend('one'));
    await assert.rejects(upgradeTo(program), { code: 'router-upgrade-failed' });
    assert.equal((await status()).pid, pid);
    const agent = new Agent({ keepAlive: true });
    for (let i = 0; i < 3; i += 1)
      assert.equal((await ask({ ...target(listen), path: '/', agent })).body, 'one');
    agent.destroy();
    await eventually(async () => (await counted('one'))?.requests === 3);
    await apply(await world.backend('two'));
    assert.deepEqual(await traffic.applied(web), { fence: 1, version: 2 });
    assert.notEqual(await upgrade(), pid);
    assert.equal((await ask({ ...target(listen), path: '/' })).body, 'two');
  });
}

it('takes tables while a successor starts', async (test) => {
  const { world, ...parts } = await served(test, defaultEngine);
  const { apply, upgradeTo, traffic } = parts;
  await apply(await world.backend('one'));
  let tried = 'under way';
  const refused = assert.rejects(upgradeTo('setTimeout(() => process.exit(3), 1_500);'), {
    code: 'router-upgrade-failed',
  });
  void refused.then(() => {
    tried = 'over';
  });
  await apply(await world.backend('two'));
  assert.deepEqual(await traffic.applied(web), { fence: 1, version: 2 });
  assert.equal(tried, 'under way');
  await refused;
});

it('ends with its successor when it is stopped in the middle', async (test) => {
  const { world, ...parts } = await served(test, defaultEngine);
  const { apply, upgradeTo, stateDir, pid } = parts;
  await apply(await world.backend('one'));
  const heard = join(stateDir, 'successor.pid');
  const tried = upgradeTo(`import { writeFileSync } from 'node:fs';
    process.on('message', () => writeFileSync(${JSON.stringify(heard)}, String(process.pid)));
    process.send({ kind: 'hello' });`);
  tried.catch(() => {});
  const written = () => readFile(heard, 'utf8').catch(() => '');
  await eventually(async () => (await written()) !== '');
  const successor = Number(await written());
  process.kill(pid, 'SIGTERM');
  await assert.rejects(tried);
  await eventually(() => isGone(pid));
  await eventually(() => isGone(successor));
});

/** The new router itself, after a line that changes what it hears or says. */
function changedRouter(change: string): string {
  const main = new URL('../../router/main-router.ts', import.meta.url).href;
  return `${change}
    const { runRouter } = await import('${main}');
    await runRouter({ stateDir: process.argv[2], succeed: true });
    process.exit(0);`;
}

it('has its control socket again when the successor took it and then did not serve', async (test) => {
  const { world, ...parts } = await served(test, defaultEngine);
  const { apply, upgrade, upgradeTo, status, pid, counted, listen } = parts;
  await apply(await world.backend('one'));
  const mute = `const { send } = process;
    process.send = (message, ...rest) => message.kind === 'serving' || send.call(process, message, ...rest);`;
  await assert.rejects(upgradeTo(changedRouter(mute)), { code: 'router-upgrade-failed' });
  assert.equal((await status()).pid, pid);
  assert.equal((await ask({ ...target(listen), path: '/' })).body, 'one');
  assert.equal((await counted('one'))?.requests, 1);
  assert.notEqual(await upgrade(), pid);
});

for (const moment of ['take-over', 'listener', 'complete']) {
  upgradesOnEachEngine(
    `goes on alone when the router of before dies after its ${moment}`,
    async ({ world, ...parts }) => {
      const { apply, upgradeTo, listen, pid, status, counted } = parts;
      await apply(await world.backend('one'));
      assert.equal((await ask({ ...target(listen), path: '/' })).body, 'one');
      const killing = `const { emit } = process;
        process.emit = (name, ...told) => {
          const result = emit.call(process, name, ...told);
          if (name === 'message' && told[0].kind === '${moment}') process.kill(${pid}, 'SIGKILL');
          return result;
        };`;
      const tried = upgradeTo(changedRouter(killing));
      await tried.catch(() => {});
      await eventually(() => isGone(pid));
      await eventually(() =>
        status().then(
          ({ pid: now }) => now !== pid,
          () => false,
        ),
      );
      const answered = () =>
        ask({ ...target(listen), path: '/' }).then(
          ({ body: text }) => text === 'one',
          () => false,
        );
      await eventually(answered);
      assert.equal((await counted('one'))?.requests, 2);
    },
  );
}

upgradesOnEachEngine(
  'ends what the router of before has begun when its successor is killed, and then itself',
  async ({ world, ...parts }) => {
    const { apply, upgrade, listen, pid } = parts;
    const held: ServerResponse[] = [];
    await apply(await world.backend('slow', (_asked, response) => void held.push(response)));
    const reply = ask({ ...target(listen), path: '/' });
    await eventually(async () => held.length === 1);
    process.kill(await upgrade(), 'SIGKILL');
    assert.equal(await isGone(pid), false);
    held[0]?.end('ended');
    assert.equal((await reply).body, 'ended');
    await eventually(() => isGone(pid));
  },
);
