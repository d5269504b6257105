import { SluiceError } from '../base/sluice-error.ts';
import type { EngineApi, Method } from '../engine/api.ts';
import type { McpCall } from '../engine/mcp-calls.ts';
import type { RunStatus, RunWord, StepEvidence, StepRow } from '../engine/workflow/workflow-api.ts';
import type { AskController } from './tool.ts';

type Answers = { readonly [M in Method]?: (params: Parameters<EngineApi[M]>[0]) => unknown };

/** A controller of one run with two steps of one subtask, for tests of the door. */
export class MemoryController {
  readonly calls: McpCall[] = [];
  readonly asked: { readonly method: Method; readonly params: unknown }[] = [];
  readonly said: RunWord[] = [];
  readonly #steps = new Map<string, { status: StepRow['status']; attempt: number; takenBy: string | null }>([
    ['S-1', { status: 'READY', attempt: 0, takenBy: null }],
    ['S-2', { status: 'READY', attempt: 0, takenBy: null }],
  ]);
  readonly #waiting = new Set<() => void>();
  /** What is found of each attempt; `null`: verification goes on until `judge` is called. */
  verdict: boolean | null = true;
  /** Overrides single methods. */
  answers: Answers = {};

  readonly ask: AskController = async (method, params) => {
    this.asked.push({ method, params });
    for (const told of this.#waiting) told();
    const own = this.answers[method] as ((params: unknown) => unknown) | undefined;
    return (own === undefined ? this.#answer(method, params as never) : await own(params)) as never;
  };

  /** Ends the verification of a step. */
  judge(id: string, holds: boolean): void {
    const step = this.#step(id);
    step.status = holds ? 'SUCCEEDED' : 'READY';
    step.takenBy = null;
  }

  /** Resolves when a call for which `is` holds was made. */
  async saw(is: (method: Method) => boolean): Promise<void> {
    while (!this.asked.some(({ method }) => is(method))) {
      await new Promise<void>((resolve) => {
        const told = () => {
          this.#waiting.delete(told);
          resolve();
        };
        this.#waiting.add(told);
      });
    }
  }

  #answer(method: Method, params: Readonly<Record<string, string>>): unknown {
    switch (method) {
      case 'mcpCalled':
        this.calls.push(params as unknown as McpCall);
        return { done: true };
      case 'workflowRuns':
        return [this.#summary()];
      case 'workflowStatus':
        return this.#status();
      case 'workflowRun':
      case 'workflowResume':
        return { run: 'r-1' };
      case 'workflowNext':
        return this.#next(params.actor ?? '');
      case 'workflowTell':
        return this.#tell((params as unknown as { said: RunWord }).said);
      case 'workflowEvidence':
        return this.#evidence(params.step ?? '');
      case 'workflowReport':
        return { run: 'r-1', text: '# Run r-1\n' };
      case 'plan':
        return { gates: [], plan: null, text: 'the plan' };
      case 'deploy':
      case 'rollback':
        return { rollout: 'web-1' };
      case 'status':
      case 'incidents':
        return [];
      case 'history':
        return [{ rollout: 'web-1', target: 'web@production', ending: 'succeeded' }];
      case 'report':
        return { rollout: 'web-1', path: null, text: '# Report\n', plan: null, facts: {} };
      case 'abort':
        return { done: true };
      case 'signal':
        return { done: true, rollback: null };
      default:
        throw new SluiceError({ code: 'method-unknown', message: `no ${method}`, remedy: 'none' });
    }
  }

  #next(actor: string): unknown {
    const [id, step] = [...this.#steps].find(
      ([, one]) => (one.takenBy === actor && one.status === 'RUNNING') || one.status === 'READY',
    ) ?? [null];
    if (id === null || step === undefined) return null;
    if (step.status === 'READY')
      Object.assign(step, { status: 'RUNNING', attempt: step.attempt + 1, takenBy: actor });
    return {
      run: 'r-1',
      step: id,
      brief: `Do ${id}.`,
      tools: ['edit_file'],
      criteria: [{ label: 'Exists', kind: 'file-exists', text: 'out.md exists' }],
      workspace: '/nowhere',
    };
  }

  #tell(said: RunWord): unknown {
    this.said.push(said);
    if ('step' in said) {
      const step = this.#step(said.step);
      if (said.type === 'Block') step.status = 'BLOCKED';
      if (said.type === 'Complete') {
        if (step.takenBy !== said.actor) throw refused('step-taken', `${said.step} is in other hands.`);
        step.status = 'VERIFYING';
        if (this.verdict !== null) this.judge(said.step, this.verdict);
      }
    }
    return { run: 'r-1' };
  }

  #step(id: string) {
    const step = this.#steps.get(id);
    if (step === undefined) throw refused('id-unknown', `${id} is nowhere in this run.`);
    return step;
  }

  #summary(): Omit<RunStatus, 'steps' | 'groups' | 'concerns' | 'waitsFor'> {
    const common = { run: 'r-1', documents: ['deploy.md'], workspace: '/nowhere', by: 'ann' };
    return { ...common, status: 'running', startedAt: 0, endedAt: null, counts: {} };
  }

  #status(): RunStatus {
    const steps = [...this.#steps].map(([id, { status, attempt }]): StepRow => {
      const common = { id, group: 'S', command: `do ${id}`, executor: null, startedAt: null, endedAt: null };
      return { ...common, status, attempt, reason: null, acceptedBy: null, unconfined: false };
    });
    const group = { id: 'S', kind: 'subtask', title: 'Both', reason: null, notReverted: [] } as const;
    return {
      ...this.#summary(),
      steps,
      groups: [{ ...group, status: 'RUNNING' }],
      concerns: [],
      waitsFor: ['a person'],
    };
  }

  #evidence(id: string): StepEvidence {
    const { status, attempt } = this.#step(id);
    const judgement = {
      criterion: '1',
      label: 'Exists',
      text: 'out.md exists',
      outcome: status === 'SUCCEEDED' ? 'holds' : 'fails',
      seen: { holds: status === 'SUCCEEDED', observed: 'out.md' },
    };
    const judgements = [judgement] as unknown as StepEvidence['attempts'][number]['judgements'];
    const one = { attempt, performed: null, judgements, reason: null };
    return { run: 'r-1', step: id, status, acceptedBy: null, attempts: attempt === 0 ? [] : [one], log: '' };
  }
}

function refused(code: string, message: string): SluiceError {
  return new SluiceError({ code, message, remedy: 'Ask for the next one.' });
}
