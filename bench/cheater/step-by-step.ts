import { performRun } from '../../src/engine/workflow/perform-run-actions.ts';
import { ProtectedPaths } from '../../src/engine/workflow/protected-paths.ts';
import type { PerformRun } from '../../src/engine/workflow/run-loop.ts';
import type { WorkflowParts } from '../../src/engine/workflow/workflow-parts.ts';
import { judgeStep, type StepVerdict } from '../../src/workflow/judge/judge-step.ts';
import type { PlanNode, WorkflowPlan } from '../../src/workflow/plan/plan.ts';
import type { RunEvent } from '../../src/workflow/run/event.ts';
import { evolve } from '../../src/workflow/run/evolve.ts';
import type { Judgement, Performed } from '../../src/workflow/run/judgement.ts';
import type { RunAction } from '../../src/workflow/run/pending-actions.ts';
import { emptyRun, type WorkflowRun } from '../../src/workflow/run/state.ts';

/**
 * A run in which each step is done and judged as in any other, by the engine's own parts, but whatever became of those before it:
 * else the first step that nothing proves would keep all others from being tried.
 */
export class StepByStep {
  readonly #parts: WorkflowParts;
  readonly #perform: PerformRun;
  run: WorkflowRun;

  private constructor(parts: WorkflowParts, perform: PerformRun, run: WorkflowRun) {
    this.#parts = parts;
    this.#perform = perform;
    this.run = run;
  }

  static async begin(parts: WorkflowParts, plan: WorkflowPlan, workspace: string): Promise<StepByStep> {
    const guarded = new ProtectedPaths(parts);
    await guarded.take({ run: 'bench', plan, workspace });
    const started = { type: 'RunStarted', run: 'bench', plan, workspace, skipped: [], by: 'bench' } as const;
    const run = evolve(emptyRun('bench'), { ...started, at: parts.clock.now() });
    return new StepByStep(parts, performRun(parts, guarded), run);
  }

  /** `outside` does the step where an agent over MCP, or a person, would. */
  async attempt(
    node: PlanNode,
    outside: () => Promise<void>,
  ): Promise<{ readonly verdict: StepVerdict; readonly judgements: readonly Judgement[] }> {
    const step = node.id;
    const attempt = (this.run.steps.get(step)?.attempt ?? 0) + 1;
    this.#apply({ type: 'StepStarted', step, attempt, at: this.#parts.clock.now() });
    const performed = await this.#performed(node, attempt, outside);
    this.#apply({ type: 'StepPerformed', step, attempt, performed });
    const judgements = await this.judge(node);
    return { verdict: judgeStep(node, performed, judgements), judgements };
  }

  /** Looks at a step that was done before, as it is now. */
  async judge(node: PlanNode): Promise<readonly Judgement[]> {
    const { attempt = 0 } = this.run.steps.get(node.id) ?? {};
    const [judged] = await this.#do({ id: `judge-${node.id}`, type: 'judge-step', node, attempt });
    if (judged?.type !== 'RecordJudged') throw new Error(`${node.id} was not judged`);
    return judged.judgements;
  }

  async #performed(node: PlanNode, attempt: number, outside: () => Promise<void>): Promise<Performed> {
    const { executor, id: step } = node;
    if (executor === null) throw new Error(`${step} lacks ${node.missing}`);
    if (executor.kind === 'person' || (executor.kind === 'agent' && executor.via.kind === 'mcp')) {
      const by = executor.kind === 'person' ? 'ann' : `mcp:${executor.handle}`;
      this.#apply({ type: 'StepTaken', step, attempt, by });
      await outside();
      const none = { exitCode: null, log: null, durationMs: 0, usage: null, tampered: [] };
      return { ...none, ended: 'done', excerpt: 'All of it is done.' };
    }
    const said = await this.#do({ id: `perform-${step}`, type: 'perform', node, attempt });
    const performed = said.find((one) => one.type === 'RecordPerformed');
    if (performed?.type !== 'RecordPerformed') throw new Error(`${step} was not performed`);
    return performed.performed;
  }

  #do(action: RunAction): ReturnType<PerformRun> {
    const { signal } = new AbortController();
    return this.#perform(action, { state: () => this.run, signal, tell: async () => undefined });
  }

  #apply(event: RunEvent): void {
    this.run = evolve(this.run, event);
  }
}
