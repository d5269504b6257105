import { digestOfJson } from '../base/digest.ts';
import { parseUnitId, type RolloutId } from '../base/ids.ts';
import type { RolloutCommand, Said } from '../rollout/command.ts';
import { decide } from '../rollout/decide.ts';
import { evolve } from '../rollout/evolve.ts';
import type { GateResult } from '../rollout/gate.ts';
import { memoryAnswer, type PlainAction } from '../rollout/memory-answer.ts';
import { memoryPlan, memoryRelease, memoryTarget } from '../rollout/memory-plan.ts';
import type { Migration } from '../rollout/migration.ts';
import type { Paperwork } from '../rollout/paperwork.ts';
import { pendingActions } from '../rollout/pending-actions.ts';
import type { RolloutPlan } from '../rollout/plan.ts';
import { currentStep, emptyTarget, type TargetState } from '../rollout/state.ts';
import type { Strategy } from '../rollout/strategy.ts';
import { goodGates } from './memory-gates.ts';
import { type MemoryBehaviour, MemoryTraffic } from './memory-traffic.ts';
import { type RolloutStory, storiesOf, type ToldEvent } from './rollout-story.ts';

/** How one release of the world is and is brought in. */
export interface WorldRelease extends MemoryBehaviour {
  readonly unit: string;
  readonly version: string;
  readonly smoke?: boolean;
  readonly gates?: readonly GateResult[];
  readonly strategy?: Strategy;
  readonly migrate?: Migration;
  readonly restored?: boolean;
}

/**
 * A target of which rollouts can be told: the real core with virtual time, and an answer at once to everything that it asks
 * for. The same calls give the same events.
 */
export class MemoryWorld {
  now = Date.parse('2026-11-20T09:00:12Z');
  readonly events: ToldEvent[] = [];
  readonly paperwork: Paperwork;
  readonly #releases = new Map<RolloutId, WorldRelease>();
  #state = emptyTarget(memoryTarget);
  readonly #traffic = new MemoryTraffic((rollout) => this.#releases.get(rollout));

  constructor(paperwork: Partial<Paperwork> = {}) {
    this.paperwork = {
      project: 'shop',
      reports: '01-Projects/shop/Deployments',
      timeZone: 'Europe/Berlin',
      window: { from: Date.parse('2026-11-20T08:00:00Z'), to: Date.parse('2026-11-20T16:00:00Z') },
      channels: ['terminal', 'file notices.jsonl'],
      contacts: { primary: 'ada (ext. 12)', secondary: null },
      ...paperwork,
    };
  }

  get stories(): readonly RolloutStory[] {
    return storiesOf(memoryTarget, this.events);
  }

  get state(): TargetState {
    return this.#state;
  }

  /** Brings a release in and plays until nothing but time is left; gives its story. */
  deploy(release: WorldRelease, by = 'ada'): RolloutStory {
    const rollout = `R-${this.#releases.size + 1}` as RolloutId;
    this.#releases.set(rollout, release);
    const unit = parseUnitId(release.unit);
    const { paperwork } = this;
    this.tell({ type: 'RequestRollout', rollout, unit, onConflict: 'refuse', blockedBy: [], paperwork }, by);
    for (let steps = 0; this.#step() && steps < 5_000; steps += 1);
    const story = this.stories.find((one) => one.rollout === rollout);
    if (story === undefined) throw new Error(`${rollout} was not requested`);
    return story;
  }

  tell(command: Said, by = 'controller'): void {
    const decision = decide(this.#state, { ...command, at: this.now, by } as RolloutCommand);
    if (decision.kind === 'refused') throw new Error(decision.message);
    for (const event of decision.events) {
      const sequence = this.events.length + 1;
      // Kept as JSON, as a journal keeps it.
      this.events.push(
        JSON.parse(JSON.stringify({ ...event, when: this.now, actor: by, sequence })) as ToldEvent,
      );
    }
    this.#state = decision.events.reduce(evolve, this.#state);
  }

  #step(): boolean {
    const pending = pendingActions(this.#state);
    const action = pending.find((one) => one.type !== 'judge' && one.type !== 'tick');
    if (action !== undefined) {
      this.now += 180;
      if (action.type === 'verify') this.#verify(action.rollout);
      else this.tell(this.#answerTo(action));
      return true;
    }
    if (this.#state.rollout === null) return false;
    const step = currentStep(this.#state.rollout);
    if (step?.type === 'approve') {
      this.now += 42_000;
      for (const role of step.roles) this.tell({ type: 'Approve', role, comment: 'go' }, 'grace');
      return true;
    }
    this.now += 500;
    const judge = pending.find((one) => one.type === 'judge');
    if (judge !== undefined) {
      const batch = this.#traffic.batch(this.#state, this.now);
      this.tell({ type: 'RecordBatch', rollout: judge.rollout, batch });
    }
    this.tell({ type: 'Tick' });
    return true;
  }

  #answerTo(action: PlainAction): Said {
    const { rollout } = this.#state;
    const release = rollout === null ? undefined : this.#releases.get(rollout.rollout);
    const plain = memoryAnswer(action);
    if (action.type === 'ensure-instance') this.now += 900;
    const smokes = action.type === 'run-command' && action.command.run.includes('smoke');
    if (plain.type === 'RecordCommand' && smokes && release?.smoke === false) {
      const output = 'exit code 1: expected 200 from /cart | got 500\n';
      return { ...plain, ok: false, output };
    }
    if (plain.type === 'RecordRestoration' && release?.restored === false) {
      const observed = '2 of 2 stable instances ready; 31 of 120 requests bad since';
      return { ...plain, holds: false, observed };
    }
    return plain;
  }

  #verify(rollout: RolloutId): void {
    const release = this.#releases.get(rollout) as WorldRelease;
    const gates = release.gates ?? goodGates(this.#state, release);
    const plan = this.planOf(rollout, release);
    const blocked = gates.some(({ holds, onFailure }) => !holds && onFailure === 'block');
    this.tell({
      type: 'RecordVerification',
      rollout,
      gates,
      plan: blocked ? null : plan,
      release: plan.release,
    });
  }

  planOf(rollout: RolloutId, { unit, version, strategy = canary, migrate }: WorldRelease): RolloutPlan {
    const commit = digestOfJson(`commit of ${version}`).slice(7, 47);
    return memoryPlan(this.#state, {
      rollout,
      release: memoryRelease(version, { unit: parseUnitId(unit), commit }),
      strategy,
      migrate: migrate ?? null,
      approvals: ['release-manager'],
      soakMs: 10_000,
      rollbackWindowMs: 3_600_000,
    });
  }
}

/** What users rely on already when a test begins. */
export function worldWithStable(): MemoryWorld {
  const world = new MemoryWorld();
  world.deploy({ unit: 'U-40', version: '1.0.0' });
  return world;
}

const canary: Strategy = {
  kind: 'canary',
  holdbackPercent: 5,
  steps: [
    { type: 'setWeight', weightPercent: 5 },
    { type: 'analyze', bakeMs: 20_000, deadlineMs: 300_000 },
    { type: 'setWeight', weightPercent: 50 },
    { type: 'analyze', bakeMs: 20_000, deadlineMs: 300_000 },
  ],
};
