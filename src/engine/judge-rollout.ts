import {
  type AnalysisState,
  absoluteVerdict,
  observeBatch,
  restartSafety,
  startAnalysis,
  type Verdict,
  verdictOf,
} from '../analysis/analysis.ts';
import type { ArmBatch } from '../analysis/batch.ts';
import { sleep } from '../base/clock.ts';
import { type RolloutId, targetId } from '../base/ids.ts';
import { isErrorFacts } from '../base/sluice-error.ts';
import type { EnvironmentConfig } from '../config/config.ts';
import type { RolloutCommand } from '../rollout/command.ts';
import { isCompared, type PlanStep } from '../rollout/plan.ts';
import { currentStep, type Rollout, type TargetState } from '../rollout/state.ts';
import { BatchReader, sum } from './batch-reader.ts';
import type { ControllerParts } from './controller-parts.ts';

/** How often the router is asked while users meet the candidate. */
const tickMs = 100;

/** What is known about a candidate by now, for people and reports. */
export interface Evidence {
  readonly rollout: RolloutId;
  readonly analysis: AnalysisState;
  readonly candidate: ArmBatch;
  readonly stable: ArmBatch;
  readonly verdict: Verdict;
}

/** Watches the candidate of one rollout through all its steps: the evidence is carried over from step to step. */
export class Judge {
  readonly #parts: ControllerParts;
  readonly #environment: EnvironmentConfig;
  readonly #rollout: RolloutId;
  readonly #reader: BatchReader;
  #analysis: AnalysisState;
  #candidate: ArmBatch = sum([]);
  #stable: ArmBatch = sum([]);
  #step = -1;

  constructor(parts: ControllerParts, environment: EnvironmentConfig, state: TargetState) {
    this.#parts = parts;
    this.#environment = environment;
    this.#rollout = (state.rollout as Rollout).rollout;
    this.#reader = new BatchReader(this.#rollout, state.stable?.rollout ?? null);
    this.#analysis = startAnalysis(environment.analysis);
  }

  /** What it knows now. */
  evidence(compared: boolean): Evidence {
    return {
      rollout: this.#rollout,
      analysis: this.#analysis,
      candidate: this.#candidate,
      stable: this.#stable,
      verdict: compared
        ? verdictOf(this.#analysis, this.#environment.analysis)
        : absoluteVerdict(this.#candidate, this.#environment.analysis),
    };
  }

  /** Looks until the step is over or the signal says that it is; resolves with what that means for the rollout. */
  async watch(
    index: number,
    context: { readonly state: () => TargetState; readonly signal: AbortSignal },
  ): Promise<readonly RolloutCommand[]> {
    if (index !== this.#step) this.#analysis = restartSafety(this.#analysis);
    this.#step = index;
    const { clock } = this.#parts;
    while (!context.signal.aborted) {
      await this.#look(context.state());
      const told = await this.#decide(context.state(), index);
      if (told !== null) return [told];
      await sleep(clock, tickMs);
    }
    return [];
  }

  async #look(state: TargetState): Promise<void> {
    try {
      const batch = this.#reader.read(await this.#parts.traffic.counts(targetId(state.target)));
      if (batch === null) return;
      this.#candidate = sum([this.#candidate, batch.candidate]);
      this.#stable = sum([this.#stable, batch.stable]);
      if (batch.candidate.requests + batch.stable.requests === 0) return;
      this.#analysis = observeBatch(this.#analysis, batch, this.#environment.analysis);
    } catch (error) {
      // A router that is away for a moment is no verdict: the counts are cumulative, so nothing is missed.
      if (!isErrorFacts(error) || error.code !== 'router-unreachable') throw error;
    }
  }

  async #decide(state: TargetState, index: number): Promise<RolloutCommand | null> {
    const { rollout } = state;
    const step = currentStep(rollout);
    if (rollout?.phase !== 'forward' || rollout.index !== index || step === null) return null;
    const base = { at: this.#parts.clock.now(), by: 'controller' } as const;
    const sick = await this.#sick(rollout.rollout);
    if (sick !== null) return { ...base, type: 'TakeBack', code: 'health-failed', message: sick };
    const compared = isCompared(rollout.plan);
    const { verdict } = this.evidence(compared);
    if (verdict.kind === 'failed') {
      return { ...base, type: 'TakeBack', code: 'analysis-failed', message: verdict.reasons.join('; ') };
    }
    return step.type === 'analyze' ? this.#conclude({ ...base, rollout, step, index, verdict }) : null;
  }

  async #sick(rollout: RolloutId): Promise<string | null> {
    const { healthTrigger } = this.#environment;
    if (healthTrigger === null) return null;
    const found = (await this.#parts.runtime.list()).find(
      ({ id, healthFailures }) => id.startsWith(`${rollout}-`) && healthFailures >= healthTrigger,
    );
    return found === undefined ? null : `${found.id}: ${found.reason ?? 'health probe failed'}`;
  }

  #conclude(facts: {
    readonly at: number;
    readonly by: 'controller';
    readonly rollout: Extract<Rollout, { phase: 'forward' }>;
    readonly step: Extract<PlanStep, { type: 'analyze' }>;
    readonly index: number;
    readonly verdict: Verdict;
  }): RolloutCommand | null {
    const { at, by, rollout, step, index, verdict } = facts;
    const waited = at - rollout.stepStartedAt;
    if (rollout.pausedBy !== null || waited < step.bakeMs) return null;
    const told = { at, by, type: 'RecordVerdict', rollout: rollout.rollout, index } as const;
    if (verdict.kind === 'successful') return { ...told, ok: true, observed: verdict.reasons.join('; ') };
    if (waited < step.deadlineMs) return null;
    const why = `inconclusive after ${Math.round(waited / 1000)} s: ${verdict.reasons.join('; ')}`;
    switch (rollout.plan.lowTraffic) {
      case 'promote-on-health':
        return { ...told, ok: true, observed: `${why}; promoted on health and smoke` };
      case 'refuse':
        return { ...told, ok: false, observed: why };
      default:
        return null;
    }
  }
}
