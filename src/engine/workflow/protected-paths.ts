import type { PlanNode, WorkflowPlan } from '../../workflow/plan/plan.ts';
import type { WorkflowRun } from '../../workflow/run/state.ts';
import { RunFiles } from './run-files.ts';
import type { WorkflowParts } from './workflow-parts.ts';

/** A run, also one that is about to begin. */
type Guarded = Pick<WorkflowRun, 'run' | 'workspace' | 'plan'>;
type Digests = ReadonlyMap<string, string>;

/**
 * What whoever does the steps of a run must not change, by digest. They are taken when the run begins and hold for all of
 * it: a probe that one attempt has overwritten would else be the probe of the next. They are on disk for a controller that
 * was killed, and in memory, because an executor that nothing confines can write to the disk.
 */
export class ProtectedPaths {
  readonly #parts: WorkflowParts;
  readonly #expected = new Map<string, Digests>();
  /** What an attempt was found to have changed, as `run path`, so that verdicts of QA do not pass as news of people. */
  readonly #suspect = new Set<string>();

  constructor(parts: WorkflowParts) {
    this.#parts = parts;
  }

  /** Before a run begins: who asks for its work from outside may change something long before it takes a step. */
  async take(run: Guarded): Promise<void> {
    await this.#before(run);
  }

  /**
   * Before an attempt. Verdicts of QA may have come meanwhile; all else is as it was, unless a person begins the step anew, who
   * answers for what is there.
   */
  async begin(run: WorkflowRun, { id }: PlanNode, attempt: number): Promise<void> {
    const before = await this.#before(run);
    const now = await this.#now(run);
    const anew = attempt > 1 && run.steps.get(id)?.firstAttempt === attempt;
    const isNews = (path: string) =>
      anew || (path.startsWith('QA/') && !this.#suspect.has(`${run.run} ${path}`));
    const kept = [...before].filter(([path]) => !isNews(path));
    const news = [...now].filter(([path]) => isNews(path));
    const expected = new Map([...kept, ...news]);
    if (differing(before, expected).length > 0) await this.#keep(run, expected);
  }

  /** A person goes on by another plan: its own files are as they are now, and what it protects anew; nothing else is. */
  async renew(before: Guarded, plan: WorkflowPlan, paths: readonly string[]): Promise<void> {
    const expected = await this.#before(before);
    const now = await this.#now({ ...before, plan });
    const news = new Set(paths);
    const kept = [...now].map(([path, digest]): [string, string] => [
      path,
      news.has(path) ? digest : (expected.get(path) ?? digest),
    ]);
    const gone = [...expected].filter(([path]) => !now.has(path) && !news.has(path));
    await this.#keep(before, new Map([...kept, ...gone]));
  }

  /** Paths that are there, gone or of another content than they should be. */
  async changed(run: Guarded): Promise<readonly string[]> {
    const before = await this.#before(run);
    const now = await this.#now(run);
    const changed = differing(before, now);
    for (const path of changed) this.#suspect.add(`${run.run} ${path}`);
    return changed;
  }

  /** Of the beginning of the run, or of the last person who said to go on; of now where nothing was kept yet. */
  async #before(run: Guarded): Promise<Digests> {
    const known = this.#expected.get(run.run);
    if (known !== undefined) return known;
    const files = new RunFiles(this.#parts.stateDir, run.run);
    const kept = await files.read(files.pathOf('protected.json'));
    if (kept === null) return this.#keep(run, await this.#now(run));
    const digests = new Map(JSON.parse(kept) as [string, string][]);
    this.#expected.set(run.run, digests);
    return digests;
  }

  async #keep(run: Guarded, digests: Digests): Promise<Digests> {
    this.#expected.set(run.run, digests);
    const files = new RunFiles(this.#parts.stateDir, run.run);
    await files.keep(files.pathOf('protected.json'), JSON.stringify([...digests]));
    return digests;
  }

  #now({ workspace, plan }: Guarded): Promise<Digests> {
    return this.#parts.workspaces.digests(workspace, plan?.protectedPaths ?? []);
  }
}

function differing(before: Digests, now: Digests): readonly string[] {
  const paths = new Set([...before.keys(), ...now.keys()]);
  return [...paths].filter((path) => before.get(path) !== now.get(path)).sort();
}
