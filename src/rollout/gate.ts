/** A requirement with what was observed. `block` stops the rollout when it does not hold, `warn` is written down. */
export interface GateResult {
  readonly gate: string;
  readonly holds: boolean;
  readonly onFailure: 'block' | 'warn';
  readonly required: string;
  readonly observed: string;
  /** What to do when it does not hold; empty when it does. */
  readonly remedy: string;
}

/** The gates that keep a rollout out; empty when it may go on. */
export function blockingGates(gates: readonly GateResult[]): readonly GateResult[] {
  return gates.filter((gate) => !gate.holds && gate.onFailure === 'block');
}
