import type { RolloutId } from '../base/ids.ts';
import { goingBackText } from '../report/going-back-text.ts';
import { planText } from '../report/plan-text.ts';
import type { GateResult } from '../rollout/gate.ts';
import type { RolloutPlan } from '../rollout/plan.ts';
import type { Rollout, Serving, TargetState } from '../rollout/state.ts';
import type { Waivers } from '../rollout/waivers.ts';
import type { EngineApi, PlanAnswer } from './api.ts';
import { type Asking, type Params, paperworkFor } from './asking.ts';
import { permit } from './entitlement.ts';
import { nothingKept, withArtifact } from './restorable-releases.ts';
import type { TargetLoop } from './target-loop.ts';
import { tellLoop } from './tell-loop.ts';
import { promoted } from './verify-requested.ts';
import { verifyRollback } from './verify-rollback.ts';
import { waiversOf } from './waivers-of.ts';

/** Going back: from a rollout that runs, or after a success to an earlier release. */
export class Rollbacks implements Pick<EngineApi, 'rollback' | 'planRollback'> {
  readonly #asking: Asking;

  constructor(asking: Asking) {
    this.#asking = asking;
  }

  async rollback(params: Params<'rollback'>): ReturnType<EngineApi['rollback']> {
    const { parts, loops, user } = this.#asking;
    const loop = await loops.asked(params);
    permit(await parts.config(), user, 'rollback');
    const going = loop.state.rollout?.rollout;
    if (going !== undefined && params.release === undefined) {
      const at = parts.clock.now();
      await loop.dispatch({ type: 'Abort', reason: 'rolled back by hand', at, by: user });
      // One that was promoted in the meantime cannot be aborted any more: its release is the one to go back from.
      if (loop.state.stable?.rollout !== going) return { rollout: going };
    }
    const { to } = await this.#wanted(params, loop.state);
    return { rollout: await this.goBackTo(loop, to, waiversOf(params, [])) };
  }

  async planRollback(params: Params<'planRollback'>): ReturnType<EngineApi['planRollback']> {
    const { loops } = this.#asking;
    const { state } = await loops.asked(params);
    if (state.rollout !== null && params.release === undefined) {
      return { gates: [], plan: planOf(state.rollout), text: goingBackText(state.rollout) };
    }
    return this.#planned(state, await this.#wanted(params, state), waiversOf(params, []));
  }

  /** Asks for the rollout that brings an earlier release back. */
  async goBackTo(loop: TargetLoop, to: Serving, waivers: Waivers): Promise<RolloutId> {
    const { parts, newRollout, user } = this.#asking;
    const paperwork = await paperworkFor(parts, loop.state.target);
    const rollout = newRollout();
    const command = {
      type: 'RequestRollout',
      rollout,
      unit: to.release.unit,
      backTo: to.rollout,
      // What is promoted has the floor only until the router has acknowledged it.
      onConflict: loop.state.rollout?.rollout === loop.state.stable?.rollout ? 'queue' : 'refuse',
      blockedBy: [],
      waivers,
      paperwork,
    } as const;
    await tellLoop(loop, command, { clock: parts.clock, by: user });
    return rollout;
  }

  async #planned(state: TargetState, { to, kept }: Wanted, waivers: Waivers): Promise<PlanAnswer> {
    const { parts, newRollout, user } = this.#asking;
    const { unit } = to.release;
    const rollout = newRollout();
    const asked = { ...state, rollout: { phase: 'verifying', rollout, unit, by: user, waivers } } as const;
    const { gates, plan } = await verifyRollback(parts, asked, { rollout, backTo: to.rollout, kept });
    if (plan === null) return { gates, plan, text: gateLines(gates) };
    return { gates, plan, text: planText(plan, gates, await paperworkFor(parts, state.target)) };
  }

  /** The release that a rollback names, or the newest kept one that is not stable. */
  async #wanted(
    { release: wanted }: { readonly release?: string },
    { target, stable }: TargetState,
  ): Promise<Wanted> {
    const { parts } = this.#asking;
    const kept = await promoted(parts, target);
    const wants = kept.filter(({ rollout, release }) =>
      wanted === undefined
        ? rollout !== stable?.rollout
        : [release.version, release.artifact as string, rollout as string].includes(wanted),
    );
    const restorable = await withArtifact(kept, parts.artifacts);
    // Without a name only the one before will do: silently going back further would surprise whoever asked.
    const to = (wanted === undefined ? wants.slice(-1) : wants).findLast((one) => restorable.includes(one));
    if (to === undefined) throw nothingKept({ target, wanted, known: wants.at(-1), kept: restorable });
    return { to, kept };
  }
}

interface Wanted {
  readonly to: Serving;
  /** Every release that was stable once, oldest first. */
  readonly kept: readonly Serving[];
}

function planOf(rollout: Rollout): RolloutPlan | null {
  return rollout.phase === 'verifying' ? null : rollout.plan;
}

function gateLines(gates: readonly GateResult[]): string {
  return gates
    .filter(({ holds }) => !holds)
    .map(
      ({ gate: name, observed, required, remedy }) =>
        `${name}: ${observed}; required: ${required}. ${remedy}`,
    )
    .join('\n');
}
