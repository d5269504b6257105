import { SluiceError } from '../base/sluice-error.ts';
import type { Side } from '../workflow/reading/read-document.ts';

/** What `--side` says. Throws `side-unknown`. */
export function sideOf(side: string | undefined): Side | undefined {
  if (side === undefined || side === 'ours' || side === 'theirs') return side;
  throw new SluiceError({
    code: 'side-unknown',
    message: `--side is "${side}"`,
    remedy: 'Write `--side ours` or `--side theirs`.',
  });
}
