import type { MetricReading } from '../analysis/metric-process.ts';
import { sleep } from '../base/clock.ts';
import type { MetricConfig } from '../config/config.ts';
import type { Measurement } from '../ports/metrics/port.ts';
import { isCompared } from '../rollout/plan.ts';
import { currentStep, type TargetState } from '../rollout/state.ts';
import type { ControllerParts } from './controller-parts.ts';
import { findInstances } from './find-instances.ts';
import { metricEnv } from './metric-env.ts';
import { growthReadings, saturationReadings, type Usage, usageOf } from './saturation.ts';

const saturationMs = 20_000;

interface Asking {
  readonly state: () => TargetState;
  readonly signal: AbortSignal;
}

/**
 * Asks every source on its own rhythm for as long as the candidate has users, and keeps the answers until the next batch
 * takes them. A slow source keeps nothing else waiting.
 */
export class MetricAskers {
  readonly #parts: ControllerParts;
  readonly #asking: Asking;
  #readings: MetricReading[] = [];
  readonly #done: Promise<unknown>;

  constructor(parts: ControllerParts, metrics: readonly MetricConfig[], asking: Asking) {
    this.#parts = parts;
    this.#asking = asking;
    this.#done = Promise.all([...metrics.map((metric) => this.#follow(metric)), this.#followSaturation()]);
  }

  /** Everything that was answered since the last call. */
  take(): readonly MetricReading[] {
    const taken = this.#readings;
    this.#readings = [];
    return taken;
  }

  /** Resolves when nothing is asked any more; the signal ends it. */
  async ended(): Promise<void> {
    await this.#done;
  }

  async #follow(metric: MetricConfig): Promise<void> {
    for (let before = requestsOf(this.#asking.state()); !this.#asking.signal.aborted; ) {
      await this.#pause(metric.intervalMs);
      const state = this.#asking.state();
      if (this.#asking.signal.aborted || !hasUsers(state) || !isJudgedBesideStable(state)) continue;
      const now = requestsOf(state);
      const exposure = { candidate: now.candidate - before.candidate, stable: now.stable - before.stable };
      before = now;
      this.#readings.push(await this.#ask(metric, exposure));
    }
  }

  async #ask(
    metric: MetricConfig,
    exposure: { readonly candidate: number; readonly stable: number },
  ): Promise<MetricReading> {
    const { name, kind } = metric;
    try {
      const [candidate, stable] = await Promise.all([
        this.#measure(metric, 'candidate'),
        this.#measure(metric, 'stable'),
      ]);
      if (candidate.kind !== 'value') return unknown(name, `candidate: ${candidate.reason}`);
      if (stable.kind !== 'value') return unknown(name, `stable: ${stable.reason}`);
      const values = { candidate: candidate.value, stable: stable.value };
      return kind === 'mean' ? { name, kind, ...values } : { name, kind, ...values, exposure };
    } catch (error) {
      return unknown(name, error instanceof Error ? error.message : String(error));
    }
  }

  #measure({ source, maxAgeMs }: MetricConfig, arm: 'candidate' | 'stable'): Promise<Measurement> {
    const env = metricEnv(this.#asking.state(), arm);
    return this.#parts.metrics.measure(source, { env, maxAgeMs, at: this.#parts.clock.now() });
  }

  async #followSaturation(): Promise<void> {
    let before: Usage | null = null;
    let soaking: Usage | null = null;
    while (!this.#asking.signal.aborted) {
      const state = this.#asking.state();
      const now = hasUsers(state) ? usageOf(await this.#observed(state), state) : null;
      if (before !== null && now !== null && isJudgedBesideStable(state)) {
        this.#readings.push(...saturationReadings(before, now));
      }
      before = now;
      // With nothing beside it, the candidate is held against itself at the beginning of the soak.
      soaking = currentStep(state.rollout)?.type === 'soak' ? (soaking ?? now) : null;
      if (soaking !== null && now !== null && !isJudgedBesideStable(state)) {
        this.#readings.push(...growthReadings(soaking, now));
      }
      await this.#pause(saturationMs);
    }
  }

  /** Of its own instances; what the runtime does not know is not compared. */
  #observed({ instances }: TargetState): ReturnType<typeof findInstances> {
    const own = Object.values(instances).map(({ id }) => id);
    return findInstances(this.#parts.runtime, own).catch(() => []);
  }

  /** In short pieces, so that an aborted one does not hold anything up. */
  async #pause(ms: number): Promise<void> {
    const until = this.#parts.clock.monotonicMs() + ms;
    while (!this.#asking.signal.aborted) {
      const left = until - this.#parts.clock.monotonicMs();
      if (left <= 0) return;
      await sleep(this.#parts.clock, Math.min(left, 500));
    }
  }
}

function hasUsers({ rollout }: TargetState): boolean {
  return rollout?.phase === 'forward' && rollout.hadTraffic;
}

function isJudgedBesideStable({ rollout, stable }: TargetState): boolean {
  return rollout?.phase === 'forward' && stable !== null && isCompared(rollout.plan);
}

function requestsOf({ rollout }: TargetState): { readonly candidate: number; readonly stable: number } {
  if (rollout === null || rollout.phase === 'verifying') return { candidate: 0, stable: 0 };
  const { candidate, stable } = rollout.evidence;
  return { candidate: candidate.requests, stable: stable.requests };
}

function unknown(name: string, problem: string): MetricReading {
  return { name, kind: 'unknown', problem };
}
