import type { MetricReading } from '../analysis/metric-process.ts';
import { cpuPerRequest, memoryPerInstance } from '../analysis/saturation.ts';
import { defaultAnalysisSettings } from '../analysis/settings.ts';
import { digestOfJson } from '../base/digest.ts';
import { parseEnvironmentName, parseServiceName, parseUnitId, type RolloutId } from '../base/ids.ts';
import { latencyBucket } from '../base/latency-buckets.ts';
import type { Release } from '../base/release.ts';
import type { RolloutCommand } from '../rollout/command.ts';
import { compileBackSteps, compileSteps, type StepsInput } from '../rollout/compile-steps.ts';
import { decide } from '../rollout/decide.ts';
import type { EvidenceBatch, InstanceBatch } from '../rollout/evidence.ts';
import { evolve } from '../rollout/evolve.ts';
import type { GateResult } from '../rollout/gate.ts';
import type { Migration } from '../rollout/migration.ts';
import type { Paperwork } from '../rollout/paperwork.ts';
import { type PendingAction, pendingActions } from '../rollout/pending-actions.ts';
import type { RolloutPlan } from '../rollout/plan.ts';
import { currentStep, emptyTarget, instancesOf, type TargetState } from '../rollout/state.ts';
import type { Strategy } from '../rollout/strategy.ts';
import { type RolloutStory, storiesOf, type ToldEvent } from './rollout-story.ts';

const target = { service: parseServiceName('web'), environment: parseEnvironmentName('production') };
const probe = { path: '/healthz', intervalMs: 1_000, timeoutMs: 500, successes: 2, failures: 3 };
const requestsPerBatch = 200;

