import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compileInput } from '../../src/engine/workflow/compile-input.ts';
import { readWorkflowInput } from '../../src/engine/workflow/workflow-input.ts';
import { freePort } from '../../src/ports/runtime/free-port.ts';
import { judgeStep, type StepVerdict } from '../../src/workflow/judge/judge-step.ts';
import type { PlanNode } from '../../src/workflow/plan/plan.ts';
import type { Judgement } from '../../src/workflow/run/judgement.ts';
import { openParts } from './engine-parts.ts';
import { type Falsehood, falsehoods, falsifiedFiles } from './falsehoods.ts';
import { StepByStep } from './step-by-step.ts';

export interface FixtureFindings {
  readonly steps: number;
  readonly kinds: readonly string[];
  /** Honest steps that did not succeed, and why. */
  readonly honestFailed: readonly string[];
  readonly falsehoods: number;
  /** Falsehoods by which not exactly the step that answers for it stops being proven, and what happened. */
  readonly falsifiedMissed: readonly string[];
}

const example = join(import.meta.dirname, '..', '..', 'examples', 'workflow');

/** Does examples/workflow honestly, then falsifies whatever it looks at, once each, and looks again at every step. */
export async function tryFixture(
  fits: (falsehood: Falsehood) => boolean = () => true,
): Promise<FixtureFindings> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'sluice-honest-')));
  const workspace = join(root, 'workspace');
  await cp(example, workspace, { recursive: true });
  const state = join(workspace, '.sluice');
  await mkdir(state);
  const { parts, close } = await openParts(state);
  const env = { STATION_PORT: String(await freePort()) };
  let fixture: Fixture | null = null;
  try {
    const input = await readWorkflowInput(['station.md'], 'station.bindings.yml', { workspace, env });
    const { plan } = compileInput(input, undefined);
    fixture = new Fixture(await StepByStep.begin(parts, plan, workspace), plan.nodes, { workspace, env });
    const honestFailed = await fixture.doHonestly();
    const chosen = falsehoods.filter(fits);
    const falsifiedMissed = fixture.neverFalsified();
    for (const falsehood of honestFailed.length > 0 ? [] : chosen)
      falsifiedMissed.push(...(await fixture.falsify(falsehood)));
    const kinds = new Set(
      plan.nodes.flatMap(({ criteria }) => criteria.filter(isOfDocument).map(({ kind }) => kind)),
    );
    return {
      steps: plan.nodes.length,
      kinds: [...kinds].sort(),
      honestFailed,
      falsehoods: chosen.length,
      falsifiedMissed,
    };
  } finally {
    await fixture?.tool('stop').catch(() => undefined);
    await close();
    await rm(root, { recursive: true, force: true });
  }
}

function isOfDocument({ label }: { readonly label: string }): boolean {
  return label !== 'probe';
}

class Fixture {
  readonly #steps: StepByStep;
  readonly #nodes: readonly PlanNode[];
  readonly #place: { readonly workspace: string; readonly env: Readonly<Record<string, string>> };

  constructor(
    steps: StepByStep,
    nodes: readonly PlanNode[],
    place: { readonly workspace: string; readonly env: Readonly<Record<string, string>> },
  ) {
    this.#steps = steps;
    this.#nodes = nodes;
    this.#place = place;
  }

  async doHonestly(): Promise<readonly string[]> {
    const failed: string[] = [];
    for (const node of this.#nodes) {
      const { verdict, judgements } = await this.#steps.attempt(node, () => this.#writeHandbook());
      if (!isGood(node, verdict, judgements)) failed.push(`${node.id}: ${told(verdict)}`);
    }
    return failed;
  }

