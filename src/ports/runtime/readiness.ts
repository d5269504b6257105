import type { Cancel, Clock } from '../../base/clock.ts';
import type { ProbeSpec, ServiceRun } from '../../base/service-run.ts';
import type { SharedWakes } from '../../base/shared-wakes.ts';
import { type ProbeProblem, probeRepeatedly } from './probe.ts';

export interface Readiness {
  readonly ready: boolean;
  readonly everReady: boolean;
  readonly healthFailures: number;
  readonly reason: string | null;
}

export interface ReadinessWatch {
  readonly now: () => Readiness;
  readonly close: Cancel;
}

/**
 * Probes one process for as long as it runs: readiness from the start, health from the first time it was ready. It is
 * ready after `ready.successes` good answers in a row (one, if `wasReady`, for a process that is taken over; `answers`: it gave that one), and not
 * after `ready.failures` bad ones in a row or `health.failures` bad health answers. A good health answer takes back half a
 * bad one, so that health which comes and goes adds up.
 */
export function watchReadiness(
  time: { readonly clock: Clock; readonly wakes: SharedWakes },
  {
    address,
    run,
    wasReady,
    answers,
  }: {
    readonly address: string;
    readonly run: ServiceRun;
    readonly wasReady: boolean;
    readonly answers: boolean;
  },
  changed: () => void,
): ReadinessWatch {
  let answering = answers;
  let everReady = wasReady;
  let [good, bad, healthFailures] = [wasReady ? run.ready.successes - 1 : 0, 0, 0];
  let readyProblem: ProbeProblem = 'not probed yet';
  let healthProblem: ProbeProblem = null;
  let closeHealth: Cancel = () => {};
  const heardHealth = (problem: ProbeProblem) => {
    const strained = problem === null ? healthFailures - 0.5 : healthFailures + 1;
    healthFailures = Math.min(Math.max(0, strained), run.health.failures);
    healthProblem = problem;
  };
  // As nearly every service has it: one answer then tells both, for half of the questions.
  const same = isSameQuestion(run.ready, run.health);
  const watchHealth = () => {
    if (same) return;
    closeHealth = probeRepeatedly(time, address, run.health, (problem) => {
      heardHealth(problem);
      changed();
    });
  };
  const closeReady = probeRepeatedly(time, address, run.ready, (problem) => {
    readyProblem = problem;
    if (same && everReady) heardHealth(problem);
    [good, bad] = problem === null ? [good + 1, 0] : [0, bad + 1];
    if (good >= run.ready.successes) answering = true;
    if (bad >= run.ready.failures) answering = false;
    if (answering && !everReady) {
      everReady = true;
      watchHealth();
    }
    changed();
  });
  if (wasReady) watchHealth();
  const now = (): Readiness => {
    const healthy = healthFailures < run.health.failures;
    const ready = answering && healthy;
    const reason = answering
      ? healthProblem
      : (readyProblem ?? `${good} of ${run.ready.successes} good answers`);
    return { ready, everReady, healthFailures, reason: ready ? null : reason };
  };
  return {
    now,
    close: () => {
      closeReady();
      closeHealth();
    },
  };
}

function isSameQuestion(ready: ProbeSpec, health: ProbeSpec): boolean {
  const asked = ({ path, intervalMs, timeoutMs }: ProbeSpec) => `${intervalMs} ${timeoutMs} ${path}`;
  return asked(ready) === asked(health);
}
