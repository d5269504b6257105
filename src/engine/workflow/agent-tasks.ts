import { indexOf } from '../../workflow/run/plan-index.ts';
import type { WorkflowRun } from '../../workflow/run/state.ts';
import { statusOf } from '../../workflow/run/status-of.ts';

/** What an agent may ask of the plan that it works on: it reads every task, and its own word changes none. */
export class AgentTasks {
  readonly #run: (id: string) => WorkflowRun | null;

  /** `run`: the state of a run by its id; null when there is none. */
  constructor(run: (id: string) => WorkflowRun | null) {
    this.#run = run;
  }

  /** `asked`: id of the agent's run. Rejects for what is nowhere in the plan. */
  async get(asked: string, task: string): Promise<string> {
    const run = this.#of(asked);
    const { nodes, groups } = indexOf(planOf(run));
    const node = nodes.get(task);
    if (node !== undefined) {
      const criteria = node.criteria.map(
        ({ label, text }) => `- ${[label, text].filter(Boolean).join(': ')}`,
      );
      return [`${task} (${statusOf(run, task)}): ${node.command}`, node.description ?? '', ...criteria]
        .filter((line) => line !== '')
        .join('\n');
    }
    const group = groups.get(task);
    if (group === undefined) throw new Error(`${task} is nowhere in this plan`);
    const steps = planOf(run).nodes.filter((one) => one.group === task);
    return [
      `${task} (${run.groups.get(task)?.status}): ${group.title ?? ''}`,
      ...steps.map(({ id, command }) => `- ${id} (${statusOf(run, id)}): ${command}`),
    ].join('\n');
  }

  /** A status of done is not believed: the criteria are looked at when the agent has ended. */
  async setStatus(asked: string, task: string, status: string): Promise<string> {
    const run = this.#of(asked);
    const node = indexOf(planOf(run)).nodes.get(task);
    if (node === undefined) throw new Error(`${task} is nowhere in this plan`);
    const now = statusOf(run, task);
    return `${task} is ${now} in the journal; "${status}" was heard. Sluice looks at its criteria by itself when its work has ended.`;
  }

  #of(asked: string): WorkflowRun {
    const [, id = ''] = /^workflow-(W-[a-z\d]+)-/.exec(asked) ?? [];
    const run = this.#run(id);
    if (run === null) throw new Error('this run has no plan');
    return run;
  }
}

function planOf({ plan }: WorkflowRun) {
  if (plan === null) throw new Error('this run has no plan');
  return plan;
}
