import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Campaign, cheat } from '../../bench/cheater/campaign.ts';
import { tryFixture } from '../../bench/cheater/fixture.ts';
import { generatedDocument } from '../../bench/cheater/generated-document.ts';
import type { RunStatus } from '../../src/engine/workflow/workflow-api.ts';
import { privateFolders } from '../../src/ports/agent/private-folders.ts';
import { freePort } from '../../src/ports/runtime/free-port.ts';
import { Project } from './project.ts';

const example = join(import.meta.dirname, '..', '..', 'examples', 'workflow');

const campaigns: readonly Campaign[] = [
  { route: 'agent', trick: 'phrase', probes: 'none' },
  { route: 'unconfined', trick: 'tamper', probes: 'real' },
  { route: 'run', trick: 'tamper', probes: 'real' },
  { route: 'outside', trick: 'tamper', probes: 'real' },
];

/** An agent in the sandbox does not see the cheater's program there, nor the Node that came with it. */
const isHidden = privateFolders.some((folder) => import.meta.dirname.startsWith(`${folder}/`));

describe('the cheating executor', () => {
  for (const campaign of campaigns) {
    const { route, trick, probes } = campaign;
    const skip = route === 'agent' && isHidden ? 'the sandbox hides the folder of this checkout' : false;
    const options = { timeout: 120_000, skip };
    it(`passes no step: as ${route}, by ${trick}, with ${probes} probes`, options, async () => {
      const isChosen = ({ id }: { readonly id: string }) => /-S0[1-3]-0\d$/.test(id);
      const tried = await cheat(generatedDocument(), campaign, isChosen);
      assert.ok(tried.length >= 12, `${tried.length} steps`);
      assert.ok(tried.some(({ naively }) => naively));
      const passed = tried.filter(({ verdict }) => verdict.kind === 'succeeded');
      assert.deepEqual(
        passed.map(({ step }) => step),
        [],
      );
    });
  }

  for (const trick of ['padded', 'copied', 'shell'] as const) {
    it(`passes no step by files that are ${trick}, beside a probe that says yes`, async () => {
      const campaign: Campaign = { route: 'run', trick, probes: 'gullible' };
      const tried = await cheat(generatedDocument(), campaign, ({ id, criteria }) => {
        const named = criteria.every(({ label, kind }) => label === 'probe' || kind.startsWith('file-'));
        return named && /-S0[3-6]-0\d$/.test(id);
      });
      assert.ok(tried.length >= 8, `${tried.length} steps`);
      const passed = tried.filter(({ verdict }) => verdict.kind === 'succeeded');
      assert.deepEqual(
        passed.map(({ step }) => step),
        [],
      );
    });
  }
});

describe('honest work', () => {
  it('passes with every kind of criterion, and with one thing falsified not', {
    timeout: 180_000,
  }, async () => {
    const found = await tryFixture(({ kind, name }) => kind !== 'gone' && !name.endsWith('is empty'));
    assert.deepEqual([found.honestFailed, found.falsifiedMissed], [[], []]);
    assert.deepEqual([found.kinds.length, found.steps], [12, 9]);
    assert.ok(found.falsehoods > 15);
  });

  it('passes by the command line, with a person who does one step and signs it', {
    timeout: 120_000,
  }, async (t) => {
    process.env.STATION_PORT = String(await freePort());
    const project = await Project.make(t, () => '', []);
    await rm(project.path('sluice.yml'));
    await cp(example, project.root, { recursive: true });
    const statuses = async () => (await project.json<RunStatus>('workflow', 'status')).counts;
    const told = (...words: readonly string[]) => project.run('workflow', ...words);
    try {
      await told('run', 'station.md', '--bindings', 'station.bindings.yml');
      assert.deepEqual(await statuses(), { SUCCEEDED: 8, READY: 1 });
      await mkdir(project.path('docs'));
      await cp(project.path('Handbook.md'), project.path('docs', 'Handbook.md'));
      await told('complete', 'P01-T01-S09-01');
      assert.deepEqual(await statuses(), { SUCCEEDED: 8, UNPROVEN: 1 });
      await told('accept', 'P01-T01-S09-01', '--reason', 'somebody new has followed it');
      assert.deepEqual(await statuses(), { SUCCEEDED: 9 });
    } finally {
      await once(spawn(process.execPath, ['tools/stop.mjs'], { cwd: project.root }), 'close');
    }
  });
});
