import { isErrorFacts } from '../../base/sluice-error.ts';
import type { PlanGroup } from '../../workflow/plan/plan.ts';
import type { RunCommand } from '../../workflow/run/command.ts';
import type { WorkflowRun } from '../../workflow/run/state.ts';
import { snapshotId } from './revert-group.ts';
import type { WorkflowParts } from './workflow-parts.ts';

/** With the pauses of the loop eleven seconds: enough for a disk that somebody is just making room on. */
export const snapshotTries = 8;

type Taken = Extract<RunCommand, { type: 'RecordSnapshot' | 'RecordSnapshotFailed' }>;

/** Snapshots of the subtasks of one run. */
export class TakeSnapshot {
  readonly #workspaces: WorkflowParts['workspaces'];
  /** Failed tries in a row, by subtask. */
  readonly #failed = new Map<string, number>();

  constructor({ workspaces }: Pick<WorkflowParts, 'workspaces'>) {
    this.#workspaces = workspaces;
  }

  /** Rejects while it is worth another try; then tells why there is none, and counts anew. */
  async of(run: WorkflowRun, { id: group }: PlanGroup, at: number): Promise<Taken> {
    const said = { at, by: 'controller', group } as const;
    try {
      const { digest } = await this.#workspaces.snapshot(snapshotId(run, group), run.workspace);
      this.#failed.delete(group);
      return { ...said, type: 'RecordSnapshot', digest };
    } catch (error) {
      const failed = (this.#failed.get(group) ?? 0) + 1;
      this.#failed.set(group, failed);
      if (failed < snapshotTries) throw error;
      this.#failed.delete(group);
      return { ...said, type: 'RecordSnapshotFailed', reason: reasonOf(error) };
    }
  }
}

function reasonOf(error: unknown): string {
  if (isErrorFacts(error)) return `${error.message} ${error.remedy}`;
  return error instanceof Error ? error.message : String(error);
}
