import type { CommandSpec } from '../base/command-spec.ts';
import { unreachable } from '../base/invariant.ts';
import type { Migration } from './migration.ts';
import type { CommandRole, PlanStep } from './plan.ts';
import type { Strategy, StrategyStep } from './strategy.ts';

/** What the steps of a rollout are made from. */
export interface StepsInput {
  readonly strategy: Strategy;
  readonly replicas: number;
  /** False at the first release: nothing to compare with, so there is nothing to weigh or analyze against. */
  readonly hasStable: boolean;
  readonly smoke: CommandSpec | null;
  /** Smoke test of the stable release. */
  readonly stableSmoke: CommandSpec | null;
  readonly migrate: Migration | null;
  readonly integrity: CommandSpec | null;
  /** Roles that must approve before traffic moves. */
  readonly approvals: readonly string[];
  readonly soakMs: number;
  readonly restoreWithinMs: number;
}

/** The steps that bring a release in, in order. Every list ends with `promote`. */
export function compileSteps(input: StepsInput): readonly PlanStep[] {
  const approve: PlanStep[] = input.approvals.length > 0 ? [{ type: 'approve', roles: input.approvals }] : [];
  const soak: PlanStep = { type: 'soak', durationMs: input.soakMs };
  return scaleFirst([...approve, ...middleSteps(input), soak, ...release(input), { type: 'promote' }]);
}

/** Instances are ready before the weight that needs them is set. */
function scaleFirst(steps: readonly PlanStep[]): readonly PlanStep[] {
  let ready = 0;
  return steps.flatMap((step): PlanStep[] => {
    if (step.type === 'start') ready = step.replicas;
    if (step.type !== 'setWeight' || step.replicas <= ready) return [step];
    ready = step.replicas;
    return [{ type: 'start', replicas: step.replicas }, step];
  });
}

/** The steps that take it back. Traffic comes first wherever stable was kept; see docs/adr/0002. */
export function compileBackSteps(input: StepsInput): readonly PlanStep[] {
  const verify: PlanStep = { type: 'verify-restored', deadlineMs: input.restoreWithinMs };
  const keep: PlanStep[] = [{ type: 'preserve' }, { type: 'retire', arm: 'candidate' }];
  const down = downSteps(input);
  if (input.strategy.kind !== 'recreate' || !input.hasStable) {
    return [{ type: 'restore' }, ...keep, ...down, ...(input.hasStable ? [verify] : [])];
  }
  return [
    { type: 'maintenance', on: true },
    ...keep,
    { type: 'place', release: 'stable' },
    ...down,
    { type: 'restart-stable' },
    { type: 'restore' },
    verify,
  ];
}

function middleSteps(input: StepsInput): readonly PlanStep[] {
  if (!input.hasStable) return [...prepare(input, input.replicas), weight(100, input.replicas)];
  const { strategy } = input;
  switch (strategy.kind) {
    case 'canary':
      return [
        ...prepare(input, candidateReplicas(input, firstShare(strategy.steps))),
        ...canarySteps(input, strategy),
      ];
    case 'blue-green':
      return [
        ...prepare(input, input.replicas),
        ...strategy.steps.map((step) => userStep(input, step)),
        weight(100, input.replicas),
      ];
    case 'rolling':
      return [...prepare(input, Math.min(strategy.batch, input.replicas)), ...rollingSteps(input, strategy)];
    case 'ab':
      return [
        ...prepare(input, input.replicas),
        weight(strategy.weightPercent, input.replicas),
        { type: 'analyze', bakeMs: strategy.durationMs, deadlineMs: strategy.durationMs },
      ];
    case 'recreate':
      return [
        { type: 'maintenance', on: true },
        { type: 'retire', arm: 'stable' },
        ...prepare(input, input.replicas),
        weight(100, input.replicas),
        { type: 'maintenance', on: false },
      ];
    default:
      return unreachable(strategy);
  }
}

/** Everything before users meet the candidate: schema, instances, smoke test on them directly. */
function prepare(input: StepsInput, replicas: number): readonly PlanStep[] {
  const { migrate, integrity, smoke } = input;
  return [
    ...(migrate ? command('integrity-before', 'data integrity before the migration', integrity) : []),
    ...command('migrate-up', 'migrate the schema up', migrate?.up ?? null),
    ...(migrate ? command('integrity-after', 'data integrity after the migration', integrity) : []),
    ...(migrate ? stableStillWorks(input) : []),
    { type: 'start', replicas },
    ...command('smoke', 'smoke test on the candidate', smoke),
  ];
}

