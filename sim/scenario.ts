import { defaultAnalysisSettings } from '../src/analysis/settings.ts';
import {
  parseEnvironmentName,
  parseServiceName,
  parseUnitId,
  type Target,
  targetId,
  type UnitId,
} from '../src/base/ids.ts';
import type { ShieldSettings } from '../src/base/route-table.ts';
import type { EnvironmentConfig, MetricConfig, ProjectConfig, ServiceConfig } from '../src/config/config.ts';
import { permissions } from '../src/policy/policy.ts';
import type { RolloutEvent } from '../src/rollout/event.ts';
import type { Strategy, StrategyStep } from '../src/rollout/strategy.ts';
import type { Random } from './random.ts';

/** How a release behaves once it runs; only the world knows. */
export interface Truth {
  readonly unit: UnitId;
  readonly badShare: number;
  readonly latencyMs: number;
  readonly start: 'ready' | 'flaky' | 'exits' | 'hangs';
  readonly readyAfterMs: number;
  readonly smokeFails: boolean;
  readonly migrationFails: 'up' | 'down' | null;
  /** What QA said of it. */
  readonly qa: 'approved' | 'rejected' | 'foreign' | 'missing';
}

export type Port = 'artifacts' | 'runtime' | 'traffic' | 'command' | 'qa';

type MirrorStep = Extract<StrategyStep, { type: 'mirror' }>;

/** One seed's project, drawn once. */
export interface Scenario {
  /** Without what stands beside it; see `configOf`. */
  readonly config: ProjectConfig;
  /** The first step of the strategy: users' requests are copied; null: none are. */
  readonly mirror: MirrorStep | null;
  /** Stable answers for the candidate; null: it does not. */
  readonly shield: ShieldSettings | null;
  readonly units: readonly Truth[];
  readonly faultShare: number;
  /** The port at which nearly a third of the calls go wrong; null: none. */
  readonly hotPort: Port | null;
  /** The event whose append the controller often does not survive; null: none. */
  readonly diesAt: RolloutEvent['type'] | null;
  /** Share of requests that last for seconds. */
  readonly longShare: number;
  /** Mean time between partitions: the router serves, and the controller cannot reach it. */
  readonly partitionEveryMs: number;
  /** Mean time between losses of the lease: another controller takes over while this one goes on. */
  readonly leaseEveryMs: number;
  /** Mean time between blows of each kind in the safety phase, ms; 0: none. */
  readonly crashEveryMs: number;
  readonly routerEveryMs: number;
  readonly deathEveryMs: number;
  /** An instance is ready and not, and ready and not. */
  readonly flapEveryMs: number;
  /** The disk under the journal is slow or full for a while. */
  readonly diskEveryMs: number;
  /** The metric from outside is missing, stale or wrong for a while. */
  readonly sourceEveryMs: number;
  readonly clockEveryMs: number;
  readonly rebootEveryMs: number;
  /** Something that every release needs at its start is away for a while. */
  readonly outageEveryMs: number;
  /** A unit of which the stored bytes are changed, and when; null: none. */
  readonly damage: { readonly unit: UnitId; readonly atMs: number } | null;
  /** Mean time between two questions of people, and what they like to ask. */
  readonly operatorEveryMs: number;
  readonly habit: 'restless' | 'wavering';
  readonly requestsPerSecond: number;
  readonly safetyMs: number;
}

/** A world in which every call is answered and nothing dies. */
export const withoutFaults = {
  faultShare: 0,
  hotPort: null,
  diesAt: null,
  crashEveryMs: 0,
  routerEveryMs: 0,
  partitionEveryMs: 0,
  leaseEveryMs: 0,
  deathEveryMs: 0,
  flapEveryMs: 0,
  diskEveryMs: 0,
  sourceEveryMs: 0,
  clockEveryMs: 0,
  rebootEveryMs: 0,
  outageEveryMs: 0,
} satisfies Partial<Scenario>;

export const worldTarget: Target = {
  service: parseServiceName('web'),
  environment: parseEnvironmentName('production'),
};
export const worldTargetId = targetId(worldTarget);

