import { setTimeout as sleep } from 'node:timers/promises';
import { SluiceCommand } from '../../examples/demo/sluice-command.ts';
import { isErrorFacts } from '../../src/base/sluice-error.ts';
import { callController } from '../../src/daemon/socket-client.ts';
import type { EngineApi, Method, RolloutSummary } from '../../src/engine/api.ts';
import type { TargetState } from '../../src/rollout/state.ts';

const where = { service: 'web', to: 'production' } as const;
const answerMs = 4_000;
const patienceMs = 60_000;
/** What a controller says, or does not say, while a fault lasts; it passes. */
const passing = [
  'controller-unreachable',
  'controller-hangs',
  'disk-full',
  'journal-disk-full',
  'journal-locked',
  // What SQLite says where the size of files is limited.
  'journal-unusable',
];

/** Who steers the project, and goes on asking while its controller is away. */
export class Operator {
  readonly #stateDir: string;
  readonly #sluice: SluiceCommand;
  readonly #known = new Set<string>();

  constructor(project: { readonly root: string; readonly stateDir: string }) {
    this.#stateDir = project.stateDir;
    this.#sluice = new SluiceCommand(project.root);
  }

  /** The state as it is now; null while no controller answers. */
  async look(): Promise<TargetState | null> {
    try {
      const [status] = await this.#call('status', where);
      return status?.state ?? null;
    } catch (error) {
      if (passes(error)) return null;
      throw error;
    }
  }

  /** Rejects when the controller does not come back within a minute. */
  async state(): Promise<TargetState> {
    return this.#patiently('an answer of the controller', () => this.look());
  }

  /** Null while it runs. */
  async summaryOf(rollout: string): Promise<RolloutSummary | null> {
    const found = (await this.#history()).find((one) => one.rollout === rollout);
    return found === undefined || found.endedAt === null ? null : found;
  }

  async deploy(unit: string): Promise<string> {
    return this.#begin(() => this.#call('deploy', { ...where, unit, override: 'the bench goes on' }));
  }

  async rollback(): Promise<string> {
    return this.#begin(() => this.#call('rollback', where));
  }

  /** Once; whoever steers looks again and repeats what is still needed. Resolves with what was said against it. */
  async steer(word: 'promote' | 'abort' | 'resume'): Promise<string | null> {
    try {
      await this.#call(word, { ...where, reason: 'bench' });
      return null;
    } catch (error) {
      return isErrorFacts(error) ? error.code : String(error);
    }
  }

  /** As a person would after a fault: any command starts a controller where none runs. */
  async revive(): Promise<void> {
    await this.#patiently('a controller that starts', () =>
      this.#sluice.text(['status']).then(
        () => true,
        () => null,
      ),
    );
  }

  /** Where the disk is full it is refused, and asked for again. */
  async upgradeRouter(): Promise<{ readonly from: number; readonly to: number; readonly refused: number }> {
    let refused = 0;
    const { from, to } = await this.#patiently('a router that hands over', async () => {
      try {
        return (await this.#sluice.json(['router', '--upgrade'])) as Record<'from' | 'to', { pid: number }>;
      } catch (error) {
        if (!/ENOSPC|EFBIG/.test(String(error))) throw error;
        refused += 1;
        return null;
      }
    });
    return { from: from.pid, to: to.pid, refused };
  }

  /** Whether the journal is whole, each event in its place. */
  async verifyJournal(): Promise<boolean> {
    return this.#sluice.text(['journal', 'verify']).then(
      () => true,
      () => false,
    );
  }

  stop(): void {
    this.#sluice.stop();
  }

  /** A controller that was killed before it answered may have begun it: then the journal shows a rollout that is new. */
  async #begin(ask: () => Promise<{ readonly rollout: string }>): Promise<string> {
    for (const { rollout } of await this.#history()) this.#known.add(rollout);
    const begun = await this.#patiently('a rollout that begins', async () => {
      try {
        return (await ask()).rollout;
      } catch (error) {
        if (!passes(error)) throw error;
        return (await this.#history()).find(({ rollout }) => !this.#known.has(rollout))?.rollout ?? null;
      }
    });
    this.#known.add(begun);
    return begun;
  }

  #history(): Promise<readonly RolloutSummary[]> {
    return this.#patiently('the history', () =>
      this.#call('history', where).catch((error: unknown) => {
        if (passes(error)) return null;
        throw error;
      }),
    );
  }

  async #patiently<Value>(what: string, look: () => Promise<Value | null>): Promise<Value> {
    for (const limit = performance.now() + patienceMs; performance.now() < limit; await sleep(50)) {
      const seen = await look();
      if (seen !== null) return seen;
    }
    throw new Error(`${patienceMs / 1000} s passed without ${what}`);
  }

  #call<M extends Method>(
    method: M,
    params: Parameters<EngineApi[M]>[0],
  ): Promise<Awaited<ReturnType<EngineApi[M]>>> {
    return callController(this.#stateDir, method, params, { timeoutMs: answerMs });
  }
}

function passes(error: unknown): boolean {
  return isErrorFacts(error) && (passing.includes(error.code) || /ENOSPC|EFBIG/.test(error.message));
}
