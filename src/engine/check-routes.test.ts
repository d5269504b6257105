import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { parseTargetId, targetId } from '../base/ids.ts';
import type { RolloutCommand } from '../rollout/command.ts';
import { emptyTarget, type TargetState } from '../rollout/state.ts';
import { RouteCheck } from './check-routes.ts';
import type { ControllerParts } from './controller-parts.ts';
import type { TargetLoops } from './target-loops.ts';

const target = parseTargetId('web@production');

/** What the loop is told when the router has `applied` and the journal asked for `requested`. */
async function told(
  t: TestContext,
  { applied, requested, acknowledged }: { applied: number | null; requested: number; acknowledged: number },
): Promise<{ readonly commands: readonly object[]; readonly logged: string }> {
  const commands: object[] = [];
  const logged: string[] = [];
  const state = {
    ...emptyTarget(target),
    routes: { requested: { version: requested }, acknowledged },
  } as unknown as TargetState;
  const dispatch = async ({ type, version }: RolloutCommand & { readonly version: number }) =>
    void commands.push({ type, version });
  const parts = {
    clock: systemClock,
    traffic: {
      applied: async (id: string) =>
        id === targetId(target) && applied !== null ? { fence: 1, version: applied } : null,
    },
    log: (line: string) => logged.push(line),
  } as unknown as ControllerParts;
  const check = new RouteCheck(parts, [{ state, dispatch }] as unknown as TargetLoops);
  t.after(() => check.close());
  await check.check();
  return { commands, logged: logged.join('\n') };
}

test('a router that has what was asked for, or what was not acknowledged yet, is left alone', async (t) => {
  for (const routes of [
    { applied: 5, requested: 5, acknowledged: 5 },
    { applied: 5, requested: 5, acknowledged: 4 },
    { applied: 4, requested: 5, acknowledged: 4 },
  ]) {
    assert.deepEqual(await told(t, routes), { commands: [], logged: '' });
  }
});

test('a router that lost its tables is told', async (t) => {
  const { commands } = await told(t, { applied: null, requested: 5, acknowledged: 5 });
  assert.deepEqual(commands, [{ type: 'RecordLostRoutes', version: 0 }]);
});

test('a router that is ahead of a journal restored from a backup is told, and logged', async (t) => {
  const { commands, logged } = await told(t, { applied: 9, requested: 5, acknowledged: 4 });
  assert.deepEqual(commands, [{ type: 'RecordUnknownRoutes', version: 9 }]);
  assert.match(logged, /web@production: .* table 9 .* 5 at most.* restored from a backup.* table 10/);
});
