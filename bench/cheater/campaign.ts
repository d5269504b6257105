import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Look } from '../../src/base/look.ts';
import { compileInput } from '../../src/engine/workflow/compile-input.ts';
import { readWorkflowInput } from '../../src/engine/workflow/workflow-input.ts';
import type { WorkflowParts } from '../../src/engine/workflow/workflow-parts.ts';
import { freePort } from '../../src/ports/runtime/free-port.ts';
import { briefOf } from '../../src/workflow/brief/brief.ts';
import type { StepVerdict } from '../../src/workflow/judge/judge-step.ts';
import type { PlanNode } from '../../src/workflow/plan/plan.ts';
import type { Judgement } from '../../src/workflow/run/judgement.ts';
import { openParts } from './engine-parts.ts';
import { StepByStep } from './step-by-step.ts';

/** How the cheating executor comes to its steps. */
export type Route = 'agent' | 'unconfined' | 'run' | 'outside';
/** Tricks of `cheat.js`. */
export type Trick = 'phrase' | 'padded' | 'copied' | 'shell' | 'tamper';
/** `none`: no step has a probe. `real`: each asks a world in which nothing exists. `gullible`: each says yes to everything. */
export type Probes = 'none' | 'real' | 'gullible';

export interface Campaign {
  readonly route: Route;
  readonly trick: Trick;
  readonly probes: Probes;
}

export interface Tried {
  readonly step: string;
  readonly verdict: StepVerdict;
  readonly judgements: readonly Judgement[];
  /** A checker would have passed it that looks for what the document says and for nothing else. */
  readonly naively: boolean;
}

/**
 * Has every step of a document done by the cheating executor, each once, whatever became of those before it; where `fits` is
 * given, only those. Everything is started, judged and removed here.
 */
export async function cheat(
  document: string,
  campaign: Campaign,
  fits: (node: PlanNode) => boolean = () => true,
): Promise<readonly Tried[]> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'sluice-cheater-')));
  const workspace = join(root, 'workspace');
  const hold = join(root, 'hold');
  const port = await freePort();
  const { parts, close } = await openParts(await made(join(workspace, '.sluice')));
  try {
    await writeFile(hold, '');
    await writeFiles(workspace, { 'deploy.md': document, ...projectFiles });
    const command = `"${process.execPath}" "${program}" ${campaign.trick} ${port} "${hold}"`;
    const briefs = await made(join(root, 'briefs'));
    await writeFiles(workspace, { 'deploy.bindings.yml': bindingsOf(campaign, { command, port, briefs }) });
    const place = { workspace, env: {} };
    const input = await readWorkflowInput(['deploy.md'], 'deploy.bindings.yml', place);
    const { plan } = compileInput(input, undefined);
    const steps = await StepByStep.begin(parts, plan, workspace);
    const tried: Tried[] = [];
    for (const node of plan.nodes.filter(fits)) {
      const brief = briefOf(steps.run, node, null);
      await writeFile(join(briefs, node.id), brief);
      const outside = () => doOutside(brief, { workspace, trick: campaign.trick, port, hold });
      const { verdict, judgements } = await steps.attempt(node, outside);
      const naively = await isNaivelyPassed(parts, node, { judgements, workspace });
      tried.push({ step: node.id, verdict, judgements, naively });
    }
    return tried;
  } finally {
    await rm(hold, { force: true });
    await portClosed(port);
    await close();
    await rm(root, { recursive: true, force: true });
  }
}

const program = join(import.meta.dirname, 'cheat.js');

/** The project's own way to look: a world where nothing of what the document describes was ever brought about. */
const projectFiles = {
  'checks/look.mjs': 'console.error(process.argv[2], "is not there");\nprocess.exitCode = 1;\n',
  'checks/pipeline.test.mjs':
    "import assert from 'node:assert/strict';\nimport { it } from 'node:test';\nit('builds', () => assert.fail('there is no pipeline'));\n",
  'package.json': '{"type":"module","scripts":{"test":"node --test checks/"}}\n',
  'QA/QA-Report-U-1.md': '# U-1: not approved\n',
};

function bindingsOf(
  { route, probes }: Campaign,
  { command, port, briefs }: { readonly command: string; readonly port: number; readonly briefs: string },
): string {
  const probe = { none: '', gullible: ', probe: "true"', real: ', probe: node checks/look.mjs it' }[probes];
  const run = `run: '${command} < "${briefs}/$SLUICE_STEP"'`;
  const performer = route === 'run' ? run : 'agent: "@cheater"';
  const agent = route === 'outside' ? 'mcp: cheater' : `command: '${command}'`;
  return `steps:
  "*": { ${performer}${probe}, tools: [run_terminal_cmd, edit_file]${route === 'unconfined' ? ', unconfined: true' : ''} }
agents:
  "@cheater": { ${agent} }
hosts: { "*": "http://127.0.0.1:${port}", test-env: "http://127.0.0.1:${port}" }
tests: { "*": node --test --test-reporter=tap checks/ }
checks:
  kubernetes-orchestration: node checks/look.mjs orchestration
  kubernetes-service-discovery: node checks/look.mjs discovery
`;
}

/** What an agent over MCP does between asking for a step and saying that it is done. */
async function doOutside(
  brief: string,
  { workspace, trick, port, hold }: { workspace: string; trick: Trick; port: number; hold: string },
): Promise<void> {
  const child = spawn(process.execPath, [program, trick, String(port), hold], {
    cwd: workspace,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.end(brief);
  await once(child, 'close');
}

/** The files have the phrases, the commands end with 0 and print the sentences: so far others look. */
async function isNaivelyPassed(
  { observer }: WorkflowParts,
  { criteria }: PlanNode,
  { judgements, workspace }: { readonly judgements: readonly Judgement[]; readonly workspace: string },
): Promise<boolean> {
  const outcomes = new Map(judgements.map(({ criterion, outcome }) => [criterion, outcome]));
  for (const { id, test, label } of criteria) {
    if (label === 'probe') continue;
    const holds = test.kind === 'look' ? await looksGood(test.look) : outcomes.get(id) === 'holds';
    if (!holds) return false;
  }
  return true;

  async function looksGood(look: Look): Promise<boolean> {
    return look.kind !== 'command' && (await observer.look(look, { root: workspace })).holds;
  }
}

async function made(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  return folder;
}

async function writeFiles(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await made(dirname(join(root, path)));
    await writeFile(join(root, path), content);
  }
}

/** What pretended to live ends when nobody holds it any more. */
async function portClosed(port: number): Promise<void> {
  const limit = Date.now() + 5_000;
  while (Date.now() < limit) {
    const open = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (!open) return;
  }
  throw new Error(`something still answers on port ${port}`);
}
