import { SluiceError } from '../base/sluice-error.ts';
import type { RolloutCommand } from '../rollout/command.ts';
import type { ControllerParts } from './controller-parts.ts';
import type { TargetLoop } from './target-loop.ts';

/** Whoever says it and when is added on the way. */
export type Said = Without<RolloutCommand>;
type Without<T> = T extends unknown ? Omit<T, 'at' | 'by'> : never;

/**
 * A person's word to a loop; rejects with the reason where the state does not allow it. What depends on the moment of
 * deciding is given as a function.
 */
export async function tellLoop(
  loop: TargetLoop,
  said: Said | (() => Said),
  { clock, by }: { readonly clock: ControllerParts['clock']; readonly by: string },
): Promise<void> {
  const at = clock.now();
  const decision = await loop.dispatch(
    () => ({ ...(typeof said === 'function' ? said() : said), at, by }) as RolloutCommand,
  );
  if (decision.kind === 'refused') throw new SluiceError(decision);
}
