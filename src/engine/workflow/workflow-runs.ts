import { isDeepStrictEqual } from 'node:util';
import { SluiceError } from '../../base/sluice-error.ts';
import type { Lease } from '../../journal/journal.ts';
import type { WorkflowPlan } from '../../workflow/plan/plan.ts';
import type { RunCommand } from '../../workflow/run/command.ts';
import { runIds } from '../rollout-ids.ts';
import { performRun } from './perform-run-actions.ts';
import { ProtectedPaths } from './protected-paths.ts';
import { RunLoop, streamPrefix } from './run-loop.ts';
import type { WorkflowParts } from './workflow-parts.ts';

/** The loops of all runs of one state directory. */
export class WorkflowRuns {
  readonly #parts: WorkflowParts;
  readonly #lease: Lease;
  readonly #loops = new Map<string, RunLoop>();
  /** Workspaces of runs that are about to begin. */
  readonly #starting = new Set<string>();
  readonly newRun: () => string;
  readonly guarded: ProtectedPaths;

  constructor(parts: WorkflowParts, lease: Lease) {
    this.#parts = parts;
    this.#lease = lease;
    this.newRun = runIds(parts.clock);
    this.guarded = new ProtectedPaths(parts);
  }

  /** Takes up every run that the journal knows; what was under way goes on. */
  async open(): Promise<void> {
    for (const stream of await this.#parts.journal.streams()) {
      if (stream.startsWith(streamPrefix)) await this.begin(stream.slice(streamPrefix.length));
    }
  }

  /** A loop of its own for a run, opened. */
  async begin(run: string): Promise<RunLoop> {
    const { journal, clock, log } = this.#parts;
    const loop = new RunLoop({
      run,
      journal,
      clock,
      lease: this.#lease,
      perform: performRun(this.#parts, this.guarded),
      onFailure: (action, error) =>
        log(`${run} ${action.id}: ${error instanceof Error ? error.message : String(error)}`),
    });
    this.#loops.set(run, loop);
    await loop.open();
    return loop;
  }

  /** In the order in which they were started. */
  all(): readonly RunLoop[] {
    return [...this.#loops.values()].filter(({ state }) => state.plan !== null);
  }

  /**
   * Keeps a workspace for a run that is about to begin, until the answer is called: two at once would undo each other's work. Throws
   * `run-under-way`.
   */
  reserve(workspace: string, documents: WorkflowPlan['documents']): () => void {
    const same = this.all().find(({ state }) => state.status === 'running' && state.workspace === workspace);
    if (same !== undefined || this.#starting.has(workspace)) {
      const run = same?.state.run ?? 'A run that is just being started';
      const again = isDeepStrictEqual(same?.state.plan?.documents, documents);
      throw new SluiceError({
        code: 'run-under-way',
        message: `${run} ${again ? 'runs the same documents' : 'works'} in ${workspace}.`,
        remedy: '`sluice workflow resume` follows it; `sluice workflow cancel --reason …` ends it.',
      });
    }
    this.#starting.add(workspace);
    return () => this.#starting.delete(workspace);
  }

  find(run: string): RunLoop | null {
    return this.#loops.get(run) ?? null;
  }

  /** That one, or the newest. Throws `run-unknown`. */
  of(run: string | null | undefined): RunLoop {
    const all = this.all();
    const found = run ? all.find(({ state }) => state.run === run) : all.at(-1);
    if (found !== undefined) return found;
    throw new SluiceError({
      code: 'run-unknown',
      message: run ? `There is no run ${run}.` : 'Nothing was run here yet.',
      remedy: run
        ? '`sluice workflow list` names those that there are.'
        : 'Begin one with `sluice workflow run FILE`.',
    });
  }

  /** Says something to a run; throws its refusal. */
  async tell(loop: RunLoop, command: RunCommand | (() => RunCommand)): Promise<void> {
    const decision = await loop.dispatch(command);
    if (decision.kind === 'refused') throw new SluiceError(decision);
  }

  async close(): Promise<void> {
    for (const loop of this.#loops.values()) await loop.close();
  }
}
