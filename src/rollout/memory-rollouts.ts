import assert from 'node:assert/strict';
import type { InstanceId, RolloutId } from '../base/ids.ts';
import type { InstanceStatus } from '../base/instance-status.ts';
import type { RolloutCommand, Said } from './command.ts';
import type { StepsInput } from './compile-steps.ts';
import { decide } from './decide.ts';
import type { RolloutEvent } from './event.ts';
import type { EvidenceBatch } from './evidence.ts';
import { evolve } from './evolve.ts';
import { memoryAnswer } from './memory-answer.ts';
import { memoryPlan, memoryRelease, memoryTarget } from './memory-plan.ts';
import type { Migration } from './migration.ts';
import { type PendingAction, pendingActions } from './pending-actions.ts';
import type { CommandRole, RolloutPlan } from './plan.ts';
import { currentStep, emptyTarget, type TargetState } from './state.ts';
import type { Strategy } from './strategy.ts';

export const canary: Strategy = {
  kind: 'canary',
  holdbackPercent: 5,
  steps: [
    { type: 'setWeight', weightPercent: 5 },
    { type: 'analyze', bakeMs: 1_000, deadlineMs: 60_000 },
  ],
};

/** A target in a world in which everything that is asked for happens at once, unless `answers` says otherwise. */
export class MemoryTarget {
  state = emptyTarget(memoryTarget);
  readonly events: RolloutEvent[] = [];
  readonly commands: CommandRole[] = [];
  now = 0;
  strategy: Strategy;
  migrate: Migration | null = null;
  smokeOfStable: StepsInput['smoke'] = null;
  readonly answers: {
    verdict: boolean;
    crash: boolean;
    broken?: CommandRole;
    /** Copies that fail, of 500 in five seconds. Default none. */
    badCopies?: number;
  };

  constructor(strategy: Strategy = canary, answers: Partial<MemoryTarget['answers']> = {}) {
    this.strategy = strategy;
    this.answers = { verdict: true, crash: false, ...answers };
  }

  tell(command: Said): void {
    const decision = decide(this.state, { ...command, at: this.now, by: 'ada' } as RolloutCommand);
    if (decision.kind === 'refused') return;
    this.events.push(...decision.events);
    this.state = decision.events.reduce(evolve, this.state);
  }

  occasions(): string[] {
    return this.events.flatMap((event) => (event.type === 'Escalated' ? [event.occasion] : []));
  }

  request(rollout: string, onConflict: 'refuse' | 'queue' | 'supersede' = 'refuse'): void {
    const asked = { type: 'RequestRollout', unit: null, onConflict, blockedBy: [] } as const;
    this.tell({ ...asked, rollout: rollout as RolloutId });
  }

  /** What the runtime shows of an instance by itself. */
  see(instance: string, status: InstanceStatus, reason: string | null = null): void {
    const address = status === 'ready' || status === 'unready' ? '127.0.0.1:1' : null;
    this.tell({ type: 'RecordInstance', instance: instance as InstanceId, status, address, reason });
  }

  /** Performs the first pending action; false when nothing is pending. */
  step(): boolean {
    const judged = ['analyze', 'mirror'].includes(currentStep(this.state.rollout)?.type ?? '');
    const action = pendingActions(this.state).find(({ type }) => type !== 'judge' || judged);
    if (action === undefined) return false;
    this.tell(this.answerTo(action));
    return true;
  }

  until(holds: (state: TargetState) => boolean): void {
    while (!holds(this.state)) assert.ok(this.step(), 'nothing is pending');
  }

  run(bound = 500): void {
    for (let steps = 0; this.step(); steps += 1) assert.ok(steps < bound, 'the rollout does not end');
  }

  answerTo(action: PendingAction): Said {
    switch (action.type) {
      case 'verify': {
        const { rollout } = action;
        return { type: 'RecordVerification', rollout, gates: [], plan: this.planFor(rollout) };
      }
      case 'judge':
        this.now += 5_000;
        return { type: 'RecordBatch', rollout: action.rollout, batch: this.measured() };
      case 'tick':
        this.now = Math.max(this.now, action.at);
        return { type: 'Tick' };
      default:
        return this.spoiled(memoryAnswer(action), action);
    }
  }

  /** Users meet the candidate once the router gives it weight; copies of their requests are all it has before. */
  measured(): EvidenceBatch {
    const { requested } = this.state.routes;
    const arm = { clientErrors: 0, latency: [], abandoned: [] };
    const stable = { instance: 's', arm: 'stable', requests: 10_000, bad: 0, ...arm } as const;
    const moment = { atMs: this.now, epoch: 'one', baseline: false };
    if (requested?.mirror !== undefined) {
      const candidate = { requests: 500, bad: this.answers.badCopies ?? 0 };
      const mirror = { candidate, stable: { requests: 5_000, bad: 5 }, skipped: 0, routes: [] };
      return { ...moment, instances: [stable], mirror };
    }
    const bad = this.answers.verdict ? 0 : 500;
    const candidate = { instance: 'c', arm: 'candidate', requests: 1_000, bad, ...arm } as const;
    return { ...moment, instances: [candidate, stable] };
  }

  /** What goes wrong goes wrong for the candidate only: the first release is brought in by good answers. */
  spoiled(good: Said, action: PendingAction): Said {
    if (action.type === 'run-command') this.commands.push(action.role);
    if (this.state.stable === null) return good;
    if (good.type === 'RecordInstance' && this.answers.crash) {
      return { ...good, status: 'crash-looping', address: null };
    }
    if (good.type !== 'RecordCommand' || action.type !== 'run-command') return good;
    return { ...good, ok: action.role !== this.answers.broken };
  }

  planFor(rollout: RolloutId): RolloutPlan {
    const release = memoryRelease(rollout);
    return memoryPlan(this.state, {
      rollout,
      release: { ...release, run: { ...release.run, drainDeadlineMs: 7_000 } },
      strategy: this.strategy,
      migrate: this.migrate,
      stableSmoke: this.smokeOfStable,
      soakMs: 1_000,
      rollbackWindowMs: 10_000,
    });
  }

  endings(): string[] {
    return this.events.flatMap((event) => (event.type === 'RolloutEnded' ? [event.ending] : []));
  }
}
