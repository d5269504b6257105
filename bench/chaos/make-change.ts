import { setTimeout as sleep } from 'node:timers/promises';
import type { RolloutSummary } from '../../src/engine/api.ts';
import { currentStep, type Rollout } from '../../src/rollout/state.ts';
import type { Users } from '../users.ts';
import type { Operator } from './operator.ts';
import type { ChangeKind } from './script.ts';

const burst = 60;
const limitMs = 90_000;
const units = ['U-1', 'U-2', 'U-3', 'U-4'] as const;

export interface ChangeParts {
  readonly operator: Operator;
  readonly users: Users;
  /** Is told each rollout that the change begins. */
  readonly onBegun: (rollout: string) => void;
}

/** Makes one change while users ask; resolves with how its rollouts ended, two of a supersede. */
export async function makeChange(kind: ChangeKind, parts: ChangeParts): Promise<readonly RolloutSummary[]> {
  const { operator, users, onBegun } = parts;
  const begin = async (rollout: Promise<string>) => {
    const begun = await rollout;
    onBegun(begun);
    return begun;
  };
  if (kind === 'rollback') {
    const back = await begin(operator.rollback());
    users.burst(burst);
    return [await steered(back, 'promote', parts)];
  }
  const { stable } = await operator.state();
  const [unit, next] = units.filter((one) => one !== stable?.release.version) as [string, string];
  const first = await begin(operator.deploy(unit));
  if (kind !== 'supersede') return [await steered(first, kind, parts)];
  await untilPaused(first, operator);
  users.burst(burst);
  const second = await begin(operator.deploy(next));
  return [await steered(first, 'abort', { ...parts, quiet: true }), await steered(second, 'abort', parts)];
}

/** Until its end says the word that it waits for; a word that a fault swallowed is said again. */
async function steered(
  rollout: string,
  towards: 'promote' | 'abort',
  { operator, users, quiet = false }: ChangeParts & { readonly quiet?: boolean },
): Promise<RolloutSummary> {
  for (const limit = performance.now() + limitMs; performance.now() < limit; await sleep(50)) {
    const { rollout: running } = await operator.state();
    if (running?.rollout !== rollout) {
      const ended = await operator.summaryOf(rollout);
      if (ended !== null) return ended;
      continue;
    }
    const word = quiet ? null : wordFor(running, towards);
    if (word === null) continue;
    users.burst(burst);
    await operator.steer(word);
    users.burst(burst);
  }
  throw new Error(`${limitMs / 1000} s passed without the end of ${rollout}`);
}

function wordFor(running: Rollout, towards: 'promote' | 'abort'): 'resume' | 'promote' | 'abort' | null {
  if (running.phase !== 'forward') return null;
  const isPaused = currentStep(running)?.type === 'pause' && running.started;
  if (towards === 'abort') return isPaused || running.asked ? 'abort' : null;
  if (running.asked) return 'promote';
  return isPaused ? 'resume' : null;
}

/** Or until it is over before. */
async function untilPaused(rollout: string, operator: Operator): Promise<void> {
  for (const limit = performance.now() + limitMs; performance.now() < limit; await sleep(50)) {
    const { rollout: running } = await operator.state();
    if (running?.rollout !== rollout || currentStep(running)?.type === 'pause') return;
  }
}
