import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SluiceCommand } from '../examples/demo/sluice-command.ts';
import { callController } from '../src/daemon/socket-client.ts';
import type { RunStatus } from '../src/engine/workflow/workflow-api.ts';
import {
  type GeneratedSize,
  generatedBindings,
  generatedMonolith,
  generatedSteps,
} from './workflow-generator.ts';

const lookMs = 100;

/** What every step is bound to. */
export const stepCommand =
  'echo "{\\"width\\":4,\\"length\\":6}" > "sheds/$SLUICE_STEP.json"; echo "cut $SLUICE_STEP to 4 by 6 feet"';

/** A folder with a generated document, worked by the command line and its controller; `close` ends and removes it all. */
export class WorkflowProject {
  readonly root: string;
  readonly steps: readonly string[];
  readonly #sluice: SluiceCommand;

  private constructor(root: string, steps: readonly string[]) {
    this.root = root;
    this.steps = steps;
    this.#sluice = new SluiceCommand(root);
  }

  /** `more`: what each step does after its command, for the shell. */
  static async make(size: GeneratedSize, more = ''): Promise<WorkflowProject> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'sluice-bench-')));
    const project = new WorkflowProject(root, generatedSteps(size));
    await mkdir(join(root, 'sheds'));
    await writeFile(join(root, 'sheds.md'), generatedMonolith(size));
    await writeFile(join(root, 'bindings.yml'), generatedBindings(size, `${stepCommand}${more}`));
    return project;
  }

  get stateDir(): string {
    return join(this.root, '.sluice');
  }

  /** Through the command line, which starts the controller. Resolves with the name of the run while it goes on. */
  async begin(): Promise<string> {
    const args = ['workflow', 'run', 'sheds.md', '--bindings', 'bindings.yml', '--detach'];
    return ((await this.#sluice.json(args)) as { readonly run: string }).run;
  }

  /** As somebody who comes back: the command line starts a controller, which takes up what was left. */
  async resume(run: string): Promise<void> {
    await this.#sluice.json(['workflow', 'resume', run, '--detach']);
  }

  async controllerPid(): Promise<number> {
    return (await callController(this.stateDir, 'ping', {})).pid;
  }

  status(run: string): Promise<RunStatus> {
    return callController(this.stateDir, 'workflowStatus', { run });
  }

  /** Asks as often as the command line does. Throws where it ends otherwise than well. */
  async succeeded(run: string, withinMs: number): Promise<RunStatus> {
    for (const limit = performance.now() + withinMs; performance.now() < limit; await sleep(lookMs)) {
      const status = await this.status(run);
      if (status.status === 'succeeded') return status;
      if (status.status !== 'running') throw new Error(`${run} is ${status.status}: ${status.waitsFor}`);
    }
    throw new Error(`${run} is not done after ${withinMs} ms`);
  }

  async close(): Promise<void> {
    this.#sluice.stop();
    await this.#sluice.text(['down']).catch(() => '');
    await rm(this.root, { recursive: true, force: true });
  }
}
