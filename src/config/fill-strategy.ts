import { unreachable } from '../base/invariant.ts';
import type { Affinity, MatchRule } from '../base/route-table.ts';
import { type Strategy, type StrategyKind, type StrategyStep, strategyKinds } from '../rollout/strategy.ts';
import type { Cursor } from './cursor.ts';
import { fillCommand } from './fill-service.ts';

const belongsTo: Readonly<Record<string, readonly StrategyKind[]>> = {
  steps: ['canary', 'blue-green'],
  holdback: ['canary'],
  batch: ['rolling'],
  bake: ['rolling'],
  match: ['ab'],
  weight: ['ab'],
  affinity: ['ab'],
  duration: ['ab'],
  goal: ['ab'],
};

export function fillStrategy(at: Cursor, otherwise: StrategyKind): Strategy {
  const kind = (at.isMap ? at.key('kind') : at.as('kind')).choice(strategyKinds, otherwise);
  for (const key of at.keys()) {
    const owners = belongsTo[key];
    if (!owners || owners.includes(kind)) continue;
    at.key(key).complain(
      'config-value',
      `"${key}" has no meaning for the strategy ${kind}.`,
      `Remove it; it belongs to ${owners.join(' and ')}.`,
    );
  }
  switch (kind) {
    case 'canary':
      return {
        kind,
        steps: fillSteps(at, defaultSteps),
        holdbackPercent: at.key('holdback', 'holdbackPercent').percent(5),
      };
    case 'blue-green':
      return { kind, steps: fillSteps(at, []) };
    case 'rolling':
      return { kind, batch: at.key('batch').number(1), bakeMs: at.key('bake', 'bakeMs').durationMs('1m') };
    case 'ab':
      return fillAb(at);
    case 'recreate':
      return { kind };
    default:
      return unreachable(kind);
  }
}

const analyze: StrategyStep = { type: 'analyze', bakeMs: 60_000, deadlineMs: 900_000 };
const defaultSteps: readonly StrategyStep[] = [5, 25, 50].flatMap((weightPercent): StrategyStep[] => [
  { type: 'setWeight', weightPercent },
  analyze,
]);

function fillAb(at: Cursor): Strategy {
  const match = at.key('match').items().flatMap(fillRule);
  return {
    kind: 'ab',
    match,
    weightPercent: at.key('weight', 'weightPercent').percent(match.length > 0 ? 0 : 50),
    affinity: fillAffinity(at.key('affinity'), { kind: 'cookie', name: 'sluice_arm' }),
    durationMs: at.key('duration', 'durationMs').durationMs('1h'),
    goal: at.key('goal').text() ?? 'errors',
  };
}

export function fillAffinity(at: Cursor, otherwise: Affinity): Affinity {
  const word = at.as('kind').text();
  if (word === 'none') return { kind: 'none' };
  if (word === 'cookie') return { kind: 'cookie', name: 'sluice_arm' };
  for (const kind of ['cookie', 'header'] as const) {
    const name = at.key(kind, 'name').text();
    if (name !== null) return { kind, name };
  }
  return otherwise;
}

function fillRule(at: Cursor): readonly MatchRule[] {
  const header = fillCondition(at.key('header'));
  const cookie = fillCondition(at.key('cookie'));
  return header || cookie ? [{ ...(header ? { header } : {}), ...(cookie ? { cookie } : {}) }] : [];
}

function fillCondition(at: Cursor): NonNullable<MatchRule['header']> | null {
  const name = at.key('name').text();
  if (name === null) return null;
  const equals = at.key('equals').text();
  const matches = at.key('matches').text();
  if (matches !== null) checkRegExp(at.key('matches'), matches);
  return { name, ...(equals === null ? {} : { equals }), ...(matches === null ? {} : { matches }) };
}

function checkRegExp(at: Cursor, source: string): void {
  try {
    new RegExp(source);
  } catch (thrown) {
    at.complain(
      'config-value',
      `"${source}" is no regular expression: ${String(thrown)}`,
      'Correct it, or use `equals`.',
    );
  }
}

function fillSteps(at: Cursor, otherwise: readonly StrategyStep[]): readonly StrategyStep[] {
  const list = at.key('steps');
  if (!list.present) return otherwise;
  let weight = 0;
  return list.items().flatMap((item): StrategyStep[] => {
    const step = fillStep(item);
    if (step?.type === 'mirror' && weight > 0) {
      item.complain(
        'config-value',
        `Users meet the candidate already: ${weight} % of them.`,
        'Put `mirror` before the first `setWeight`.',
      );
    }
    if (step?.type === 'setWeight') {
      if (step.weightPercent < weight) {
        item.complain(
          'config-value',
          `The weight falls from ${weight} to ${step.weightPercent} %.`,
          'Let weights rise from step to step.',
        );
      }
      weight = step.weightPercent;
    }
    return step === null ? [] : [step];
  });
}

function fillStep(at: Cursor): StrategyStep | null {
  if (!at.isMap) {
    const word = at.text();
    return word === 'analyze' ? analyze : word === 'pause' ? { type: 'pause', durationMs: null } : null;
  }
  const [type] = at.keys();
  switch (type) {
    case 'setWeight':
      return { type, weightPercent: at.key(type, 'weightPercent').percent(0) };
    case 'mirror':
      return fillMirror(at.key(type));
    case 'analyze':
      return fillAnalyze(at.key(type));
    case 'pause': {
      const until = at.key(type).text() === 'until-resumed';
      return { type, durationMs: until ? null : at.key(type, 'durationMs').durationMs('0s') };
    }
    case 'approve':
      return { type, roles: at.key(type, 'roles').texts() };
    case 'run': {
      const command = fillCommand(at.key(type, 'command'));
      return command === null ? null : { type, label: command.run.split('\n', 1)[0] ?? command.run, command };
    }
    default:
      return null;
  }
}

function fillMirror(at: Cursor): StrategyStep {
  const share = at.isMap ? at.key('share', 'sharePercent') : at.as('sharePercent');
  const sharePercent = share.percent(10);
  if (sharePercent === 0)
    share.complain(
      'config-value',
      'A mirror of 0 % copies nothing.',
      'Give a share above 0, or remove the step.',
    );
  return { type: 'mirror', sharePercent, ...fillTimes(at) };
}

function fillAnalyze(at: Cursor): StrategyStep {
  return { type: 'analyze', ...fillTimes(at) };
}

function fillTimes(at: Cursor): { readonly bakeMs: number; readonly deadlineMs: number } {
  const bakeMs = at.key('bake', 'bakeMs').durationMs('1m');
  const deadline = at.key('deadline', 'deadlineMs');
  const deadlineMs = deadline.present ? deadline.durationMs('15m') : Math.max(900_000, 2 * bakeMs);
  if (deadlineMs < bakeMs) {
    deadline.complain(
      'config-value',
      'The deadline ends before the bake time.',
      'Make `deadline` at least as long as `bake`.',
    );
  }
  return { bakeMs, deadlineMs };
}
