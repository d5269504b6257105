import { canonicalJson } from '../../../base/canonical-json.ts';
import type { ToolCall } from './ask-model.ts';

const tolerated = 3;

/** Notices a model that makes the same call with the same arguments again and again. */
export class Repetition {
  #last = '';
  #times = 0;

  /** `told`: it is the third in a row, and the model hears of it. `over`: it went on. */
  see({ name, input, fault }: ToolCall): 'new' | 'told' | 'over' {
    const now = canonicalJson([name, input, fault]);
    this.#times = now === this.#last ? this.#times + 1 : 1;
    this.#last = now;
    if (this.#times < tolerated) return 'new';
    return this.#times === tolerated ? 'told' : 'over';
  }
}
