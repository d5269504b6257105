export interface RateBatch {
  /** Candidate count and its exposure; stable count and its exposure. */
  readonly x: number;
  readonly u: number;
  readonly y: number;
  readonly v: number;
}

/**
 * K2: natural log of a batch's e-value against λ_c/λ_b ≤ r, for the alternative ratio ρ. The stable level cancels, so drift
 * is harmless (Lindon & Malek 2022).
 */
export function logERates(
  { x, u, y, v }: RateBatch,
  { r, rho }: { readonly r: number; readonly rho: number },
): number {
  return x * Math.log(rho / r) - (x + y) * Math.log((u * rho + v) / (u * r + v));
}
