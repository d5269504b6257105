import type { PlanGroup, PlanNode, WorkflowPlan } from './plan.ts';
import type { PlannedCriterion } from './planned-criterion.ts';

/** A criterion that a check of the bindings proves. */
export const memoryProbe: PlannedCriterion = {
  id: 'probe-1',
  label: 'probe',
  kind: 'named-check',
  text: './probe.sh',
  test: { kind: 'exit-code', codes: [0] },
  proves: true,
};

/** A command with one probe, in the group that its id names: `A-1` is of `A`. */
export function memoryNode(id: string, change: Partial<PlanNode> = {}): PlanNode {
  return {
    id,
    group: id.slice(0, id.lastIndexOf('-')),
    command: 'Do it',
    description: null,
    needs: [],
    executor: { kind: 'run', run: './do.sh', env: {} },
    missing: null,
    tools: ['run_terminal_cmd'],
    criteria: [memoryProbe],
    timeoutMs: 1_000,
    idempotent: false,
    undo: null,
    reachesOutside: true,
    unconfined: false,
    ...change,
  };
}

/** A subtask that is tried once and then escalated. */
export function memoryGroup(id: string, change: Partial<PlanGroup> = {}): PlanGroup {
  return {
    id,
    kind: 'subtask',
    task: null,
    title: null,
    document: 0,
    needs: [],
    preconditions: [],
    criteria: [],
    retries: 0,
    backoffMs: 1_000,
    failure: { actions: ['escalate'], to: '@lead', text: null },
    agents: [],
    links: [],
    parallel: false,
    ...change,
  };
}

/** One group after the other, of one document. */
export function memoryPlan(
  groups: readonly PlanGroup[],
  nodes: readonly PlanNode[],
  change: Partial<WorkflowPlan> = {},
): WorkflowPlan {
  return {
    documents: [{ path: 'walls.md', digest: 'sha256:1', generation: 'monolith', superPrompt: null }],
    groups,
    nodes,
    agents: [],
    protectedPaths: [],
    concurrency: 1,
    ...change,
  };
}
