import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { parseTargetId } from '../base/ids.ts';
import { SluiceError } from '../base/sluice-error.ts';
import type { RolloutCommand } from '../rollout/command.ts';
import type { PendingAction } from '../rollout/pending-actions.ts';
import { emptyTarget } from '../rollout/state.ts';
import { MeasuringPace } from './measuring-pace.ts';
import { Performer } from './perform-actions.ts';

/** Performs an action against an artifact store that only fails. */
function perform(action: object, code: string): Promise<readonly RolloutCommand[]> {
  const materialise = async () => {
    throw new SluiceError({ code, message: 'The stored bytes were changed.', remedy: 'Add it again.' });
  };
  const parts = { clock: systemClock, artifacts: { materialise } } as never;
  const performer = new Performer({
    parts,
    fence: () => 1,
    pace: new MeasuringPace(),
    verify: async () => ({ gates: [], plan: null }),
  });
  const state = () => emptyTarget(parseTargetId('web@production'));
  const context = { state, signal: new AbortController().signal, tell: async () => {} };
  return performer.perform({ id: 'x', ...action } as PendingAction, context);
}

const ensure = { type: 'ensure-instance', instance: 'R-1-1', release: { artifact: 'sha256:1' } };
const run = {
  type: 'run-command',
  rollout: 'R-1',
  phase: 'back',
  index: 3,
  role: 'migrate-down',
  release: {},
};

describe('an action that needs an artifact whose bytes were changed', () => {
  it('tells that the instance cannot be started', async () => {
    const [told] = await perform(ensure, 'artifact-changed');
    assert.equal(told?.type === 'RecordInstance' && told.status, 'failed');
  });

  it('tells that the command did not succeed', async () => {
    const [told] = await perform(run, 'artifact-missing');
    assert.equal(told?.type === 'RecordCommand' && told.ok, false);
  });

  it('is tried again when the store only did not answer', async () => {
    await assert.rejects(perform(ensure, 'disk-slow'), { code: 'disk-slow' });
  });
});
