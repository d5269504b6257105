import { SluiceError } from '../base/sluice-error.ts';
import type { RolloutCommand, Said } from '../rollout/command.ts';
import type { ControllerParts } from './controller-parts.ts';
import type { TargetLoop } from './target-loop.ts';

/**
 * A person's word to a loop, with whose it is and when; rejects with the reason where the state does not allow it. What depends on the moment of
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
