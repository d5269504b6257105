import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { CommandOutcome, CommandRunner } from '../command/port.ts';
import { openShellCommandRunner } from '../command/shell-command-runner.ts';
import { childEnvironment, type Environment } from '../runtime/child-environment.ts';
import { fileName, idOf } from '../runtime/record-directory.ts';
import { keptWordsBytes } from './agent-outcome.ts';
import { confinementOf } from './confinement.ts';
import { type FoundSandbox, findSandbox } from './find-sandbox.ts';
import { keepTail, readTail, removeTail } from './output-ring.ts';
import type { Sandbox } from './sandbox.ts';
import { shellQuote } from './shell-quote.ts';

/** A command of an agent's, and what it may reach. */
export interface ConfinedCommand {
  readonly id: string;
  readonly run: string;
  /** Its standard input. */
  readonly input: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workspace: string;
  readonly scratch: string;
  readonly protectedPaths: readonly string[];
  readonly unconfined: boolean;
  readonly timeoutMs: number;
}

export interface ConfinedCommandsOptions {
  /** The state directory of Sluice: agents see nothing of it. */
  readonly stateDir: string;
  readonly clock: Clock;
  /** Where the allow-list is read from. */
  readonly environment: Environment;
  /** Best first; the first that works is used. */
  readonly sandboxes: readonly Sandbox[];
}

/**
 * Runs commands within a sandbox, by the runner that users' commands have: each id once, in a process group of its own,
 * joined after a restart. Everything it keeps lies in `<stateDir>/agents`.
 */
export class ConfinedCommands {
  readonly #options: ConfinedCommandsOptions;
  readonly #runner: CommandRunner;
  #sandbox: Promise<FoundSandbox> | null = null;

  private constructor(options: ConfinedCommandsOptions, runner: CommandRunner) {
    this.#options = options;
    this.#runner = runner;
  }

  static async open(options: ConfinedCommandsOptions): Promise<ConfinedCommands> {
    const { stateDir, clock, environment } = options;
    const own = join(stateDir, 'agents');
    for (const name of ['files', 'root']) await mkdir(join(own, name), { recursive: true, mode: 0o700 });
    return new ConfinedCommands(options, await openShellCommandRunner({ stateDir: own, clock, environment }));
  }

  /** Looked for once, when it is first asked for. */
  sandbox(): Promise<FoundSandbox> {
    const { sandboxes, stateDir, environment } = this.#options;
    this.#sandbox ??= findSandbox(sandboxes, stateDir, childEnvironment(environment, {}));
    return this.#sandbox;
  }

  /** Writes down what the command reads, so that it is there whoever starts it. Throws where nothing confines it. */
  async prepare(command: ConfinedCommand): Promise<void> {
    const { script, input } = this.#files(command.id);
    await writeFile(input, command.input, { mode: 0o600 });
    await writeFile(script, await this.#script(command), { mode: 0o600 });
  }

  /** Starts what was prepared, joins it, or gives its outcome. */
  async run(command: ConfinedCommand): Promise<CommandOutcome> {
    const { id, timeoutMs, workspace, unconfined } = command;
    const spec = { run: this.#performed(id, unconfined), timeoutMs, env: environmentOf(command) };
    const outcome = await this.#runner.run({ id, spec, directory: workspace, env: {} });
    const words = await readTail(this.#files(id).words, keptWordsBytes);
    return { ...outcome, output: `${words}${outcome.output}`.slice(-keptWordsBytes) };
  }

  cancel(id: string): Promise<void> {
    return this.#runner.cancel(id);
  }

  /** Lets go of the files and the record of one that ended. */
  async forget(id: string, at: number): Promise<void> {
    const { words, ...files } = this.#files(id);
    await removeTail(words);
    await Promise.all(Object.values(files).map((path) => rm(path, { force: true })));
    await this.#runner.prune({
      keep: { has: (other) => other !== id },
      olderThanMs: Number.NEGATIVE_INFINITY,
      at,
    });
  }

  /** Lets go of all that is left of the commands of these agents; resolves with those of which one runs or is damaged. */
  async release(agents: ReadonlySet<string>, at: number): Promise<ReadonlySet<string>> {
    const left = new Set<string>();
    const isKept = (id: string) => {
      const own = agents.has(agentOf(id));
      if (own) left.add(id);
      return !own;
    };
    const any = { olderThanMs: Number.NEGATIVE_INFINITY, at };
    for (const id of await this.#runner.prune({ keep: { has: isKept }, ...any })) left.delete(id);
    const held = new Set([...left].map(agentOf));
    const home = join(this.#options.stateDir, 'agents', 'files');
    for (const name of await readdir(home)) {
      const [, base = ''] = /^(.+)\.(?:sh|input|exit|words(?:\.\d+)?)$/.exec(name) ?? [];
      const agent = agentOf(idOf(base) ?? '');
      if (agents.has(agent) && !held.has(agent)) await rm(join(home, name), { force: true });
    }
    return held;
  }

  close(): Promise<void> {
    return this.#runner.close();
  }

  /** What nothing confines may leave a process behind that holds its output: only a log that nobody waits for is safe. */
  #performed(id: string, unconfined: boolean): string {
    const { script, input, exit, words } = this.#files(id);
    const run = `cat ${shellQuote(input)} | /bin/sh ${shellQuote(script)}`;
    if (unconfined || process.platform !== 'linux') return run;
    const told = shellQuote(exit);
    return `{ ${run}; echo $? > ${told}; } 2>&1 | ${keepTail(words)}; exit "$(cat ${told} 2>/dev/null || echo 137)"`;
  }

  async #script(command: ConfinedCommand): Promise<string> {
    if (command.unconfined) return `exec /bin/sh -c ${shellQuote(command.run)}\n`;
    const found = await this.sandbox();
    if (!found.found) throw new Error(found.reason);
    const { stateDir } = this.#options;
    const confinement = await confinementOf({ ...command, stateDir });
    return found.sandbox.script(confinement, command.run, join(stateDir, 'agents', 'root'));
  }

  #files(id: string): Readonly<Record<'script' | 'input' | 'exit' | 'words', string>> {
    const base = join(this.#options.stateDir, 'agents', 'files', fileName(id));
    return { script: `${base}.sh`, input: `${base}.input`, exit: `${base}.exit`, words: `${base}.words` };
  }
}

/** Of a command that a model runs in the terminal, from 1 on. */
export function terminalId(agent: string, number: number): string {
  return `${agent}/terminal-${number}`;
}

/** The agent that a command is, or that ran it in the terminal. */
function agentOf(command: string): string {
  return command.replace(/\/terminal-\d+$/, '');
}

/** Nothing that carries the name of Sluice: it could be a credential. `SCRATCH_DIR` is where an agent may keep things. */
function environmentOf({ env, scratch, unconfined }: ConfinedCommand): Record<string, string> {
  const given = Object.entries(env).filter(([name]) => !name.startsWith('SLUICE_'));
  return { ...(unconfined ? {} : { TMPDIR: '/tmp' }), SCRATCH_DIR: scratch, ...Object.fromEntries(given) };
}