/** How one release of the world is and is brought in. */
export interface WorldRelease {
  readonly unit: string;
  readonly version: string;
  /** Share of its requests that fail, and how long one takes, ms. */
  readonly badShare?: number;
  /** Four of five of its failures are answered by stable. Default false. */
  readonly shielded?: boolean;
  readonly latencyMs?: number;
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
  readonly #releases = new Map<string, WorldRelease>();
  #state = emptyTarget(target);
  #answered = 0;
  #failed = 0;
  /** Bad requests that are due, by release: fractions are carried on. */
  readonly #due = new Map<string, number>();

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
    return storiesOf(target, this.events);
  }

  get state(): TargetState {
    return this.#state;
  }

  /** Brings a release in and plays until nothing but time is left; resolves to its story. */
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

  tell(command: Omitted<RolloutCommand>, by = 'controller'): void {
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
    const action = pending.find(({ type }) => type !== 'judge' && type !== 'tick');
    if (action !== undefined) {
      this.now += 180;
      this.#perform(action);
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
    const judge = pending.find(({ type }) => type === 'judge');
    if (judge?.type === 'judge') {
      this.tell({ type: 'RecordBatch', rollout: judge.rollout, batch: this.#batch() });
    }
    this.tell({ type: 'Tick' });
    return true;
  }

  #perform(action: PendingAction): void {
    const release = this.#releases.get(this.#state.rollout?.rollout ?? '');
    if (action.type === 'verify') this.#verify(action.rollout);
    else this.tell(this.#answerTo(action, release));
  }

  #answerTo(action: PendingAction, release: WorldRelease | undefined): Omitted<RolloutCommand> {
    switch (action.type) {
      case 'apply-routes':
        return { type: 'RecordRoutes', version: action.routes.version };
      case 'ensure-instance': {
        this.now += 900;
        const { instance } = action;
        const address = '127.0.0.1:41000';
        return { type: 'RecordInstance', instance, status: 'ready', address, reason: null };
      }
      case 'drain-instance':
        return { type: 'RecordDrained', instance: action.instance, cutOff: 0 };
      case 'stop-instance':
        return { type: 'RecordStopped', instance: action.instance };
      case 'run-command': {
        const ok = release?.smoke !== false || !action.command.run.includes('smoke');
        const output = ok ? 'all good\n' : 'exit code 1: expected 200 from /cart | got 500\n';
        const { rollout, phase, index } = action;
        return { type: 'RecordCommand', rollout, phase, index, ok, output, durationMs: 1_250 };
      }
      case 'preserve-evidence':
        return { type: 'RecordEvidence', location: `.sluice/evidence/${action.rollout}` };
      case 'verify-stable': {
        const holds = release?.restored !== false;
        const observed = `2 of 2 stable instances ready; ${holds ? 0 : 31} of 120 requests bad since`;
        return { type: 'RecordRestoration', holds, observed };
      }
      default:
        throw new Error(`the world does not answer ${action.type}`);
    }
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

  planOf(rollout: RolloutId, release: WorldRelease): RolloutPlan {
    const { stable } = this.#state;
    const strategy = release.strategy ?? canary;
    const migrate = release.migrate ?? null;
    const built = releaseOf(release);
    const input: StepsInput = {
      strategy,
      replicas: 2,
      hasStable: stable !== null,
      smoke: built.run.smoke,
      stableSmoke: null,
      migrate,
      integrity: migrate && { run: 'node integrity.js', timeoutMs: 60_000, env: {} },
      approvals: ['release-manager'],
      soakMs: 10_000,
      restoreWithinMs: 60_000,
    };
    return {
      rollout,
      target,
      kind: 'deploy',
      release: built,
      previous: stable?.release ?? null,
      strategy,
      replicas: 2,
      steps: compileSteps(input),
      backSteps: compileBackSteps(input),
      migrate,
      match: [],
      affinity: { kind: 'none' },
      limits,
      routing: { listen: '127.0.0.1:8080', hosts: [], pathPrefix: '/', probe },
      analysis: { ...defaultAnalysisSettings, warmupMs: 0 },
      lowTraffic: 'ask',
      soakMs: 10_000,
      rollbackWindowMs: 3_600_000,
      restoreWithinMs: 60_000,
    };
  }

  /** What both arms answered in half a second: bad ones come as evenly as their share allows. */
  #batch(): EvidenceBatch | null {
    const { rollout, stable } = this.#state;
    if (rollout === null || rollout.phase === 'verifying') return null;
    const baseline = rollout.evidence.cursor === null;
    const weight = rollout.weight / 10_000;
    this.#answered += 1;
    const instances = baseline
      ? []
      : [
          ...this.#armBatch('candidate', rollout.rollout, Math.round(requestsPerBatch * weight)),
          ...(stable === null
            ? []
            : this.#armBatch('stable', stable.rollout, Math.round(requestsPerBatch * (1 - weight)))),
        ];
    const both =
      instances.some(({ arm }) => arm === 'candidate') && instances.some(({ arm }) => arm === 'stable');
    return { atMs: this.now, epoch: 'e1', baseline, instances, ...(both && { metrics: readings }) };
  }

  #armBatch(arm: 'candidate' | 'stable', rollout: RolloutId, requests: number): readonly InstanceBatch[] {
    const release = this.#releases.get(rollout);
    const own = instancesOf(this.#state, rollout);
    if (release === undefined || own[0] === undefined || requests === 0) return [];
    const due = (this.#due.get(rollout) ?? 0) + requests * (release.badShare ?? 0.002);
    this.#due.set(rollout, due % 1);
    const usual = release.latencyMs ?? 12;
    const slow = Math.floor(requests / 10);
    const latency = [
      [latencyBucket(usual), requests - slow],
      [latencyBucket(2 * usual), slow],
    ] as const;
    const bad = Math.floor(due);
    const seen = this.#failed;
    if (arm === 'candidate') this.#failed += bad;
    const harmed = Math.floor(this.#failed / 5) - Math.floor(seen / 5);
    return [
      {
        instance: own[0].id,
        arm,
        requests,
        bad,
        clientErrors: 0,
        ...(release.shielded && arm === 'candidate' && bad > harmed && { shielded: bad - harmed }),
        latency: latency.filter(([, n]) => n > 0),
        abandoned: [],
      },
    ];
  }
}

const readings: readonly MetricReading[] = [
  { name: cpuPerRequest, kind: 'mean', candidate: 1.9, stable: 1.8 },
  { name: memoryPerInstance, kind: 'mean', candidate: 81, stable: 80 },
];

type Omitted<T> = T extends unknown ? Omit<T, 'at' | 'by'> : never;

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

const limits: RolloutPlan['limits'] = {
  headBytes: 1,
  bodyBytes: 0,
  clientHeadMs: 1,
  upstreamHeadMs: 1,
  idleMs: 1,
  pauseMs: 1,
  pausedRequests: 1,
};

function releaseOf({ unit, version }: WorldRelease): Release {
  const run: Release['run'] = {
    start: 'node server.js',
    env: {},
    secretEnv: [],
    health: probe,
    ready: { ...probe, path: '/readyz' },
    startDeadlineMs: 30_000,
    drainDeadlineMs: 30_000,
    smoke: { run: 'node smoke.js', timeoutMs: 60_000, env: {} },
  };
  return {
    service: target.service,
    version,
    artifact: digestOfJson(version),
    config: digestOfJson(run),
    run,
    unit: parseUnitId(unit),
    commit: digestOfJson(`commit of ${version}`).slice(7, 47),
  };
}

/** The gates as they are when all is well. */
export function goodGates({ stable }: TargetState, { unit, version }: WorldRelease): readonly GateResult[] {
  const held = (gate: string, required: string, observed: string): GateResult => ({
    gate,
    holds: true,
    onFailure: 'block',
    required,
    observed,
    remedy: '',
  });
  const digest = digestOfJson(version);
  return [
    held('qa-unit', `unit_id: ${unit}`, `QA/QA-Report-${unit}.md says ${unit}`),
    held('qa-approved', 'status: approved', 'status: approved, written by quinn'),
    held('qa-artifact', `an approval of ${digest}`, `artifact: ${digest}`),
    held('artifact', `the bytes of ${digest}`, '12 files, 48213 bytes, unchanged'),
    held('window', 'an open deployment window and no freeze', 'inside a window'),
    held('capacity', 'room for 2 more instances', '7.1 GiB free'),
    held(
      'environment-healthy',
      'every stable instance ready',
      stable === null ? 'first release' : '2 of 2 ready',
    ),
    stable === null
      ? {
          ...held('restorable', 'a previous version that can be restored', 'a first release has no way back'),
          holds: false,
          onFailure: 'warn',
          remedy: 'Health and smoke judge it; failing it shows the maintenance page.',
        }
      : held(
          'restorable',
          'a previous version that can be restored',
          `${stable.release.version}, its artifact unchanged`,
        ),
  ];
}
