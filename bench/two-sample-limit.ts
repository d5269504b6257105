/**
 * Candidate requests that even the best test of two arms needs on average to tell their rates apart with α:
 * ln(1/α) over KL(p_c‖π0) + (m/n)·KL(p_b‖π0), where π0 is the rate that both arms would have together (Wald 1945).
 */
export function twoSampleLimit(test: {
  readonly alpha: number;
  readonly candidateRate: number;
  readonly stableRate: number;
  /** Stable requests for each one of the candidate. */
  readonly stablePerCandidate: number;
}): number {
  const { alpha, candidateRate, stableRate, stablePerCandidate } = test;
  const together = (candidateRate + stablePerCandidate * stableRate) / (1 + stablePerCandidate);
  const perRequest =
    divergence(candidateRate, together) + stablePerCandidate * divergence(stableRate, together);
  return -Math.log(alpha) / perRequest;
}

/** Kullback–Leibler divergence of two Bernoulli rates, in nats. */
function divergence(p: number, q: number): number {
  return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
}
