import { type Alternative, harmAlternatives, safeAlternatives } from './alternatives.ts';
import { bernoulliInterval } from './bernoulli-interval.ts';
import { binaryLogE, observeBinary, startBinary } from './binary-process.ts';
import { combineLogE } from './combine.ts';
import { decide } from './decide.ts';
import { dispersion } from './dispersion.ts';
import { emptyGauge, gaugeLogE, observeGauge } from './gauge-process.ts';
import { observeLatency, startLatency } from './latency-process.ts';
import { logBeta } from './log-beta.ts';
import { onsetWeight } from './onset.ts';
import { quantileInterval } from './quantile-interval.ts';
import { observeRate, rateLogE, startRate } from './rate-process.ts';
import { logERates } from './rates.ts';
import { observeRatio, ratioInterval, startRatio } from './ratio-interval.ts';
import { observeSlices, sliceLogE, startSlices } from './slice-process.ts';
import { logESlices } from './slices.ts';
import { logETwoSample } from './two-sample.ts';
import { type Fields, malformed, numbersOf } from './vector-case.ts';

type Outcome = Readonly<Record<string, unknown>>;

/** What the analysis makes of the input of each kind of case. */
export const vectorKinds: Readonly<Record<string, (input: Fields) => Outcome>> = {
  log_e_two_sample: (input) => ({
    logE: logETwoSample(members(input, ['n', 'x', 'm', 'y']), members(input, ['r', 'd', 'pHat', 'q'])),
  }),
  log_e_rates: (input) => ({
    logE: logERates(members(input, ['x', 'u', 'y', 'v']), members(input, ['r', 'rho'])),
  }),
  log_e_slices: (input) => ({
    logE: logESlices(input.numbers('canary'), input.numbers('baseline'), input.number('a')),
  }),
  harm_grid: (input) =>
    grid(
      harmAlternatives(
        input.number('K'),
        input.number('lo'),
        input.number('hi'),
        input.number('centre'),
        input.number('sd'),
      ),
    ),
  safe_grid: (input) =>
    grid(safeAlternatives(input.number('K'), input.number('hi'), input.number('lo'), input.number('wEqual'))),
  restart_weight: (input) => {
    const prior = { horizon: input.number('H'), first: input.number('v1'), spread: input.number('vH') };
    return { v: input.numbers('j').map((j) => onsetWeight(j, prior)) };
  },
  bin_process: binProcess,
  rate_process: rateProcess,
  latency_process: latencyProcess,
  slice_process: sliceProcess,
  tgauge_process: gaugeProcess,
  combine: (input) => {
    const weights = input.numbers('weight');
    return { logE: combineLogE(input.numbers('logE').map((logE, i) => ({ logE, weight: weights[i] ?? 0 }))) };
  },
  decide: decided,
  dispersion: (input) => {
    const totals = input.numbers('ms');
    return { phi: dispersion(input.numbers('ys').map((y, i) => ({ y, m: totals[i] ?? 0 }))) };
  },
  lbeta: (input) => ({ value: input.rows('ab', 2).map(([a = 0, b = 0]) => logBeta(a, b)) }),
  bernoulli_cs: (input) => ({
    interval: bernoulliInterval(input.number('x'), input.number('n'), input.number('alpha')),
  }),
  ratio_cs: ratio,
  quantile_cs: (input) => ({
    interval: quantileInterval(
      input.numbers('bounds'),
      input.numbers('counts'),
      input.number('u'),
      input.number('alpha'),
    ),
  }),
};

function binProcess(input: Fields): Outcome {
  const given = input.object('config');
  const direction = given.word('direction', ['harm', 'safe']);
  const config = { r: given.number('r'), d: given.number('d'), direction, phi: given.number('phi', 1) };
  const prior = { bad: given.number('prior_bad', 0.5), total: given.number('prior_total', 100) };
  const steps = scan(input.rows('batches_n_x_m_y', 4), startBinary(direction, prior), (state, row) => {
    const [n = 0, x = 0, m = 0, y = 0] = row;
    return observeBinary(state, { n, x, m, y }, true, config);
  });
  const logE = steps.map((state) => binaryLogE(state, direction));
  const last = steps.at(-1);
  return {
    logE,
    maxLogE: Math.max(...logE),
    L: last?.mixture.capital,
    rest: last?.mixture.rest,
    B: last?.pastBad,
    T: last?.pastTotal,
  };
}

