import type { LoadProcess } from './load-process.ts';
import type { Screen } from './screen.ts';
import type { SluiceCommand } from './sluice-command.ts';

/** The parts of `status --json` that the demo reads. */
interface Status {
  readonly state: {
    readonly stable: { readonly release: { readonly version: string } } | null;
    readonly rollout: Going | null;
    readonly routes: { readonly requested: { readonly candidateWeight: number } | null };
  };
  readonly evidence: {
    readonly candidate: Counted;
    readonly stable: Counted;
    readonly verdict: {
      readonly figures?: { readonly harm?: { readonly logE: number; readonly threshold: number } };
    };
  } | null;
}

interface Counted {
  readonly requests: number;
  readonly bad: number;
}

interface Going {
  readonly rollout: string;
  readonly phase: 'verifying' | 'forward' | 'back';
  readonly index?: number;
  readonly plan?: { readonly steps: readonly { readonly type: string }[] };
}

interface WatchParts {
  readonly sluice: SluiceCommand;
  readonly screen: Screen;
  /** Null while nobody uses the shop yet. */
  readonly load: LoadProcess | null;
}

const lookMs = 700;

/** Looks at production until told to stop: approves when it is asked for, and shows each moment under load. */
export class RolloutWatch {
  readonly #parts: WatchParts;
  readonly #version: string;
  #over = false;
  #approved = false;

  constructor(version: string, parts: WatchParts) {
    this.#version = version;
    this.#parts = parts;
  }

  stop(): void {
    this.#over = true;
  }

  async run(): Promise<void> {
    const { sluice } = this.#parts;
    while (!this.#over) {
      const begun = performance.now();
      const answer = (await sluice.json(['status'])) as readonly (Status & { target: string })[];
      const status = answer.find(({ target }) => target.includes('production'));
      if (status !== undefined && !this.#over) await this.#look(status);
      await new Promise((resolve) => setTimeout(resolve, Math.max(50, lookMs - (performance.now() - begun))));
    }
  }

  async #look(status: Status): Promise<void> {
    const { rollout, routes } = status.state;
    const step = rollout?.phase === 'forward' ? rollout.plan?.steps[rollout.index ?? -1] : undefined;
    if (step?.type === 'approve' && !this.#approved) {
      this.#approved = true;
      await this.#parts.sluice.json(['approve', 'web', '--to', 'production']);
      this.#parts.screen.step('production', 'approved by the release manager (the demo)');
      return;
    }
    const weight = routes.requested?.candidateWeight ?? 0;
    if (rollout?.phase === 'forward' && weight > 0) this.#show(status, weight / 100);
  }

  #show({ state, evidence }: Status, weightPercent: number): void {
    const { load, screen } = this.#parts;
    const stable = state.stable?.release.version;
    if (load === null || stable === undefined || evidence === null) return;
    const harm = evidence.verdict.figures?.harm;
    const rate = (version: string, { requests, bad }: Counted) => ({ version, requests, failed: bad });
    screen.moment({
      weightPercent,
      stable: rate(stable, evidence.stable),
      candidate: rate(this.#version, evidence.candidate),
      logE: harm?.logE ?? null,
      threshold: harm?.threshold ?? null,
    });
  }
}
