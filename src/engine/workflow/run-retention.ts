import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { missingIsNone } from '../../disk/missing-is-none.ts';
import type { WorkflowRun } from '../../workflow/run/state.ts';
import { snapshotId } from './revert-group.ts';
import { RunFiles } from './run-files.ts';
import type { WorkflowParts } from './workflow-parts.ts';

type Parts = Pick<WorkflowParts, 'stateDir' | 'workspaces' | 'agents' | 'log'>;

/** How long ago something must have ended at the moment `at` so that it may go; both in ms. */
export interface Age {
  readonly olderThanMs: number;
  readonly at: number;
}

/**
 * What is kept for runs of documents. A run that has ended takes no word any more, so that nothing will be asked of what it left;
 * one that goes on, waits or is blocked, and one that nobody knows, keeps everything. The journal and escalations always stay.
 */
export class RunRetention {
  readonly #parts: Parts;
  readonly #all: () => readonly WorkflowRun[];
  readonly #find: (run: string) => WorkflowRun | null;

  constructor(
    parts: Parts,
    runs: {
      readonly all: () => readonly WorkflowRun[];
      readonly find: (run: string) => WorkflowRun | null;
    },
  ) {
    this.#parts = parts;
    this.#all = runs.all;
    this.#find = runs.find;
  }

  /** Whether the record of a command is of a run and stays, by the id of the command. */
  keeps(id: string, age: Age): boolean {
    if (!id.startsWith('workflow-')) return false;
    const [, run = ''] = /^workflow-(?:undo-)?(W-[a-z\d]+)-/.exec(id) ?? [];
    return !this.#isOver(run, age);
  }

  /** Removes what is over. What cannot be removed is told, hinders nothing else, and is tried again the next time. */
  async prune(age: Age): Promise<void> {
    await this.#try('snapshots', () => this.#forgetSnapshots(age));
    await this.#try('agents', () => this.#forgetAgents(age));
    for (const run of await this.#foldersOver(age)) {
      await this.#try(run, () => new RunFiles(this.#parts.stateDir, run).removeSpent());
    }
  }

  /** A subtask that succeeded is taken back by nobody once its run has ended; the others go with the rest of it. */
  async #forgetSnapshots(age: Age): Promise<void> {
    const { workspaces, log } = this.#parts;
    const ended = this.#all().filter(({ endedAt }) => endedAt !== null);
    const spent = ended.flatMap((run) => {
      const over = this.#isOver(run.run, age);
      const groups = [...run.groups].filter(([, { status }]) => over || status === 'SUCCEEDED');
      return groups.map(([group]) => snapshotId(run, group));
    });
    // Also of subtasks that a renewed plan has no more.
    const kept = (await workspaces.ids()).filter((id) => this.#isOver(id.slice(0, id.indexOf('/')), age));
    const gone = await workspaces.forget([...new Set([...spent, ...kept])]);
    if (gone.length > 0) log(`retention: let go of ${gone.length} snapshots: ${gone.join(', ')}`);
  }

  async #forgetAgents(age: Age): Promise<void> {
    const has = (id: string) => !id.startsWith('workflow-') || this.keeps(id, age);
    await this.#parts.agents.prune({ keep: { has }, ...age });
  }

  async #foldersOver(age: Age): Promise<readonly string[]> {
    const home = join(this.#parts.stateDir, 'workflow');
    const entries = await readdir(home, { withFileTypes: true }).catch(missingIsNone);
    return entries
      .filter((entry) => entry.isDirectory() && this.#isOver(entry.name, age))
      .map(({ name }) => name);
  }

  #isOver(id: string, { olderThanMs, at }: Age): boolean {
    const run = this.#find(id);
    return run !== null && run.endedAt !== null && at - run.endedAt >= olderThanMs;
  }

  async #try(what: string, remove: () => Promise<void>): Promise<void> {
    try {
      await remove();
    } catch (error) {
      this.#parts.log(`retention of ${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
