import type { EnvironmentName } from '../base/ids.ts';
import type { ShieldSettings } from '../base/route-table.ts';
import type { Channel } from '../ports/notify/port.ts';
import type { EnvironmentConfig } from './config.ts';
import { Cursor } from './cursor.ts';
import { fillAnalysis, fillLimits, fillTrigger } from './fill-analysis.ts';
import { fillEdge } from './fill-edge.ts';
import { fillPolicy, fillZone } from './fill-policy.ts';
import { fillChannel } from './fill-service.ts';
import { fillAffinity, fillStrategy } from './fill-strategy.ts';

export interface EnvironmentContext {
  readonly project: Cursor;
  readonly timeZone: string;
  /** Address for an environment that names none. */
  readonly listen: string;
  /** Directory from which paths are read. */
  readonly root: string;
}

export function fillEnvironment(at: Cursor, name: string, context: EnvironmentContext): EnvironmentConfig {
  const production = name === 'production';
  const timeZone = fillZone(at.key('timeZone'), context.timeZone);
  const strategy = fillStrategy(at.key('strategy'), production ? 'canary' : 'blue-green');
  const affinity = fillAffinity(at.key('affinity'), { kind: 'none' });
  const sticky = affinity.kind !== 'none' || (strategy.kind === 'ab' && strategy.affinity.kind !== 'none');
  const trigger = (key: string, target: string): Cursor[] => {
    const shared = context.project.key('triggers').key(key);
    // Written once for the project, it is a value of each environment, and explained there.
    const here = new Cursor(shared.node, shared.at, shared.path, `${at.target}.${target}`, at.findings);
    return [at.key('triggers', '').key(key, target), here];
  };
  return {
    name: name as EnvironmentName,
    runtime: at.key('runtime').choice(['process'], 'process'),
    replicas: at.key('replicas').number(1),
    listen: at.key('listen').text() ?? context.listen,
    hosts: at.key('hosts').texts(),
    strategy,
    policy: fillPolicy(at, timeZone),
    timeZone,
    analysis: fillAnalysis(at.key('analysis'), {
      affinity: sticky ? 'sticky' : 'random',
      triggers: {
        errorRate: fillTrigger(trigger('errorRate', 'analysis.triggers.errorRate'), 0.05, (one, usual) =>
          one.fraction(usual),
        ),
        latencyFactor: fillTrigger(
          trigger('latencyFactor', 'analysis.triggers.latencyFactor'),
          2,
          (one, usual) => one.number(usual),
        ),
      },
    }),
    lowTraffic: at
      .key('lowTraffic')
      .choice(
        ['wait', 'extend', 'ask', 'promote-on-health', 'refuse'],
        production ? 'ask' : 'promote-on-health',
      ),
    healthTrigger: fillTrigger(trigger('health', 'healthTrigger'), 3, (one, usual) => one.number(usual)),
    affinity,
    shield: fillShield(at.key('shield'), strategy.kind === 'canary'),
    ...fillEdge(at, context.root),
    limits: fillLimits(at.key('limits')),
    soakMs: at.key('soak', 'soakMs').durationMs(production ? '5m' : '30s'),
    rollbackWindowMs: at.key('rollbackWindow', 'rollbackWindowMs').durationMs('1h'),
    restoreWithinMs: at.key('restoreWithin', 'restoreWithinMs').durationMs('5m'),
    env: at.key('env').textMap(),
    notices: fillNotices(at, context.project),
  };
}

/** A budget alone switches it on. */
function fillShield(at: Cursor, usually: boolean): ShieldSettings | null {
  if (at.isOff || (!usually && !at.present)) return null;
  at.mark();
  const budgetPercent = at.key('budget', 'budgetPercent').percent(20);
  const deadline = at.key('deadline', 'headMs');
  if (deadline.isOff) return { budgetPercent };
  const headMs = !deadline.present || deadline.text() === 'auto' ? 'auto' : deadline.durationMs('1s');
  if (headMs === 0) {
    const remedy = 'Give it some time, such as 2s; `off` leaves it to `limits.upstreamHead`.';
    deadline.complain('config-value', 'No candidate answers within no time.', remedy);
  }
  return { budgetPercent, headMs };
}

function fillNotices(at: Cursor, project: Cursor): readonly Channel[] {
  const own = at.key('notices');
  const shared = project.key('notices');
  const here = new Cursor(shared.node, shared.at, shared.path, own.target, at.findings);
  const notices = own.present ? own : here;
  if (!notices.present) return [{ kind: 'terminal' }];
  return notices.items().map((item) => fillChannel(item, { kind: 'terminal' }));
}