/** Where both versions run at once, stable is asked again on the new schema before users meet the candidate. */
function stableStillWorks(input: StepsInput): readonly PlanStep[] {
  if (!input.hasStable || input.strategy.kind === 'recreate') return [];
  return [
    { type: 'verify-stable', deadlineMs: input.restoreWithinMs },
    ...command('smoke-stable', 'smoke test on stable after the migration', input.stableSmoke),
  ];
}

function downSteps({ migrate, integrity, hasStable, strategy }: StepsInput): readonly PlanStep[] {
  const mayRun = migrate?.down && (migrate.lossless || strategy.kind === 'recreate');
  return [
    ...command('migrate-down', 'migrate the schema down', mayRun ? (migrate?.down ?? null) : null),
    ...(migrate && hasStable
      ? command('integrity-restored', 'data integrity after going back', integrity)
      : []),
  ];
}

function canarySteps(
  input: StepsInput,
  strategy: Extract<Strategy, { kind: 'canary' }>,
): readonly PlanStep[] {
  const steps = strategy.steps.map((step) => userStep(input, step));
  const top = 100 - strategy.holdbackPercent;
  const reached = strategy.steps.findLast((step) => step.type === 'setWeight')?.weightPercent ?? 0;
  return reached >= top ? steps : [...steps, weight(top, candidateReplicas(input, top))];
}

/** One instance (or batch) at a time: its share of the weight with it, and a look after each. */
function rollingSteps(
  input: StepsInput,
  strategy: Extract<Strategy, { kind: 'rolling' }>,
): readonly PlanStep[] {
  const steps: PlanStep[] = [];
  for (let replaced = strategy.batch; replaced < input.replicas; replaced += strategy.batch) {
    steps.push(weight((100 * replaced) / input.replicas, replaced));
    steps.push({ type: 'soak', durationMs: strategy.bakeMs });
  }
  return [...steps, weight(100, input.replicas)];
}

/** After the soak the holdback ends: all traffic to the candidate, just before it is called stable. */
function release(input: StepsInput): readonly PlanStep[] {
  const held = input.strategy.kind === 'canary' || input.strategy.kind === 'ab';
  return held && input.hasStable ? [weight(100, input.replicas)] : [];
}

function userStep(input: StepsInput, step: StrategyStep): PlanStep {
  switch (step.type) {
    case 'setWeight':
      return capped(input, step.weightPercent);
    case 'run':
      return { type: 'command', role: 'run', label: step.label, command: step.command };
    case 'mirror':
    case 'analyze':
    case 'pause':
    case 'approve':
      return step;
    default:
      return unreachable(step);
  }
}

/** A weight of the strategy, no higher than the holdback allows. */
function capped(input: StepsInput, weightPercent: number): PlanStep {
  const top = input.strategy.kind === 'canary' ? 100 - input.strategy.holdbackPercent : 100;
  const percent = Math.min(weightPercent, top);
  return weight(percent, candidateReplicas(input, percent));
}

/** Enough candidates that each instance of either arm gets about the same number of requests, at least one. */
function candidateReplicas({ replicas }: StepsInput, weightPercent: number): number {
  return Math.max(1, Math.min(replicas, Math.ceil((replicas * weightPercent) / 100)));
}

/** Of the traffic, what the candidate gets first: copies of it, or its own. */
function firstShare(steps: readonly StrategyStep[]): number {
  const copies = steps.flatMap((step) => (step.type === 'mirror' ? [step.sharePercent] : []));
  const weight = steps.find((step) => step.type === 'setWeight')?.weightPercent ?? 100;
  return Math.max(weight, ...copies);
}

function weight(weightPercent: number, replicas: number): PlanStep {
  return { type: 'setWeight', weightPercent, replicas };
}

function command(role: CommandRole, label: string, spec: CommandSpec | null): readonly PlanStep[] {
  return spec === null ? [] : [{ type: 'command', role, label, command: spec }];
}
