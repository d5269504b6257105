import { permissions, type Role } from '../policy/policy.ts';
import type { ProjectConfig } from './config.ts';
import type { Cursor } from './cursor.ts';
import { fillEnvironment } from './fill-environment.ts';
import { fillZone } from './fill-policy.ts';
import { fillChannel, fillService } from './fill-service.ts';

/** The whole configuration out of what was written, with every default filled in. */
export function fillProject(at: Cursor, root: string): ProjectConfig {
  const project = at.key('project').text() ?? '';
  const services = at.key('services');
  const environments = at.key('environments');
  const names = environments.keys().includes('production')
    ? environments.keys()
    : [...environments.keys(), 'production'];
  const timeZone = fillZone(at.key('timeZone', ''), 'UTC');
  const listens = defaultListens(environments, names);
  const filled = names.map((name) =>
    fillEnvironment(environments.key(name), name, {
      project: at,
      timeZone,
      root,
      listen: listens.get(name) ?? '',
    }),
  );
  const contacts = at.key('contacts');
  const retention = at.key('retention');
  return {
    project,
    root,
    services: services.keys().map((name) => fillService(services.key(name), name)),
    environments: filled,
    roles: fillRoles(
      at.key('roles'),
      filled.flatMap(({ policy, strategy }) => [
        ...policy.approvals,
        ...('steps' in strategy
          ? strategy.steps.flatMap((step) => (step.type === 'approve' ? step.roles : []))
          : []),
      ]),
    ),
    reports: at.key('reports').text() ?? `01-Projects/${project}/Deployments`,
    workAssigner: fillChannel(at.key('workAssigner'), {
      kind: 'folder',
      path: `01-Projects/${project}/Inbox`,
    }),
    qaInbox: fillChannel(at.key('qaInbox'), { kind: 'folder', path: 'QA/Inbox' }),
    retention: {
      releases: retention.key('releases').number(10),
      ageMs: retention.key('age', 'ageMs').durationMs('30d'),
    },
    router: { engine: at.key('router').key('engine').text() === 'standard' ? 'standard' : 'fast' },
    contacts: { primary: contacts.key('primary').text(), secondary: contacts.key('secondary').text() },
  };
}

/** 8080 is production's; the others get the next free port, in the order in which they are written. */
function defaultListens(environments: Cursor, names: readonly string[]): ReadonlyMap<string, string> {
  const written = names.map((name) => environments.key(name).key('listen', ''));
  const taken = new Set(
    written.flatMap(({ node }) => (node?.kind === 'scalar' ? [String(node.value).split(':').at(-1)] : [])),
  );
  const result = new Map<string, string>();
  const inOrder = [...names].sort(
    (left, right) => Number(right === 'production') - Number(left === 'production'),
  );
  for (const name of inOrder) {
    let port = name === 'production' ? 8080 : 8081;
    if (!environments.key(name).key('listen').present) {
      while (taken.has(String(port))) port += 1;
      taken.add(String(port));
    }
    result.set(name, `127.0.0.1:${port}`);
  }
  return result;
}

/** Without `roles:`, whoever reaches the state directory (its owner) has every role that is asked for. */
function fillRoles(at: Cursor, asked: readonly string[]): readonly Role[] {
  if (!at.present) {
    return [...new Set(['operator', ...asked])].map((name) => ({ name, members: ['*'], permissions }));
  }
  return at.keys().map((name) => {
    const role = at.key(name);
    const may = role.key('may', 'permissions');
    const texts = may.texts();
    return {
      name,
      members: role.key('members').texts(),
      permissions: may.present ? permissions.filter((one) => texts.includes(one)) : permissions,
    };
  });
}
