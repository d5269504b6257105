import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { absoluteVerdict, observeBatch, startAnalysis, verdictOf } from './analysis.ts';
import { arm, chance } from './counted-world.ts';
import { defaultAnalysisSettings as settings } from './settings.ts';

/** What users meet in a second: requests of all, the candidate's share, stable's bad rate, and the candidate's against it. */
interface Moment {
  readonly weight: number;
  readonly rate: number;
  readonly ratio?: number;
}

const perSecond = 100;

describe('while the level drifts and weights change', () => {
  it('an equal candidate is not above the limit because it was weighted more in worse times', () => {
    const world = (second: number): Moment =>
      second < 60 ? { weight: 0.5, rate: 0.08 } : { weight: 0.05, rate: 0.01 };
    const failed = failures(world, 240, 100);
    assert.ok(failed <= 1, `${failed} failed`);
  });

  it('an equal candidate is not above the limit when both arms fail for a moment at a high weight', () => {
    const world = (second: number): Moment =>
      second % 60 < 57 ? { weight: 0.95, rate: 0.002 } : { weight: 0.95, rate: 0.3 };
    const failed = failures(world, 240, 100);
    assert.ok(failed <= 1, `${failed} failed`);
  });

  it('a worse candidate is found although stable was weighted more in worse times', () => {
    const world = (second: number): Moment =>
      second < 30 ? { weight: 0.02, rate: 0.1, ratio: 1.5 } : { weight: 0.5, rate: 0.01, ratio: 2.5 };
    const failed = failures(world, 240, 100);
    assert.ok(failed > 97, `${failed} failed`);
  });

  it('the limit judges alone once nothing serves beside the candidate any more', () => {
    const world = (second: number): Moment =>
      second < 20 ? { weight: 0.5, rate: 0.001 } : { weight: 1, rate: 0.2 };
    assert.equal(failures(world, 60, 20), 20);
  });

  it('both rates are told at the same times where the totals would mislead', () => {
    const early = { atMs: 0, candidate: arm(1_000, 100), stable: arm(1_000, 100) };
    const late = { atMs: 60_000, candidate: arm(50, 0), stable: arm(5_000, 50) };
    const state = [early, late].reduce(
      (held, batch) => observeBatch(held, batch, settings),
      startAnalysis(settings),
    );
    const told = verdictOf(state, settings).reasons.join(' ');
    assert.match(told, /Candidate 100 of 1050 bad, 9\.5 %/);
    assert.match(told, /stable 150 of 6000 bad, 2\.5 % .*, 9\.6 % weighted by the candidate's times/);
  });

  it('an old good time does not hide a new fault where nothing serves beside the candidate', () => {
    let state = startAnalysis(settings);
    const candidate = { requests: 0, bad: 0 };
    const serve = (requests: number, bad: number) => {
      candidate.requests += requests;
      candidate.bad += bad;
      const atMs = candidate.requests * 10;
      state = observeBatch(state, { atMs, candidate: arm(requests, bad), stable: arm(0, 0) }, settings);
      const { errorLimit, metrics } = state;
      const all = arm(candidate.requests, candidate.bad);
      return absoluteVerdict(all, settings, { settled: all, before: arm(0, 0), metrics, errorLimit }).kind;
    };
    for (let second = 0; second < 600; second += 1)
      assert.notEqual(serve(100, second % 10 === 0 ? 1 : 0), 'failed');
    let seconds = 1;
    while (serve(100, 20) !== 'failed') seconds += 1;
    assert.ok(seconds <= 3, `${seconds} s`);
  });
});

/** How many of so many rollouts are failed. */
function failures(world: (second: number) => Moment, seconds: number, runs: number): number {
  return Array.from({ length: runs }, (_, seed) => isFailed(world, seconds, seed + 1)).filter(Boolean).length;
}

function isFailed(world: (second: number) => Moment, seconds: number, seed: number): boolean {
  const random = chance(seed);
  const count = (requests: number, rate: number) =>
    arm(requests, Array.from({ length: requests }, random).filter((value) => value < rate).length);
  let state = startAnalysis(settings);
  for (let second = 0; second < seconds; second += 1) {
    const { weight, rate, ratio = 1 } = world(second);
    const own = Array.from({ length: perSecond }, random).filter((value) => value < weight).length;
    const batch = {
      atMs: second * 1_000,
      candidate: count(own, rate * ratio),
      stable: count(perSecond - own, rate),
    };
    state = observeBatch(state, batch, settings);
    if (verdictOf(state, settings).kind === 'failed') return true;
  }
  return false;
}
