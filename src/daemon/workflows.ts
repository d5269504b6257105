import type { EngineApi } from '../engine/api.ts';
import { AgentTasks } from '../engine/workflow/agent-tasks.ts';
import { releaseCapabilities } from '../engine/workflow/capabilities.ts';
import { RunRetention } from '../engine/workflow/run-retention.ts';
import type { WorkflowApi } from '../engine/workflow/workflow-api.ts';
import { WorkflowDesk } from '../engine/workflow/workflow-desk.ts';
import type { WorkflowParts } from '../engine/workflow/workflow-parts.ts';
import { WorkflowRuns } from '../engine/workflow/workflow-runs.ts';
import type { Lease } from '../journal/journal.ts';
import { openAgents } from '../ports/agent/open-agents.ts';
import { openObserver } from '../ports/observe/system-observer.ts';
import { openWorkspaces } from '../ports/workspace/directory-workspaces.ts';

type Given = Pick<WorkflowParts, 'stateDir' | 'clock' | 'journal' | 'commands' | 'notifier' | 'log'>;
type ReleaseApi = Pick<EngineApi, 'deploy' | 'rollback' | 'history' | 'status' | 'abort'>;

/** Runs of workflow documents, beside the rollouts of the same controller. */
export class Workflows {
  readonly #parts: WorkflowParts;
  readonly #runs: WorkflowRuns;
  /** What of them may go. */
  readonly retention: RunRetention;

  private constructor(parts: WorkflowParts, runs: WorkflowRuns) {
    this.#parts = parts;
    this.#runs = runs;
    this.retention = new RunRetention(parts, {
      all: () => runs.all().map(({ state }) => state),
      find: (run) => runs.find(run)?.state ?? null,
    });
  }

  /** Takes up every run that the journal knows. `apiOf`: what a user may ask about releases. */
  static async open(
    given: Given,
    { lease, apiOf }: { readonly lease: Lease; readonly apiOf: (user: string) => ReleaseApi },
  ): Promise<Workflows> {
    const { stateDir, clock } = given;
    const { env } = process;
    // An agent that asks for its tasks is called by a run, so that the runs are there by then.
    const opened: { runs: WorkflowRuns | null } = { runs: null };
    const tasks = new AgentTasks((id) => opened.runs?.find(id)?.state ?? null);
    const parts: WorkflowParts = {
      ...given,
      env,
      agents: await openAgents({ stateDir, clock, environment: env, surroundings: { tasks } }),
      observer: openObserver({ clock, environment: env }),
      workspaces: await openWorkspaces({ stateDir }),
      capabilities: releaseCapabilities(apiOf, clock),
    };
    const runs = new WorkflowRuns(parts, lease);
    opened.runs = runs;
    await runs.open();
    return new Workflows(parts, runs);
  }

  api(user: string): WorkflowApi {
    const desk = new WorkflowDesk(this.#parts, this.#runs, user);
    return {
      workflowRun: (params) => desk.workflowRun(params),
      workflowRuns: () => desk.workflowRuns(),
      workflowStatus: (params) => desk.workflowStatus(params),
      workflowResume: (params) => desk.workflowResume(params),
      workflowTell: (params) => desk.workflowTell(params),
      workflowEvidence: (params) => desk.workflowEvidence(params),
      workflowNext: (params) => desk.workflowNext(params),
      workflowExport: (params) => desk.workflowExport(params),
      workflowReport: (params) => desk.workflowReport(params),
    };
  }

  async close(): Promise<void> {
    await this.#runs.close();
    await Promise.all([this.#parts.agents.close(), this.#parts.observer.close()]);
  }
}
