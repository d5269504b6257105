import { formatDuration } from '../base/duration.ts';
import type { EnvironmentConfig, ProjectConfig, ServiceConfig } from './config.ts';
import type { Cursor } from './cursor.ts';
import { nearest } from './nearest.ts';

/** What no single value shows: whether the parts fit together. */
export function checkRules(at: Cursor, config: ProjectConfig): void {
  const names = config.environments.map(({ name }) => name as string);
  for (const environment of config.environments) {
    const here = at.key('environments').key(environment.name);
    checkListen(here, environment);
    checkAfter(here, environment, names);
    checkRoles(here, environment, config);
    checkGoal(here, environment, config);
  }
  checkAfterCycle(at, config);
  checkRoutes(at, config);
}

function checkListen(here: Cursor, { listen }: EnvironmentConfig): void {
  const port = Number(listen.split(':').at(-1));
  if (port <= 65_535) return;
  here
    .key('listen')
    .complain('config-value', `${port} is no port.`, 'Use a port from 0 to 65535; 0 takes a free one.');
}

function checkAfter(here: Cursor, { policy, name }: EnvironmentConfig, names: readonly string[]): void {
  const { after, rehearse } = policy;
  if (after === null) {
    if (rehearse) {
      here
        .key('rehearse')
        .complain(
          'config-value',
          '`rehearse` needs an environment to rehearse in.',
          'Add `after: staging`, or remove it.',
        );
    }
  } else if (!names.includes(after) || after === name) {
    const known = names.filter((one) => one !== name);
    const close = nearest(after, known);
    here
      .key('after')
      .complain(
        'config-unknown-name',
        `"${after}" is not another environment.${close ? ` Did you mean "${close}"?` : ''}`,
        `Write one of ${known.join(', ') || '(there is none yet)'}, or remove \`after\`.`,
      );
  }
}

function checkAfterCycle(at: Cursor, { environments }: ProjectConfig): void {
  const after = new Map(environments.map(({ name, policy }) => [name as string, policy.after]));
  for (const { name } of environments) {
    const chain: string[] = [name];
    let next = after.get(name) ?? null;
    while (next !== null && !chain.includes(next)) {
      chain.push(next);
      next = after.get(next) ?? null;
    }
    if (next === name && chain.length > 1) {
      const way = [...chain, name].join(' → ');
      at.key('environments')
        .key(name)
        .key('after')
        .complain('config-value', `\`after\` runs in a circle: ${way}.`, 'Remove one of them.');
    }
  }
}

function checkRoles(here: Cursor, { policy, strategy }: EnvironmentConfig, { roles }: ProjectConfig): void {
  const steps = 'steps' in strategy ? strategy.steps : [];
  const inSteps = steps.flatMap((step) => (step.type === 'approve' ? step.roles : []));
  const check = (role: string, place: Cursor): void => {
    const found = roles.find(({ name }) => name === role);
    const known = roles.filter(({ permissions }) => permissions.includes('approve')).map(({ name }) => name);
    if (found?.permissions.includes('approve') && found.members.length > 0) return;
    const close = found ? null : nearest(role, known);
    const why = found ? 'may not approve or has no members' : 'is not a role';
    place.complain(
      'config-unknown-name',
      `"${role}" ${why}.${close ? ` Did you mean "${close}"?` : ''}`,
      `Describe it under \`roles:\` with members and \`may: [approve]\`${known.length > 0 ? `, or write one of ${known.join(', ')}` : ''}.`,
    );
  };
  for (const role of policy.approvals) check(role, here.key('approvals'));
  for (const role of inSteps) check(role, here.key('strategy').key('steps'));
}

function checkGoal(here: Cursor, { strategy }: EnvironmentConfig, { services }: ProjectConfig): void {
  if (strategy.kind !== 'ab' || strategy.goal === 'errors') return;
  const known = ['errors', ...services.flatMap(({ metrics }) => metrics.map(({ name }) => name))];
  if (known.includes(strategy.goal)) return;
  here
    .key('strategy')
    .key('goal')
    .complain(
      'config-unknown-name',
      `"${strategy.goal}" is not a metric of any service.`,
      `Write one of ${known.join(', ')}, or add it under \`metrics:\`.`,
    );
}

interface Route {
  readonly environment: EnvironmentConfig;
  readonly service: ServiceConfig;
  readonly hosts: readonly string[];
}

/** Two targets behind one address must be told apart by host or path. */
function checkRoutes(at: Cursor, { environments, services }: ProjectConfig): void {
  const seen: Route[] = [];
  for (const environment of environments) {
    for (const service of services) {
      const route = {
        environment,
        service,
        hosts: service.hosts.length > 0 ? service.hosts : environment.hosts,
      };
      const other = seen.find((one) => overlap(one, route));
      if (other) complainRoutes(at, other, route);
      seen.push(route);
    }
  }
}

function overlap(left: Route, right: Route): boolean {
  if (left.environment.listen !== right.environment.listen || left.environment.listen.endsWith(':0'))
    return false;
  if (left.service.pathPrefix !== right.service.pathPrefix) return false;
  if (left.hosts.length === 0 || right.hosts.length === 0) return left.hosts.length === right.hosts.length;
  return left.hosts.some((host) => right.hosts.includes(host));
}

function complainRoutes(at: Cursor, left: Route, right: Route): void {
  const name = ({ service, environment }: Route): string => `${service.name}@${environment.name}`;
  const where = `${right.environment.listen}${right.service.pathPrefix}`;
  const place =
    left.environment === right.environment
      ? at.key('services').key(right.service.name)
      : at.key('environments').key(right.environment.name);
  place.complain(
    'config-routes-overlap',
    `${name(left)} and ${name(right)} would both answer ${where}.`,
    left.environment === right.environment
      ? 'Give each service its own `hosts` or `pathPrefix`.'
      : 'Give each environment its own `listen` or `hosts`.',
  );
}

/** Things that work, but probably not as meant. */
export function checkAdvice(at: Cursor, { environments, services }: ProjectConfig): void {
  for (const { name, restoreWithinMs } of environments) {
    const slow = services.find(({ run }) => run.startDeadlineMs > restoreWithinMs);
    if (!slow) continue;
    at.key('environments')
      .key(name)
      .warn(
        'config-restore-short',
        `${slow.name} may take ${formatDuration(slow.run.startDeadlineMs)} to start, but ${name} must be restored within ${formatDuration(restoreWithinMs)}.`,
        'Lower `startDeadline`, or raise `restoreWithin`.',
      );
  }
}
