import { request } from 'node:http';
import type { Cancel, Clock } from '../../base/clock.ts';
import type { ProbeSpec } from '../../base/service-run.ts';

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
    const asked = request({ host, port, path, agent: false, headers: { 'User-Agent': 'sluice-probe' } });
    const end = (problem: ProbeProblem) => {
      cancel();
      asked.destroy();
      resolve(problem);
    };
    const cancel = clock.after(timeoutMs, () => end(`GET ${path} gave no answer in ${timeoutMs} ms`));
    asked.on('response', ({ statusCode = 0 }) =>
      end(statusCode >= 200 && statusCode < 300 ? null : `GET ${path} answered ${statusCode}`),
    );
    asked.on('upgrade', () => end(`GET ${path} answered with an upgrade`));
    asked.on('error', (error: NodeJS.ErrnoException) =>
      end(
        error.code === 'ECONNREFUSED'
          ? `nothing listens on PORT (${address})`
          : `GET ${path} failed: ${error.message}`,
      ),
    );
    asked.end();
  });
}

/** Probes at once and then `intervalMs` after each result, until cancelled; a result that comes later is not told. */
export function probeRepeatedly(
  clock: Clock,
  address: string,
  spec: ProbeSpec,
  told: (problem: ProbeProblem) => void,
): Cancel {
  let ended = false;
  let cancelWait = () => {};
  const once = async () => {
    const problem = await probe(clock, address, spec);
    if (ended) return;
    cancelWait = clock.after(spec.intervalMs, once);
    told(problem);
  };
  void once();
  return () => {
    ended = true;
    cancelWait();
  };
}