/** Each choice has a source of its own: another one beside it leaves the rest of every seed as it is. */
export function drawScenario(random: Random): Scenario {
  const pick = <T>(name: string, list: readonly T[]): T => random.of(name).pick(list);
  const calm = random.of('calm').chance(0.2);
  const habit = pick<Scenario['habit']>('habit', ['restless', 'wavering']);
  const unlessCalm = (name: string, list: readonly number[]) => (calm ? 0 : pick(name, list));
  const reboots = !calm && random.of('reboots').chance(0.2);
  const damages = !reboots && random.of('damages').chance(0.2);
  return {
    config: drawConfig(random),
    mirror: drawMirror(random.of('mirror')),
    shield: drawShield(random.of('shield')),
    units: Array.from({ length: 6 }, (_, number) => drawTruth(random.of(`unit ${number}`), number)),
    faultShare: unlessCalm('faults', [0.005, 0.02, 0.1]),
    hotPort: calm ? null : pick('hot port', [null, null, 'artifacts', 'runtime', 'traffic', 'command', 'qa']),
    diesAt: calm ? null : pick('deadly append', [null, null, ...deadlyAppends]),
    longShare: pick('long requests', [0.002, 0.02, 0.1]),
    partitionEveryMs: unlessCalm('partitions', [0, 0, 8_000]),
    leaseEveryMs: unlessCalm('leases', [0, 0, 12_000]),
    crashEveryMs: unlessCalm('crashes', [0, 4_000, 12_000]),
    routerEveryMs: unlessCalm('routers', [0, 8_000, 15_000]),
    deathEveryMs: pick('deaths', [0, 6_000, 15_000]),
    flapEveryMs: unlessCalm('flapping', [0, 0, 0, 10_000]),
    diskEveryMs: unlessCalm('disk', [0, 0, 0, 10_000]),
    sourceEveryMs: unlessCalm('source', [2_000, 8_000]),
    clockEveryMs: unlessCalm('clocks', [0, 0, 10_000]),
    rebootEveryMs: reboots ? 15_000 : 0,
    outageEveryMs: unlessCalm('outages', [0, 0, 0, 0, 15_000]),
    damage: damages ? drawDamage(random.of('damage')) : null,
    operatorEveryMs: habit === 'wavering' ? 1_000 : pick('operators', [600, 2_500, 6_000]),
    habit,
    requestsPerSecond: pick('requests', [1, 5, 50, 150]),
    // Forward and back takes its time.
    safetyMs: random.of('safety').between(habit === 'wavering' ? 20_000 : 10_000, 35_000),
  };
}

/** What is configured, with the step and the shield that are drawn apart from it. */
export function configOf({ config, mirror, shield }: Scenario): ProjectConfig {
  const environments = config.environments.map((environment) => ({
    ...environment,
    strategy: mirror === null ? environment.strategy : withMirror(environment.strategy, mirror),
    shield,
  }));
  return { ...config, environments };
}

/** Before the first weight; strategies whose steps nobody writes have none. */
function withMirror(strategy: Strategy, mirror: MirrorStep): Strategy {
  const written = strategy.kind === 'canary' || strategy.kind === 'blue-green';
  return written ? { ...strategy, steps: [mirror, ...strategy.steps] } : strategy;
}

function drawMirror(random: Random): MirrorStep | null {
  if (random.chance(0.2)) return null;
  const [sharePercent, bakeMs] = [random.pick([20, 100, 100]), random.pick([500, 2_500])];
  return { type: 'mirror', sharePercent, bakeMs, deadlineMs: 4_000 };
}

function drawShield(random: Random): ShieldSettings | null {
  return random.chance(0.5) ? null : { budgetPercent: random.pick([5, 20, 100]) };
}

function drawDamage(random: Random): Scenario['damage'] {
  return { unit: parseUnitId(`U-${random.between(1, 5)}`), atMs: random.between(0, 30_000) };
}

function drawTruth(random: Random, number: number): Truth {
  const first = number === 0;
  return {
    unit: parseUnitId(`U-${number}`),
    badShare: first ? 0.002 : random.pick([0, 0.002, 0.002, 0.3]),
    latencyMs: first ? 20 : random.pick([20, 20, 25, 200]),
    start: first ? 'ready' : random.chance(0.7) ? 'ready' : random.pick(['flaky', 'exits', 'hangs']),
    readyAfterMs: random.between(20, 900),
    smokeFails: !first && random.chance(0.08),
    migrationFails: first ? null : random.pick([null, null, null, null, null, null, 'up', 'down']),
    qa: first
      ? 'approved'
      : random.chance(0.7)
        ? 'approved'
        : random.pick(['rejected', 'foreign', 'missing']),
  };
}

function drawConfig(random: Random): ProjectConfig {
  const channel = { kind: 'terminal' } as const;
  const environment = drawEnvironment(random.of('environment'));
  return {
    project: 'shop',
    root: '.',
    services: [drawService(random.of('service'), environment.strategy)],
    environments: [environment],
    roles: [
      { name: 'release-manager', members: ['ada', 'grace'], permissions },
      { name: 'developer', members: ['mallory'], permissions: ['deploy'] },
    ],
    reports: 'reports',
    workAssigner: channel,
    qaInbox: channel,
    contacts: { primary: null, secondary: null },
  };
}

