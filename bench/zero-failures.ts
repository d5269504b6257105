import { type BenchResult, resultOf } from './bench.ts';
import { countsOf } from './chaos/counts.ts';
import { Ledger, tellFailure } from './chaos/ledger.ts';
import { ServedProject } from './served-project.ts';
import { type Ask, everyKind, Users } from './users.ts';

/** Promotes, aborts and rollbacks each; more while requests are still to come. */
const rounds = 10;
const wanted = 50_000;
/** Requests a second, one level after the other; the middle is about what the users' own process can do beside the rest. */
const rates = [300, 500, 700] as const;
const burst = 60;
/** No change begins after so long, and no more is asked. */
const limitMs = 300_000;

const asks: readonly Ask[] = [...everyKind, { method: 'GET', path: '/', fresh: true }];

interface Change {
  readonly kind: 'promote' | 'abort' | 'rollback';
  readonly rate: number;
  readonly tookMs: number;
}

/** Promotes, aborts and rollbacks under load: every answer that is not whole and 200 counts as failed. */
export async function bench(): Promise<BenchResult> {
  const project = await ServedProject.make({
    replicas: 2,
    strategy: { kind: 'canary', steps: [{ setWeight: '30%' }, { pause: 'until-resumed' }] },
    soak: '0s',
    // Without warm standby, so that each change drains and stops instances under load.
    rollbackWindow: '0s',
  });
  const ledger = new Ledger();
  const changes: Change[] = [];
  let users: Users | null = null;
  const begun = performance.now();
  const inTime = () => performance.now() - begun < limitMs;
  try {
    for (const unit of ['U-1', 'U-2', 'U-3']) await project.add(unit, 0);
    await project.begin('U-1');
    users = new Users(project.url, { rate: rates[0], asks, onSeen: ledger.add });
    for (let round = 0; (round < rounds || ledger.requests < wanted) && inTime(); round += 1) {
      const rate = rates[round % rates.length] ?? rates[0];
      users.rate = rate;
      for (const kind of ['promote', 'abort', 'rollback'] as const) {
        changes.push({ kind, rate, tookMs: await change(project, users, kind) });
      }
    }
  } finally {
    await users?.end();
    await project.close();
  }
  return judged(ledger, changes, performance.now() - begun);
}

/** Makes one change while users ask; resolves with how long it took, ms. */
async function change(project: ServedProject, users: Users, kind: Change['kind']): Promise<number> {
  const begun = performance.now();
  const rollout = kind === 'rollback' ? await project.rollback() : await project.deploy(unitFor[kind]);
  if (kind !== 'rollback') {
    await project.untilTraffic(rollout);
    users.burst(burst);
    await project.steer(kind);
  }
  users.burst(burst);
  const { ending, reason } = await project.ended(rollout);
  const asked = kind === 'abort' ? 'aborted' : 'succeeded';
  if (ending !== asked) throw new Error(`${kind} of ${rollout} ended ${ending}: ${reason}`);
  return performance.now() - begun;
}

const unitFor = { promote: 'U-2', abort: 'U-3' } as const;

function judged(ledger: Ledger, changes: readonly Change[], tookMs: number): BenchResult {
  const { requests, failures, releases } = ledger;
  const complete = changes.length >= rounds * 3;
  const figure = (value: number) => (complete ? value : null);
  return resultOf(
    [
      { key: 'requests', value: figure(requests), relation: '>=', limit: wanted },
      { key: 'failed', value: figure(failures.length), relation: '<=', limit: 0 },
    ],
    [
      `${changes.length} changes (at least ${rounds * 3}) in ${(tookMs / 1000).toFixed(0)} s, while users sent ${rates.join(', ')} requests a second and bursts of ${burst}`,
      'kept and new connections, GET and POST, whole answers and answers in two parts',
      ...(['promote', 'abort', 'rollback'] as const).map((kind) => lineOf(kind, changes)),
      `answered by ${[...releases].map(([release, times]) => `${release} ${times}`).join(', ')}; ${ledger.tellLatency()}`,
      ...[...countsOf(failures.map(tellFailure))].map(([problem, times]) => `✗ ${times} × ${problem}`),
    ],
  );
}

function lineOf(kind: Change['kind'], changes: readonly Change[]): string {
  const own = changes.filter((one) => one.kind === kind).map(({ tookMs }) => tookMs);
  const mean = own.reduce((all, ms) => all + ms, 0) / own.length;
  return `  ${kind.padEnd(9)} ${own.length} ×, ${mean.toFixed(0)} ms each on average`;
}
