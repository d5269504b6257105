import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../../base/canonical-json.ts';
import type { Clock } from '../../base/clock.ts';
import type { RouteTable } from '../../base/route-table.ts';
import { errorFacts } from '../../base/sluice-error.ts';
import { holderState, parseHolder } from '../../daemon/lease-holder.ts';
import { readLease } from '../../daemon/read-lease.ts';
import { callController } from '../../daemon/socket-client.ts';
import { version } from '../../daemon/version.ts';
import { callRouter } from '../../ports/traffic/control-client.ts';
import type { AppliedRoutes } from '../../ports/traffic/port.ts';
import type { TargetState } from '../../rollout/state.ts';
import type { RouterStatus } from '../../router/control-server.ts';
import { socketPathFor } from '../../router/socket-path.ts';
import { type Check, fail, ok, warn } from './check.ts';

const answerMs = 5_000;

type Targets = ReadonlyMap<string, TargetState>;

/** The controller, and whether the lease is held by the very process that answers. */
export async function checkController(
  stateDir: string,
  asked: { readonly version: string; readonly targets: Targets },
): Promise<readonly Check[]> {
  const lease = readLease(join(stateDir, 'journal'), 'controller');
  const state = lease === null ? 'gone' : await holderState(lease.holder);
  const pid = lease === null ? null : (parseHolder(lease.holder)?.pid ?? null);
  try {
    const own = await callController(stateDir, 'ping', {}, { timeoutMs: answerMs });
    const since = new Date(own.since).toISOString();
    const found = `pid ${own.pid}, version ${own.version}, since ${since}`;
    const another = `End process ${own.pid}; the next command starts version ${asked.version}. Router and instances go on.`;
    const told = own.version === asked.version ? ok('controller', found) : warn('controller', found, another);
    if (pid === own.pid) return [told, ok('lease', `held by ${lease?.holder}`)];
    const remedy = 'Two controllers cannot both act: end the one that does not hold the lease.';
    return [told, fail('lease', `held by ${lease?.holder ?? 'nobody'}, not by pid ${own.pid}`, remedy)];
  } catch (error) {
    return [away(errorFacts(error).message, state, asked.targets), leaseCheck(lease, state)];
  }
}

function away(message: string, state: string, targets: Targets): Check {
  const remedy = '`sluice down` ends it; `sluice serve` brings back what it ran.';
  if (state === 'runs') return fail('controller', `${message} Its process still runs.`, remedy);
  if (![...targets.values()].some(({ stable, rollout }) => stable !== null || rollout !== null))
    return ok('controller', 'none is running, and nothing is deployed');
  const found = 'none is running, though releases are deployed';
  return warn(
    'controller',
    found,
    'Run `sluice serve`, or let `sluice serve --install` start it at each boot.',
  );
}

function leaseCheck(lease: ReturnType<typeof readLease>, state: string): Check {
  if (lease === null || state === 'gone' || lease.expiresAt === 0) return ok('lease', 'free');
  const found = `held by ${lease.holder}`;
  if (state === 'runs')
    return warn('lease', found, 'It holds the lease but does not answer; see controller.');
  return warn(
    'lease',
    `${found}, of another machine`,
    'Use it there; the lease is free 15 s after it ended.',
  );
}

/** Whether users meet exactly the tables that the journal asked for last. */
export async function checkRouter(
  stateDir: string,
  { targets, clock }: { readonly targets: Targets; readonly clock: Clock },
): Promise<readonly Check[]> {
  const door = { socketPath: socketPathFor(stateDir, 'router'), clock };
  const call = (...path: string[]) => callRouter(door, { method: 'GET', path, timeoutMs: answerMs });
  const routed = [...targets].filter(([, { routes }]) => routes.requested !== null);
  let status: RouterStatus;
  try {
    status = (await call('status')) as RouterStatus;
  } catch (error) {
    if (routed.length === 0) return [ok('router', 'none is running, and none is needed yet')];
    const found = `users are not served: ${errorFacts(error).message}`;
    return [fail('router', found, 'Run `sluice serve`: it starts the router, which has its routes on disk.')];
  }
  const tables = await tablesOf(stateDir);
  const checks = routed.map(async ([target, state]) => {
    const applied = (await call('targets', target, 'applied')) as AppliedRoutes | null;
    return routesCheck(target, state, applied, tables.get(target));
  });
  return [versionCheck(status), ...(await Promise.all(checks))];
}

function versionCheck({ pid, targets, version: running, engine }: RouterStatus): Check {
  const said = running === undefined ? '' : `, version ${running}, ${engine} engine`;
  const found = `pid ${pid}${said}, ${targets.length} ${targets.length === 1 ? 'target' : 'targets'}`;
  if (running === version) return ok('router', found);
  return warn(
    'router',
    found,
    `Run \`sluice router --upgrade\`: ${version} takes over without a lost request.`,
  );
}

function routesCheck(
  target: string,
  { routes: { requested, acknowledged }, stable, rollout }: TargetState,
  applied: AppliedRoutes | null,
  table: RouteTable | undefined,
): Check {
  const name = `routes ${target}`;
  const version = applied?.version ?? 0;
  const wanted = requested?.version ?? 0;
  // What a first release asked for is taken off a router that cannot listen there.
  if (applied === null && stable === null && rollout === null)
    return ok(name, 'none is in force, as nothing is deployed');
  const remedy = 'A running controller sends them again; if it does not, read controller.log.';
  if (version < acknowledged)
    return fail(name, `version ${version} is in force, ${acknowledged} was acknowledged`, remedy);
  if (version > wanted) {
    const older = 'the journal is older than the router: restored from a backup';
    const wins =
      'A controller that starts sends what the journal says under a newer version: run `sluice serve`.';
    return warn(name, `version ${version} is in force, ${wanted} was asked for at most; ${older}`, wins);
  }
  if (version !== wanted) return warn(name, `version ${version} is in force, ${wanted} is asked for`, remedy);
  const { fence: _, ...own } = table ?? { fence: 0 };
  if (canonicalJson(own) === canonicalJson(requested))
    return ok(name, `version ${version}, as in the journal`);
  return fail(name, `version ${version} is in force with another content than in the journal`, remedy);
}

/** By target, as the router keeps them on disk. */
export async function tablesOf(stateDir: string): Promise<ReadonlyMap<string, RouteTable>> {
  const text = await readFile(join(stateDir, 'routes.json'), 'utf8').catch(() => '{}');
  try {
    const { tables = [] } = JSON.parse(text) as { readonly tables?: readonly RouteTable[] };
    return new Map(tables.map((table) => [table.target, table]));
  } catch {
    // The router itself refuses to start on it, and tells why; here its content counts as another.
    return new Map();
  }
}
