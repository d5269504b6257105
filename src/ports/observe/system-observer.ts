import type { Clock } from '../../base/clock.ts';
import { unreachable } from '../../base/invariant.ts';
import type { Look } from '../../base/look.ts';
import type { Environment } from '../runtime/child-environment.ts';
import { lookAtCommand } from './look-at-command.ts';
import { lookAtDirectory, lookAtFile, lookAtJson } from './look-at-file.ts';
import { lookAtHttp } from './look-at-http.ts';
import { lookAtProcess } from './look-at-process.ts';
import { findMatch } from './matcher.ts';
import type { Observer } from './port.ts';
import { SearchThread } from './search-thread.ts';
import { type Sight, seenAt } from './seen.ts';

export interface ObserverOptions {
  readonly clock: Clock;
  /** Where the allow-list for commands is read from. */
  readonly environment: Environment;
}

/**
 * Looks at this machine. Files of any size: all is read for the digest, and patterns are looked for in the first 8 MiB and the
 * last MiB. JSON up to 9 MiB. An answer over HTTP has 10 s, and its body counts up to 1 MiB. A search has 1 s, in a thread of
 * its own where it could take long. A command has its own time, and its process group ends with it.
 */
export function openObserver({ clock, environment }: ObserverOptions): Observer {
  const thread = new SearchThread(clock);
  const looking = new Set<number>();
  const closing = new AbortController();

  const see = (look: Look, root: string, signal: AbortSignal): Promise<Sight> => {
    switch (look.kind) {
      case 'file':
        return lookAtFile(look, { root, thread, signal });
      case 'directory':
        return lookAtDirectory(look, { root, thread, signal });
      case 'json':
        return lookAtJson(look, { root, thread, signal });
      case 'http':
        return lookAtHttp(look, { clock, thread, signal });
      case 'process':
        return lookAtProcess(look, { clock, looking });
      case 'command':
        return lookAtCommand(look, { root, clock, environment, looking, signal });
      default:
        return unreachable(look);
    }
  };

  const under = new Set<Promise<unknown>>();
  const followed = <T>(work: Promise<T>): Promise<T> => {
    under.add(work);
    return work.finally(() => under.delete(work));
  };

  return {
    async look(look, { root, signal }) {
      const either = signal === undefined ? closing.signal : AbortSignal.any([closing.signal, signal]);
      const seeing = new Promise<Sight>((resolve) => resolve(see(look, root, either)));
      const sight = await followed(seeing.catch((error) => notSeen(error, either)));
      return seenAt(sight, clock.now());
    },
    match: (text, match) =>
      findMatch(text, match, thread).catch((error) => ({ ...notSeen(error, closing.signal), excerpt: '' })),
    async close() {
      closing.abort();
      await Promise.all(under);
      await thread.close();
    },
  };
}

function notSeen(error: unknown, signal: AbortSignal): Sight {
  if (signal.aborted) return { holds: false, observed: 'the look was cancelled' };
  return {
    holds: false,
    observed: `could not be looked at: ${error instanceof Error ? error.message : error}`,
  };
}
