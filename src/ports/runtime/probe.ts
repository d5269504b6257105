import type { Cancel, Clock } from '../../base/clock.ts';
import type { ProbeSpec } from '../../base/service-run.ts';
import type { SharedWakes } from '../../base/shared-wakes.ts';
import { askStatus } from '../../router/ask-status.ts';

/** Null when the answer was good, else what was wrong, for people. */
export type ProbeProblem = string | null;

/** One GET on a connection of its own. Good is 200–299 in time; a redirect is not followed and not good. */
export function probe(
  clock: Clock,
  address: string,
  { path, timeoutMs }: Pick<ProbeSpec, 'path' | 'timeoutMs'>,
): Promise<ProbeProblem> {
  return new Promise((resolve) => {
    const [host = '', port = ''] = address.split(':');
    const end = (problem: ProbeProblem) => {
      cancel();
      stop();
      resolve(problem);
    };
    const stop = askStatus({ host, port: Number(port), path, userAgent: 'sluice-probe' }, (answer) =>
      end(problemOf(answer, { address, path })),
    );
    const cancel = clock.after(timeoutMs, () => end(`GET ${path} gave no answer in ${timeoutMs} ms`));
  });
}

function problemOf(
  answer: number | (Error & { readonly code?: string }),
  { address, path }: { readonly address: string; readonly path: string },
): ProbeProblem {
  if (typeof answer === 'number') {
    if (answer === 101) return `GET ${path} answered with an upgrade`;
    return answer >= 200 && answer < 300 ? null : `GET ${path} answered ${answer}`;
  }
  if (answer.code === 'ECONNREFUSED') return `nothing listens on PORT (${address})`;
  return `GET ${path} failed: ${answer.message}`;
}

/** Probes at once and then each `intervalMs`, one at a time, until cancelled; a result that comes later is not told. */
export function probeRepeatedly(
  { clock, wakes }: { readonly clock: Clock; readonly wakes: SharedWakes },
  address: string,
  spec: ProbeSpec,
  told: (problem: ProbeProblem) => void,
): Cancel {
  const turns = wakes.join(spec.intervalMs);
  let ended = false;
  // The first one comes at once: two in quick succession would count as two failures of one bad moment.
  let leastMs: number | undefined = spec.intervalMs / 2;
  const once = async () => {
    const problem = await probe(clock, address, spec);
    if (ended) return;
    turns.next(once, leastMs);
    leastMs = undefined;
    told(problem);
  };
  void once();
  return () => {
    ended = true;
    turns.leave();
  };
}
