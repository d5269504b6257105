import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { currentStep, type TargetState } from '../../src/rollout/state.ts';
import { Load } from './load.ts';
import { Project } from './project.ts';
import { settings } from './settings.ts';

const strategy =
  '{ kind: canary, holdback: 0%, steps: [{ setWeight: 30% }, { pause: 3s }, { setWeight: 60% }, { analyze: { bake: 1s, deadline: 2s } }] }';

/** The phases of a rollout of 2.0.0, each recognised by its state, in order. */
const phases: Readonly<Record<string, (state: TargetState) => boolean>> = {
  verifying: ({ rollout }) => rollout !== null,
  starting: ({ rollout }) => currentStep(rollout)?.type === 'start',
  'paused at 30 %': ({ rollout }) => currentStep(rollout)?.type === 'pause',
  'analyzing at 60 %': ({ rollout }) => currentStep(rollout)?.type === 'analyze',
  soaking: ({ rollout }) => currentStep(rollout)?.type === 'soak',
  promoting: ({ stable }) => stable?.release.version === '2.0.0',
  draining: ({ instances }) => Object.values(instances).some(({ retiredAt }) => retiredAt !== null),
};

test('a controller killed in every phase costs no request, and the rollout ends', async (t) => {
  const { project, load } = await served(t);
  const killed = await inEveryPhase(project, () => project.kill('controller'));
  await load.end();
  assert.equal(killed.length, 8);
  assert.deepEqual(load.failed, []);
  await leavesNothing(project);
});

test('a deployment that is being watched goes on when its controller is killed', async (t) => {
  const { project, load } = await served(t);
  const watched = project.deploy('U-2');
  await project.moment('starting', (state) => phases.starting?.(state) === true);
  await project.kill('controller');
  const end = await watched;
  assert.equal(end.ending, 'succeeded', JSON.stringify(end));
  await load.end();
  assert.deepEqual(load.failed, []);
  await leavesNothing(project);
});

test('a router killed in every phase loses what is in flight until it is back within 3 s', async (t) => {
  const { project, load } = await served(t);
  const killed = await inEveryPhase(project, () => project.kill('router'));
  await load.end();
  for (const { at, until, what } of load.failed) {
    assert.match(what, /ECONNREFUSED|ECONNRESET|hang up|cut off/);
    assert.ok(
      killed.some((moment) => until >= moment && at <= moment + 3_000),
      `${what} ${killed.map((moment) => at - moment)} ms after the kills`,
    );
  }
  await leavesNothing(project);
});

for (const [arm, version] of Object.entries({ candidate: '2.0.0', stable: '1.0.0' })) {
  test(`a ${arm} instance killed at each weight costs what it had in flight, no more`, async (t) => {
    const { project, load } = await served(t, { delayMs: 20 });
    const rollout = await begin(project, 'U-2');
    const killed: number[] = [];
    for (const phase of ['paused at 30 %', 'analyzing at 60 %', 'soaking']) {
      if (phase === 'soaking') await soakOrAsk(project);
      await project.moment(phase, (state) => phases[phase]?.(state) === true);
      const [pid] = await project.instances(version);
      assert.ok(pid !== undefined, `${version} runs`);
      killed.push(Date.now());
      process.kill(pid, 'SIGKILL');
    }
    const end = await project.ended(rollout);
    await load.end();
    assert.notEqual(end.ending, 'running');
    t.diagnostic(`${end.ending}; ${load.failed.length} of ${load.sent} in flight were lost`);
    assert.ok(load.failed.length <= 4 * killed.length, JSON.stringify(load.failed));
    for (const { at, until, what } of load.failed) {
      assert.ok(
        killed.some((moment) => at <= moment + 20 && until >= moment),
        `${what} ${killed.map((moment) => at - moment)} ms after the kills`,
      );
    }
    await leavesNothing(project);
  });
}

async function served(t: TestContext, behaviour = {}): Promise<{ project: Project; load: Load }> {
  const project = await Project.make(t, ({ production }) => settings(production, { strategy, replicas: 2 }));
  await project.released('U-1', '1.0.0', behaviour);
  await project.approved('U-2', '2.0.0', { listenAfterMs: 500, ...behaviour });
  const load = new Load(project.url(), { rate: 100 });
  t.after(() => load.end());
  return { project, load };
}

async function begin(project: Project, unit: string): Promise<string> {
  const args = ['deploy', 'web', '--to', 'production', '--unit', unit, '--detach'];
  return (await project.json<{ rollout: string }>(...args)).rollout;
}

/** What died on trial is not promoted on health alone: where the evidence is too little, a person goes on. */
async function soakOrAsk(project: Project): Promise<void> {
  const isAsked = ({ rollout }: TargetState) => rollout?.phase === 'forward' && rollout.asked;
  const soaks = phases.soaking ?? isAsked;
  const state = await project.moment('asked or soaking', (seen) => isAsked(seen) || soaks(seen));
  if (soaks(state)) return;
  const { code } = await project.run('promote', 'web', '--to', 'production', '--reason', 'looked at it');
  assert.equal(code, 0);
}

/** Promotes 2.0.0 and aborts 3.0.0, killing in every phase and once while going back; resolves with the moments. */
async function inEveryPhase(project: Project, kill: () => Promise<unknown>): Promise<readonly number[]> {
  const killed: number[] = [];
  const strike = async () => {
    killed.push(Date.now());
    await kill();
    await project.status();
  };
  const up = await begin(project, 'U-2');
  for (const [phase, fits] of Object.entries(phases)) {
    await project.moment(phase, fits);
    await strike();
  }
  assert.equal((await project.ended(up)).ending, 'succeeded');
  await project.approved('U-3', '3.0.0');
  const back = await begin(project, 'U-3');
  await project.moment('paused', ({ rollout }) => currentStep(rollout)?.type === 'pause');
  await project.call('abort', { service: 'web', to: 'production' });
  await strike();
  assert.equal((await project.ended(back)).ending, 'aborted');
  assert.equal((await project.status()).state.stable?.release.version, '2.0.0');
  return killed;
}

async function leavesNothing(project: Project): Promise<void> {
  assert.equal((await project.run('journal', 'verify')).code, 0);
  assert.equal((await project.run('down')).code, 0);
  assert.deepEqual(await project.processes(), []);
}
