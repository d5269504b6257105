import type { RolloutId } from '../base/ids.ts';
import type { GateResult } from '../rollout/gate.ts';
import type { Serving, TargetState } from '../rollout/state.ts';
import type { ControllerParts } from './controller-parts.ts';
import { makeRollbackPlan } from './make-plan.ts';
import { gate } from './qa-gates.ts';
import type { Verification } from './verify-rollout.ts';

/**
 * Whether the release of an earlier rollout may come back, and how. QA approved it then; what is asked now is its bytes, and
 * that it works on the schema that is there.
 * @param kept releases that were stable once, oldest first.
 */
export async function verifyRollback(
  parts: ControllerParts,
  { rollout, stable }: TargetState,
  asked: { readonly rollout: RolloutId; readonly backTo: RolloutId; readonly kept: readonly Serving[] },
): Promise<Verification> {
  const at = asked.kept.findIndex((one) => one.rollout === asked.backTo);
  const to = asked.kept[at];
  if (to === undefined) {
    return { gates: [gate('kept', false, `the release of ${asked.backTo}`, 'not kept', '')], plan: null };
  }
  const verified = await parts.artifacts.verify(to.release.artifact);
  const schema = schemaBetween(to, stable, asked.kept.slice(at + 1));
  const gates = [
    gate(
      'artifact',
      verified.ok,
      `the bytes of ${to.release.artifact}`,
      verified.ok ? 'unchanged' : verified.reason,
      'Add it again.',
    ),
    schemaGate(schema, rollout?.waivers?.irreversible === true),
  ];
  const blocked = gates.some(({ holds }) => !holds);
  const plan = blocked
    ? null
    : makeRollbackPlan(asked.rollout, to, stable, schema === 'down' || schema === 'lossy');
  return { gates, plan };
}

/**
 * `same`: no migration lies between. `compatible`: the older release works on this schema as well. `down`: the stable
 * release's own migration is undone first; `lossy` when that loses data. `stuck`: nobody can say how.
 */
type Schema = 'same' | 'compatible' | 'down' | 'lossy' | 'stuck';

function schemaBetween(to: Serving, stable: Serving | null, later: readonly Serving[]): Schema {
  const migrations = later
    .filter(({ plan, release }) => plan.kind === 'deploy' && release.artifact !== to.release.artifact)
    .flatMap(({ plan, rollout }) => (plan.migrate === null ? [] : [{ ...plan.migrate, rollout }]));
  const [only] = migrations;
  if (only === undefined) return 'same';
  if (migrations.every(({ compatible }) => compatible)) return 'compatible';
  if (migrations.length > 1 || only.rollout !== stable?.rollout || only.down === null) return 'stuck';
  return only.lossless ? 'down' : 'lossy';
}

function schemaGate(schema: Schema, waived: boolean): GateResult {
  const observed = {
    same: 'no migration lies between',
    compatible: 'every migration since is compatible',
    down: 'the migration is undone first',
    lossy: `the migration is undone first, which loses what was written since${waived ? ', as accepted' : ''}`,
    stuck: 'migrations since then that are not compatible and that no single `down` undoes',
  }[schema];
  const remedy =
    schema === 'lossy'
      ? 'Say `--accept-irreversible` when the loss is acceptable, or go forward with a fix.'
      : 'Go back one release at a time, or go forward with a fix.';
  const holds = schema !== 'stuck' && (schema !== 'lossy' || waived);
  return gate('schema', holds, 'a schema on which the release works', observed, remedy);
}
