import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Digest } from '../base/digest.ts';
import type { RolloutId } from '../base/ids.ts';
import type { RolloutStory } from '../report/rollout-story.ts';
import type { Migration } from '../rollout/migration.ts';
import type { RolloutPlan } from '../rollout/plan.ts';
import { emptyTarget, type Serving, type TargetState } from '../rollout/state.ts';
import type { ControllerParts } from './controller-parts.ts';
import { isRehearsed } from './rehearsed.ts';
import { verifyRollback } from './verify-rollback.ts';

const up = { run: 'up', timeoutMs: 1_000, env: {} };
const migration = (more: Partial<Migration> = {}): Migration => ({
  up,
  down: { ...up, run: 'down' },
  compatible: false,
  lossless: false,
  ...more,
});

/** Releases that were stable one after the other; each may have come with a migration. */
function history(...migrations: readonly (Migration | null)[]): readonly Serving[] {
  return migrations.map((migrate, index) => {
    const release = { version: `${index}`, artifact: `sha256:${index}`, run: { smoke: null } };
    const rollout = `R-${index}` as RolloutId;
    const plan = { kind: 'deploy', migrate, release, replicas: 1, strategy: { kind: 'canary' } };
    return { rollout, release, plan } as unknown as Serving;
  });
}

async function goBack(kept: readonly Serving[], { to = 0, waived = false } = {}) {
  const parts = { artifacts: { verify: async () => ({ ok: true }) } } as unknown as ControllerParts;
  const stable = kept.at(-1) ?? null;
  const waivers = { irreversible: waived };
  const rollout = { phase: 'verifying', rollout: 'R-x', unit: null, by: 'ada', waivers };
  const state = { ...emptyTarget({} as never), stable, rollout } as unknown as TargetState;
  const asked = { rollout: 'R-x' as RolloutId, backTo: `R-${to}` as RolloutId, kept };
  const { gates, plan } = await verifyRollback(parts, state, asked);
  const schema = gates.find(({ gate }) => gate === 'schema');
  return { holds: schema?.holds, roles: plan === null ? null : picture(plan) };
}

function picture({ steps }: RolloutPlan): string {
  return steps.map((step) => (step.type === 'command' ? step.role : step.type)).join(' ');
}

describe('going back to a kept release', () => {
  it('starts it beside the stable one where no migration lies between', async () => {
    const { holds, roles } = await goBack(history(null, null));
    assert.deepEqual([holds, roles], [true, 'start setWeight promote']);
  });

  it('leaves a compatible schema alone', async () => {
    const { roles } = await goBack(history(null, migration({ compatible: true })));
    assert.equal(roles, 'start setWeight promote');
  });

  it('undoes the migration of the stable release first, while nobody is served', async () => {
    const { roles } = await goBack(history(null, migration({ lossless: true })));
    assert.equal(roles, 'maintenance retire place migrate-down start setWeight maintenance promote');
  });

  it('loses data only when somebody accepted it', async () => {
    assert.deepEqual(await goBack(history(null, migration())), { holds: false, roles: null });
    assert.equal((await goBack(history(null, migration()), { waived: true })).holds, true);
  });

  it('does not guess its way over several migrations, or over one without a way down', async () => {
    const lossless = migration({ lossless: true });
    assert.equal((await goBack(history(null, lossless, lossless), { waived: true })).holds, false);
    assert.equal((await goBack(history(null, migration({ down: null })), { waived: true })).holds, false);
    assert.equal((await goBack(history(null, lossless, lossless), { to: 1 })).holds, true);
  });
});

describe('a rehearsal', () => {
  const wanted = 'sha256:1' as Digest;
  const story = (kind: 'deploy' | 'rollback', artifact: string, previous: string, promoted = true) =>
    ({
      plan: { kind, release: { artifact }, previous: { artifact: previous } },
      events: promoted ? [{ type: 'ReleasePromoted' }] : [],
    }) as unknown as RolloutStory;
  const first = story('deploy', 'sha256:1', 'sha256:0');
  const back = story('rollback', 'sha256:0', 'sha256:1');

  it('is promoted, taken back and promoted again', () => {
    assert.equal(isRehearsed([first, back, first], wanted), true);
  });

  it('lacks something otherwise', () => {
    const failed = story('deploy', 'sha256:1', 'sha256:0', false);
    const replaced = story('deploy', 'sha256:2', 'sha256:1');
    for (const stories of [
      [],
      [first],
      [first, back],
      [first, first],
      [first, back, failed],
      [first, replaced, first],
    ]) {
      assert.equal(isRehearsed(stories, wanted), false);
    }
  });
});
