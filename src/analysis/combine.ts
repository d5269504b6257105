import { logAddExp } from './mixture.ts';

/** ln Σ w·E: valid under any dependence between the terms, which a product would not be. */
export function combineLogE(parts: readonly { readonly logE: number; readonly weight: number }[]): number {
  return parts.reduce(
    (sum, { logE, weight }) => logAddExp(sum, Math.log(weight) + logE),
    Number.NEGATIVE_INFINITY,
  );
}