function rateProcess(input: Fields): Outcome {
  const given = input.object('config');
  const config = { r: given.number('r'), direction: given.word('direction', ['up', 'down']) };
  const steps = scan(input.rows('batches_x_u_y_v', 4), startRate(), (state, [x = 0, u = 0, y = 0, v = 0]) =>
    observeRate(state, { x, u, y, v }, true, config),
  );
  return { logE: steps.map(rateLogE), L: steps.at(-1)?.mixture.capital, rest: steps.at(-1)?.mixture.rest };
}

function latencyProcess(input: Fields): Outcome {
  const direction = input.word('direction', ['harm', 'safe']);
  const edges = input.numbers('bounds');
  const config = { u: input.number('u'), tolerance: input.number('tol'), direction, edges };
  const arm = (name: string) => ({ latency: sparse(input.numbers(name)), abandoned: [] });
  const batch = { candidate: arm('canary'), stable: arm('baseline') };
  const history = input.has('priorBaselineHist') ? sparse(input.numbers('priorBaselineHist')) : [];
  const repeats = Array.from({ length: input.number('repeat', 1) });
  const steps = scan(repeats, startLatency(direction, history), (state) =>
    observeLatency(state, batch, true, config),
  );
  const last = steps.at(-1);
  return {
    logE: steps.map((state) => binaryLogE(state, direction)),
    L: last?.mixture.capital,
    thresholdIndex: last?.edges?.stable,
    thresholdEdge: edges[last?.edges?.stable ?? -1],
    canaryEdge: edges[last?.edges?.candidate ?? -1],
  };
}

function sliceProcess(input: Fields): Outcome {
  const weights = input.numbers('weight');
  const tilts = input.numbers('a').map((a, i) => ({ a, weight: weights[i] ?? 0 }));
  const direction = input.word('direction', ['harm', 'safe']);
  const config = { direction, tilts, ...(input.has('cap') && { cap: input.number('cap') }) };
  const steps = scan(input.list('batches'), startSlices(tilts), (state, entry) => {
    const [candidate, stable] = Array.isArray(entry) ? entry : [];
    const batch = { candidate: numbersOf(candidate, 'batches'), stable: numbersOf(stable, 'batches') };
    return observeSlices(state, batch, true, config);
  });
  return { logE: steps.map((state) => sliceLogE(state, tilts)), L: steps.at(-1)?.mixture.capital };
}

function gaugeProcess(input: Fields): Outcome {
  const line = members(input, ['r', 'd']);
  const c2 = input.number('c2', 1);
  const steps = scan(input.rows('batches_c_b', 2), emptyGauge, (state, [candidate = 0, stable = 0]) =>
    observeGauge(state, { candidate, stable }, line),
  );
  return { logE: steps.map((state) => gaugeLogE(state, c2)) };
}

function decided(input: Fields): Outcome {
  const harm = input.list('harm').map((entry) => {
    const [name, weight, logE, guardHolds] = Array.isArray(entry) ? entry : [];
    return typeof name === 'string' && typeof guardHolds === 'boolean'
      ? { name, weight: Number(weight), logE: Number(logE), guardHolds }
      : malformed('`harm` does not hold [name, weight, logE, guardHolds]');
  });
  const safe = input.list('safe').map((entry) => {
    const [name, logE] = Array.isArray(entry) ? entry : [];
    return typeof name === 'string'
      ? { name, logE: Number(logE) }
      : malformed('`safe` does not hold [name, logE]');
  });
  const [bakeOk, expired] = [input.flag('bakeOk'), input.flag('expired')];
  return { ...decide({ harm, safe, ...members(input, ['alpha', 'beta', 'amber']), bakeOk, expired }) };
}

function ratio(input: Fields): Outcome {
  const grid = members(input.object('grid'), ['lo', 'hi', 'K', 'sd']);
  const steps = scan(input.rows('batches_n_x_m_y', 4), startRatio(grid), (state, row) => {
    const [n = 0, x = 0, m = 0, y = 0] = row;
    return observeRatio(state, { n, x, m, y }, grid);
  });
  const last = steps.at(-1) ?? startRatio(grid);
  return { interval: ratioInterval(last, input.number('alpha'), grid) };
}

function grid(alternatives: readonly Alternative[]): Outcome {
  return { omega: alternatives.map(({ omega }) => omega), weight: alternatives.map(({ weight }) => weight) };
}

function members<Name extends string>(input: Fields, names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name) => [name, input.number(name)])) as Record<Name, number>;
}

function sparse(counts: readonly number[]): readonly (readonly [number, number])[] {
  return [...counts.entries()].filter(([, count]) => count > 0);
}

/** The states after each entry. */
function scan<Entry, State>(
  entries: readonly Entry[],
  start: State,
  step: (state: State, entry: Entry) => State,
): readonly State[] {
  let state = start;
  return entries.map((entry) => {
    state = step(state, entry);
    return state;
  });
}
