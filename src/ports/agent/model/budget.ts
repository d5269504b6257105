import type { ModelReach, Reply } from './ask-model.ts';

/** What a run has spent of what it may. */
export class Budget {
  readonly #reach: ModelReach;
  #tokens = 0;
  #dollars = 0;

  constructor(reach: ModelReach) {
    this.#reach = reach;
  }

  get spent(): { readonly tokens: number; readonly dollars: number } {
    return { tokens: this.#tokens, dollars: Number(this.#dollars.toFixed(6)) };
  }

  /** Tokens of the next answer that are still paid for. */
  get left(): number {
    const { model, budget } = this.#reach;
    const tokens = budget.tokens - this.#tokens;
    if (budget.dollars === null || model.price === null || model.price.output === 0) return tokens;
    return Math.min(tokens, Math.floor(((budget.dollars - this.#dollars) * 1_000_000) / model.price.output));
  }

  spend({ input, output }: Reply['usage']): void {
    const { price } = this.#reach.model;
    this.#tokens += input + output;
    if (price !== null) this.#dollars += (input * price.input + output * price.output) / 1_000_000;
  }

  /** Which ceiling was reached; null while there is something left. */
  reached(): string | null {
    const { tokens, dollars } = this.#reach.budget;
    if (this.#tokens >= tokens)
      return `The ceiling of ${tokens} tokens was reached: ${this.#tokens} were used.`;
    if (this.left > 0) return null;
    return `The ceiling of ${dollars} dollars was reached: ${this.spent.dollars} were spent.`;
  }
}
