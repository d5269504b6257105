import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstanceId } from '../base/ids.ts';
import type { InstanceObservation } from '../ports/runtime/port.ts';
import type { RolloutCommand } from '../rollout/command.ts';
import type { ControllerParts } from './controller-parts.ts';
import { observeInstances } from './observe-instances.ts';
import type { TargetLoops } from './target-loops.ts';

const instance = 'R-1-1' as InstanceId;

test('news of an instance that ended is none once it is being started anew', () => {
  let status = 'crash-looping';
  const told: (() => RolloutCommand)[] = [];
  const loop = {
    get state() {
      return { instances: { [instance]: { status, address: null, retiredAt: null } } };
    },
    dispatch: async (command: () => RolloutCommand) => told.push(command),
  };
  let listener: (seen: InstanceObservation) => void = () => {};
  const runtime = {
    watch(heard: typeof listener) {
      listener = heard;
      return () => {};
    },
  };
  const parts = { clock: { now: () => 1 }, runtime, log: assert.fail } as unknown as ControllerParts;
  observeInstances([loop] as unknown as TargetLoops, parts);
  const seen = { id: instance, status: 'crash-looping', address: null, reason: 'died' };
  listener(seen as InstanceObservation);
  const [command] = told;
  assert.ok(command !== undefined);
  const saidNow = () => {
    const { type, ...said } = command();
    return [type, 'status' in said && said.status];
  };
  assert.deepEqual(saidNow(), ['RecordInstance', 'crash-looping']);
  status = 'starting';
  assert.deepEqual(saidNow(), ['RecordInstance', 'starting']);
});
