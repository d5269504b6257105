/** An action of Sluice that a step can be bound to. It proves itself: what it says was done, it has looked at. */
export interface Capability {
  /** One line for people: `deploy a unit and wait for its end: {service, to, unit}`. */
  readonly summary: string;
  /**
   * Does it, or takes up what an earlier call of the same `id` began. `with` is what the bindings say; a wrong one is a
   * `SluiceError`. `ok` false: it was done and did not come out well.
   */
  perform(
    with_: Readonly<Record<string, unknown>>,
    options: { readonly id: string; readonly by: string; readonly signal: AbortSignal },
  ): Promise<{ readonly ok: boolean; readonly output: string }>;
  /** Whether what `perform` is to bring about is there now; changes nothing. */
  probe(
    with_: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly holds: boolean; readonly observed: string }>;
}