function drawService(random: Random, strategy: Strategy): ServiceConfig {
  const probe = { path: '/healthz', intervalMs: 500, timeoutMs: 200, successes: 2, failures: 3 };
  const command = (run: string) => ({ run, timeoutMs: 3_000, env: {} });
  // Only where one version runs at a time may it meet a schema that it does not know.
  const alone = strategy.kind === 'recreate';
  const migrates = random.chance(alone ? 0.8 : 0.25);
  const compatible = !alone || random.chance(0.2);
  return {
    name: worldTarget.service,
    run: {
      start: 'node server.js',
      env: {},
      secretEnv: [],
      health: probe,
      ready: probe,
      startDeadlineMs: 4_000,
      drainDeadlineMs: random.pick([500, 2_000]),
      smoke: random.chance(0.5) ? command('smoke') : null,
    },
    migrate: migrates
      ? { up: command('up'), down: command('down'), compatible, lossless: random.chance(alone ? 0.8 : 0.5) }
      : null,
    integrity: migrates && random.chance(0.5) ? command('integrity') : null,
    hosts: [],
    pathPrefix: '/',
    metrics: random.of('metric').chance(0.6) ? [drawMetric(random.of('orders'))] : [],
  };
}

const deadlyAppends: readonly RolloutEvent['type'][] = [
  'RolloutPlanned',
  'StepStarted',
  'InstancesRequested',
  'RoutesRequested',
  'InstanceRetired',
  'ReleasePromoted',
  'IncidentOpened',
  'GoingBackStarted',
];

function drawMetric(random: Random): MetricConfig {
  return {
    name: 'orders',
    source: { kind: 'command', run: 'orders', timeoutMs: 1_000 },
    direction: 'fewer-is-bad',
    kind: 'mean',
    intervalMs: 200,
    maxAgeMs: 2_000,
    required: random.chance(0.6),
  };
}

function drawEnvironment(random: Random): EnvironmentConfig {
  return {
    name: worldTarget.environment,
    runtime: 'process',
    replicas: random.between(1, 3),
    listen: '127.0.0.1:8080',
    hosts: [],
    strategy: drawStrategy(random),
    timeZone: 'UTC',
    policy: {
      windows: [],
      freezes: [],
      approvals: random.chance(0.3) ? ['release-manager'] : [],
      after: null,
      rehearse: false,
      onConflict: random.pick(['refuse', 'refuse', 'queue', 'supersede']),
      approvalMaxAgeMs: 30 * 86_400_000,
      approverMustDiffer: false,
    },
    // Coarser than the default, so that a verdict takes dozens of requests and not thousands.
    analysis: {
      ...defaultAnalysisSettings,
      warmupMs: 0,
      safetyMargin: { ratio: 1.5, absolute: 0.15 },
      safetyTolerance: 8,
    },
    lowTraffic: random.pick(['wait', 'extend', 'ask', 'promote-on-health', 'refuse']),
    healthTrigger: random.pick([null, 3]),
    affinity: { kind: 'none' },
    limits: {
      headBytes: 16_384,
      bodyBytes: 0,
      clientHeadMs: 10_000,
      upstreamHeadMs: 10_000,
      idleMs: 60_000,
      pauseMs: 5_000,
      pausedRequests: 100,
    },
    soakMs: random.between(500, 3_000),
    rollbackWindowMs: random.between(2_000, 12_000),
    restoreWithinMs: 5_000,
    env: {},
    notices: [],
  };
}

function drawStrategy(random: Random): Strategy {
  const analyze = { type: 'analyze', bakeMs: random.pick([800, 2_500]), deadlineMs: 5_000 } as const;
  switch (
    random.pick(['canary', 'canary', 'canary', 'blue-green', 'rolling', 'ab', 'recreate', 'recreate'])
  ) {
    case 'canary': {
      const pause: StrategyStep[] = random.chance(0.5)
        ? [{ type: 'pause', durationMs: random.pick([null, 500]) }]
        : [];
      return {
        kind: 'canary',
        holdbackPercent: 5,
        steps: [
          { type: 'setWeight', weightPercent: 10 },
          analyze,
          ...pause,
          { type: 'setWeight', weightPercent: 50 },
          analyze,
        ],
      };
    }
    case 'blue-green':
      return { kind: 'blue-green', steps: [] };
    case 'rolling':
      return { kind: 'rolling', batch: 1, bakeMs: 500 };
    case 'ab':
      return {
        kind: 'ab',
        match: [],
        weightPercent: 50,
        affinity: { kind: 'none' },
        durationMs: 3_000,
        goal: 'errors',
      };
    default:
      return { kind: 'recreate' };
  }
}
