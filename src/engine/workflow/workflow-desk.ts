import { SluiceError } from '../../base/sluice-error.ts';
import { briefOf } from '../../workflow/brief/brief.ts';
import { junitText } from '../../workflow/documents/junit-text.ts';
import { runReport } from '../../workflow/documents/run-report.ts';
import { isProbe } from '../../workflow/plan/planned-criterion.ts';
import type { RunCommand } from '../../workflow/run/command.ts';
import { planChanges } from '../../workflow/run/plan-changes.ts';
import { isFor } from '../../workflow/run/progress.ts';
import type { WorkflowRun } from '../../workflow/run/state.ts';
import { statusOf } from '../../workflow/run/status-of.ts';
import { compileInput } from './compile-input.ts';
import { exportState } from './export-state.ts';
import { readAgain } from './read-again.ts';
import { RunFiles } from './run-files.ts';
import { type RunLoop, streamPrefix } from './run-loop.ts';
import { evidenceOf, runStatusOf, summaryOf } from './run-views.ts';
import type { Renewed, RunWord, StepEvidence, StepInHand, WorkflowApi } from './workflow-api.ts';
import { readWorkflowInput } from './workflow-input.ts';
import type { WorkflowParts } from './workflow-parts.ts';
import type { WorkflowRuns } from './workflow-runs.ts';

/** What one caller may ask about runs of workflows. */
export class WorkflowDesk implements WorkflowApi {
  readonly #parts: WorkflowParts;
  readonly #runs: WorkflowRuns;
  readonly #user: string;

  constructor(parts: WorkflowParts, runs: WorkflowRuns, user: string) {
    this.#parts = parts;
    this.#runs = runs;
    this.#user = user;
  }

  async workflowRun(params: Parameters<WorkflowApi['workflowRun']>[0]): Promise<{ readonly run: string }> {
    const { workspace, from, only, side } = params;
    const place = { workspace, env: this.#parts.env };
    const input = await readWorkflowInput(params.documents, params.bindings, place);
    const { plan } = compileInput(input, side ?? undefined);
    const run = this.#runs.newRun();
    const release = this.#runs.reserve(workspace, plan.documents);
    try {
      await this.#runs.guarded.take({ run, plan, workspace });
      const loop = await this.#runs.begin(run);
      const said = { type: 'StartRun', run, plan, workspace, from, only } as const;
      await this.#runs.tell(loop, { ...said, at: this.#parts.clock.now(), by: this.#user });
    } finally {
      release();
    }
    return { run };
  }

  async workflowRuns(): ReturnType<WorkflowApi['workflowRuns']> {
    return this.#runs.all().map(({ state }) => summaryOf(state));
  }

  async workflowStatus({ run, since }: Parameters<WorkflowApi['workflowStatus']>[0]) {
    const { state } = this.#runs.of(run);
    if (since === undefined) return runStatusOf(state);
    const changed = await this.#parts.journal.read(`${streamPrefix}${state.run}`, { after: since });
    // What was appended in between is not in this state, and is told the next time.
    return runStatusOf(
      state,
      changed.filter(({ version }) => version <= state.version),
    );
  }

  async workflowResume({ run, acceptChanges = false }: Parameters<WorkflowApi['workflowResume']>[0]) {
    const loop = this.#runs.of(run);
    if (loop.state.status !== 'running') return { run: loop.state.run, renewed: null };
    const renewed = await this.#renew(loop, acceptChanges);
    await this.#runs.tell(loop, { type: 'Resume', at: this.#parts.clock.now(), by: this.#user });
    return { run: loop.state.run, renewed };
  }

  /** Bindings and documents as they are now, where somebody changed them; null where nobody did. */
  async #renew(loop: RunLoop, acceptChanges: boolean): Promise<Renewed | null> {
    const { state } = loop;
    const again = await readAgain(state, this.#parts.env);
    if (again === null || state.plan === null) return null;
    const { plan, files } = again;
    const changes = planChanges(state.plan, plan);
    const said = { at: this.#parts.clock.now(), by: this.#user };
    const paths = files.map(({ path }) => path);
    // First, so that a controller that is killed in between takes the person's own change for nobody's cheating.
    if (changes.reworked.length === 0 || acceptChanges) await this.#runs.guarded.renew(state, plan, paths);
    await this.#runs.tell(loop, { ...said, type: 'RenewPlan', plan, acceptChanges });
    return { files, ...changes };
  }

  async workflowTell({ run, said }: Parameters<WorkflowApi['workflowTell']>[0]) {
    const loop = this.#runs.of(run);
    // Whoever begins a step anew has most likely corrected how it is done.
    const anew = said.type === 'Retry' && said.actor === undefined && loop.state.status === 'running';
    const renewed = anew ? await this.#renew(loop, false) : null;
    // Counted at its turn, so that two who speak at once get two names.
    await this.#runs.tell(loop, () => this.#worded(said, loop.state));
    return { run: loop.state.run, renewed };
  }

  #worded({ actor, ...said }: RunWord, { concerns }: WorkflowRun): RunCommand {
    const base = { at: this.#parts.clock.now(), by: actor ?? this.#user };
    if (said.type !== 'RaiseConcern') return { ...base, ...said };
    return { ...base, ...said, concern: `${said.group}-C${concerns.length + 1}` };
  }

  async workflowEvidence({
    run,
    step,
  }: Parameters<WorkflowApi['workflowEvidence']>[0]): Promise<StepEvidence> {
    const { state } = this.#runs.of(run);
    if (!state.steps.has(step)) {
      throw new SluiceError({
        code: 'id-unknown',
        message: `${step} is no step of ${state.run}.`,
        remedy: '`sluice workflow status` lists its steps.',
      });
    }
    const events = await this.#parts.journal.read(`${streamPrefix}${state.run}`);
    const files = new RunFiles(this.#parts.stateDir, state.run);
    const path = state.steps.get(step)?.performed?.log ?? null;
    return { ...evidenceOf(state, step, events), log: path === null ? '' : await files.tail(path, 8_192) };
  }

  async workflowNext({ run, actor }: Parameters<WorkflowApi['workflowNext']>[0]): Promise<StepInHand | null> {
    const loop = this.#runs.of(run);
    const { state } = loop;
    const node = state.plan?.nodes.find((one) => {
      if (!isFor(one, actor)) return false;
      const step = state.steps.get(one.id);
      return step?.takenBy === actor ? step.status === 'RUNNING' : statusOf(state, one.id) === 'READY';
    });
    if (node === undefined) return null;
    await this.#runs.tell(loop, { type: 'Take', step: node.id, at: this.#parts.clock.now(), by: actor });
    const handle = node.executor?.kind === 'agent' ? node.executor.handle : null;
    return {
      run: state.run,
      step: node.id,
      brief: briefOf(loop.state, node, handle),
      tools: node.tools,
      criteria: node.criteria
        .filter((one) => !isProbe(one))
        .map(({ label, kind, text }) => ({ label, kind, text })),
      workspace: state.workspace,
    };
  }

  async workflowExport({ run, ...options }: Parameters<WorkflowApi['workflowExport']>[0]) {
    const { state } = this.#runs.of(run);
    return { run: state.run, ...(await exportState(this.#parts, state, options)) };
  }

  async workflowReport({ run, format }: Parameters<WorkflowApi['workflowReport']>[0]) {
    const { state } = this.#runs.of(run);
    return { run: state.run, text: format === 'junit' ? junitText(state) : runReport(state) };
  }
}