  /** Files that the plan looks at and that no falsehood is about: the bench would not know. */
  neverFalsified(): string[] {
    const looked = this.#nodes.flatMap(({ criteria }) =>
      criteria.flatMap(({ test }) =>
        test.kind === 'look' && (test.look.kind === 'file' || test.look.kind === 'json')
          ? test.look.paths
          : [],
      ),
    );
    return [...new Set(looked)]
      .filter((path) => !falsifiedFiles.includes(path))
      .map((path) => `${path} is never falsified`);
  }

  /** What was missed: nothing, where exactly the step that answers for it is not proven any more. */
  async falsify(falsehood: Falsehood): Promise<readonly string[]> {
    const restore = await this.#lie(falsehood);
    try {
      const fallen: string[] = [];
      for (const node of this.#nodes) {
        const instead = falsehood.kind === 'instead' && node.id === falsehood.step;
        const { verdict, judgements } = instead
          ? await this.#steps.attempt(node, async () => undefined)
          : await this.#again(node);
        if (!isGood(node, verdict, judgements)) fallen.push(node.id);
      }
      const exact = fallen.length === 1 && fallen[0] === falsehood.step;
      return exact
        ? []
        : [`${falsehood.name}: ${fallen.join(', ') || 'nothing'} fell, and not only ${falsehood.step}`];
    } finally {
      await restore();
    }
  }

  async tool(name: string, ...args: readonly string[]): Promise<void> {
    const { workspace, env } = this.#place;
    const child = spawn(process.execPath, [join('tools', `${name}.mjs`), ...args], {
      cwd: workspace,
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: 'ignore',
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`tools/${name}.mjs ended with ${String(code)}`);
  }

  async #again(node: PlanNode): Promise<{ verdict: StepVerdict; judgements: readonly Judgement[] }> {
    const judgements = await this.#steps.judge(node);
    const performed = this.#steps.run.steps.get(node.id)?.performed;
    if (!performed) throw new Error(`${node.id} was never done`);
    return { verdict: judgeStep(node, performed, judgements), judgements };
  }

  /** Returns what undoes it. */
  async #lie(falsehood: Falsehood): Promise<() => Promise<void>> {
    const { workspace } = this.#place;
    switch (falsehood.kind) {
      case 'file':
      case 'instead': {
        const path = join(workspace, falsehood.path);
        const honest = await readFile(path, 'utf8');
        const lie = falsehood.falsify(honest);
        if (lie === honest) throw new Error(`"${falsehood.name}" changes nothing`);
        await writeFile(path, lie);
        if (falsehood.kind === 'instead') await rm(join(workspace, falsehood.made));
        return async () => {
          await writeFile(path, honest);
          if (falsehood.kind === 'instead') await this.#honestly(falsehood.step);
        };
      }
      case 'gone': {
        const path = join(workspace, falsehood.path);
        const aside = `${workspace}-aside`;
        await cp(path, aside, { recursive: true });
        await rm(path, { recursive: true });
        return async () => {
          await cp(aside, path, { recursive: true });
          await rm(aside, { recursive: true });
        };
      }
      case 'ended':
        await this.tool('stop');
        return () => this.#honestly(falsehood.step);
      case 'pretended': {
        await this.tool('stop');
        const server = join(workspace, 'tools', 'server.mjs');
        const honest = await readFile(server, 'utf8');
        await writeFile(server, honest.replace("answers[request.url ?? '']", "{ status: 'ok' }"));
        await this.tool('start');
        return async () => {
          await this.tool('stop');
          await writeFile(server, honest);
          await this.#honestly(falsehood.step);
        };
      }
    }
  }

  async #honestly(step: string): Promise<void> {
    const node = this.#nodes.find(({ id }) => id === step);
    if (node === undefined) throw new Error(`there is no step ${step}`);
    const { verdict } = await this.#steps.attempt(node, async () => undefined);
    if (verdict.kind !== 'succeeded') throw new Error(`${step} could not be put right: ${told(verdict)}`);
  }

  /** The person of the example, who has written it already. */
  async #writeHandbook(): Promise<void> {
    const { workspace } = this.#place;
    const path = join(workspace, 'docs', 'Handbook.md');
    await mkdir(dirname(path), { recursive: true });
    await cp(join(workspace, 'Handbook.md'), path);
  }
}

/** It succeeded, or it is proven and all that is open is the word of a person, who gives it. */
function isGood({ criteria }: PlanNode, { kind }: StepVerdict, judgements: readonly Judgement[]): boolean {
  if (kind === 'succeeded') return true;
  const outcomes = new Map(judgements.map(({ criterion, outcome }) => [criterion, outcome]));
  const proven = criteria.some(({ id, proves }) => proves && outcomes.get(id) === 'holds');
  const open = judgements.filter(({ outcome }) => outcome !== 'holds');
  return kind === 'unproven' && proven && open.every(({ outcome }) => outcome === 'waits');
}

function told(verdict: StepVerdict): string {
  return 'reason' in verdict ? `${verdict.kind}, ${verdict.reason}` : verdict.kind;
}
