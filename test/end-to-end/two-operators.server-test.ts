import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { ErrorFacts } from '../../src/base/sluice-error.ts';
import { currentStep } from '../../src/rollout/state.ts';
import { Project } from './project.ts';
import { settings } from './settings.ts';

const rounds = 20;
const where = { service: 'web', to: 'production' };

test('of a promote and an abort at one moment one wins, and both are told the truth', async (t) => {
  const strategy = '{ kind: canary, holdback: 0%, steps: [{ setWeight: 50% }, pause] }';
  const project = await Project.make(t, ({ production }) =>
    settings(production, { strategy })
      .replace('soak: 500ms', 'soak: 0s')
      .replace('rollbackWindow: 2s', 'rollbackWindow: 0s'),
  );
  await project.released('U-1', '1.0.0');
  await project.approved('U-2', '2.0.0');
  const endings: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { rollout } = await project.call('deploy', { ...where, unit: 'U-2' });
    await project.moment('at the pause', (state) => currentStep(state.rollout)?.type === 'pause');
    const later = setTimeout(round).then(() => project.call('abort', where));
    const [promoted, aborted] = await Promise.allSettled([project.call('promote', where), later]);
    await project.moment('over', (state) => state.rollout === null && state.standby.length === 0);
    const [newest] = await project.call('history', where);
    assert.equal(newest?.rollout, rollout);
    endings.push(newest?.ending ?? '');
    // Whoever is told `done` of an abort got it; a promote may be told `done` of its step and be overruled afterwards.
    assert.equal(newest?.ending, aborted.status === 'fulfilled' ? 'aborted' : 'succeeded');
    for (const answer of [promoted, aborted]) if (answer.status === 'rejected') clear(answer.reason);
  }
  const stable = endings.includes('succeeded') ? '2.0.0' : '1.0.0';
  t.diagnostic(endings.join(' '));
  assert.equal((await project.run('journal', 'verify')).code, 0);
  assert.equal(await (await fetch(project.url())).text(), stable);
});

function clear(error: ErrorFacts): void {
  assert.match(error.code, /^(not-going-forward|no-rollout|nothing-to-promote|already-promoted)$/);
  assert.match(error.message, /\w/);
  assert.match(error.remedy, /\w/);
}

test('two deploys at one moment: one goes, and the other is told who is there', async (t) => {
  const project = await Project.make(t, ({ production }) => settings(production));
  await project.approved('U-1', '1.0.0');
  await project.approved('U-2', '2.0.0');
  const both = ['U-1', 'U-2'].map((unit) =>
    project.run('deploy', 'web', '--to', 'production', '--unit', unit, '--detach'),
  );
  const codes = (await Promise.all(both)).sort((a, b) => Number(a.code) - Number(b.code));
  assert.deepEqual(
    codes.map(({ code }) => code),
    [0, 1],
    JSON.stringify(codes),
  );
  assert.match(codes[1]?.errors ?? '', /is running since .* asked for it/);
});

test('a second controller on one state refuses, and names the one that holds it', async (t) => {
  const project = await Project.make(t, ({ production }) => settings(production));
  await project.released('U-1', '1.0.0');
  const { pid } = await project.call('ping', {});
  const { code, errors } = await project.run('serve');
  assert.equal(code, 1);
  assert.match(errors, /controller-running/);
  assert.match(errors, new RegExp(`pid ${pid} on `));
  assert.equal((await project.call('ping', {})).pid, pid);
  assert.equal(await (await fetch(project.url())).text(), '1.0.0');
});
