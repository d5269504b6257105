import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { isErrorFacts } from '../../base/sluice-error.ts';
import type { Environment } from '../runtime/child-environment.ts';
import { openRecords, type RecordDirectory } from '../runtime/record-directory.ts';
import { outcomeOf, withoutRun } from './agent-outcome.ts';
import type { AgentRecord, BegunAgent } from './agent-record.ts';
import { agentsClosed } from './agents-closed.ts';
import { type ConfinedCommand, ConfinedCommands, terminalId } from './confined-commands.ts';
import type { ModelReach } from './model/ask-model.ts';
import { type ModelSurroundings, webSearchName } from './model/outside-tools.ts';
import { type RunConfined, searchBy } from './model/search-command.ts';
import type { RunCommand } from './model/terminal-tool.ts';
import type { AgentOutcome, AgentRun, Agents } from './port.ts';
import { type Sandbox, sandboxesOf } from './sandbox.ts';

export interface AgentsOptions {
  /** The state directory of Sluice, as a whole: agents see nothing of it. What belongs to them is kept in `agents/` there. */
  readonly stateDir: string;
  readonly clock: Clock;
  /** Where the allow-list and the keys of models are read from. */
  readonly environment: Environment;
  /** Who answers the tools that reach beyond the workspace; a tool that nobody answers is not offered. */
  readonly surroundings?: ModelSurroundings;
  /** Best first. Default: those of this system. */
  readonly sandboxes?: readonly Sandbox[];
}

/**
 * Agents that are commands or models. Each id is run once: what ended is on disk, a command that a killed controller had
 * begun is joined, a model that it had asked is `lost`. Where no sandbox works, a run that needs one is `unconfinable`
 * and may be tried again.
 */
export async function openAgents(options: AgentsOptions): Promise<Agents> {
  const sandboxes = options.sandboxes ?? sandboxesOf(process.platform);
  const commands = await ConfinedCommands.open({ ...options, sandboxes });
  const records = await openRecords<AgentRecord>(join(options.stateDir, 'agents', 'records'));
  return new RecordedAgents(options, commands, records);
}

class RecordedAgents implements Agents {
  readonly #options: AgentsOptions;
  readonly #commands: ConfinedCommands;
  readonly #records: RecordDirectory<AgentRecord>;
  readonly #running = new Map<string, Promise<AgentOutcome>>();
  readonly #cancels = new Map<string, AbortController>();
  #closed = false;

  constructor(options: AgentsOptions, commands: ConfinedCommands, records: RecordDirectory<AgentRecord>) {
    this.#options = options;
    this.#commands = commands;
    this.#records = records;
  }

  run(run: AgentRun): Promise<AgentOutcome> {
    if (this.#closed) return Promise.reject(agentsClosed(run.id));
    const under = this.#running.get(run.id);
    if (under !== undefined) return under;
    const abort = new AbortController();
    this.#cancels.set(run.id, abort);
    const running = this.#run(run, abort.signal).finally(() => {
      this.#running.delete(run.id);
      this.#cancels.delete(run.id);
    });
    this.#running.set(run.id, running);
    return running;
  }

  async cancel(id: string): Promise<void> {
    const running = this.#running.get(id);
    this.#cancels.get(id)?.abort();
    if (running === undefined) {
      const record = await this.#records.read(id);
      if (record?.kind === 'begun') await this.#endForgotten(id, record, cancelled);
      return;
    }
    await this.#commands.cancel(id);
    // Whoever asked for the run is told of its failure.
    await running.catch(() => undefined);
  }

  async prune({ keep, olderThanMs, at }: Parameters<Agents['prune']>[0]): Promise<readonly string[]> {
    const old = new Set<string>();
    for (const { id, writtenAtMs } of await this.#records.ids()) {
      if (at - writtenAtMs < olderThanMs || keep.has(id) || this.#running.has(id)) continue;
      // What is damaged may name a process that runs; it stays until a person has looked at it.
      const record = await this.#records.read(id).catch(() => null);
      if (record?.kind === 'ended' || record?.kind === 'begun') old.add(id);
    }
    if (old.size === 0) return [];
    const held = await this.#commands.release(old, at);
    const gone = [...old].filter((id) => !held.has(id));
    for (const id of gone) await this.#records.remove(id);
    return gone;
  }

  /** Commands go on and are joined by the next; models end, and are lost. Whoever waits is refused with `agents-closed`. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const abort of this.#cancels.values()) abort.abort();
    await this.#commands.close();
    await Promise.allSettled(this.#running.values());
  }

  async #run(run: AgentRun, signal: AbortSignal): Promise<AgentOutcome> {
    const record = await this.#records.read(run.id);
    if (record?.kind === 'ended') return record.outcome;
    if (record?.kind === 'begun' && record.how === 'model')
      return this.#endForgotten(run.id, record, modelLost);
    const { reach } = run;
    if (reach.kind === 'model') return this.#runModel(run, reach, signal);
    const command = { ...run, run: reach.run, env: reach.env, input: run.brief };
    const refusal = record === null ? await this.#begin(run, command) : null;
    return refusal ?? this.#follow(command, signal);
  }

  /** Null: it may run. Without a record it never ran. */
  async #begin(run: AgentRun, command: ConfinedCommand): Promise<AgentOutcome | null> {
    const refusal = (await this.#whyNot(run)) ?? (await this.#prepare(command));
    if (refusal !== null) return refusal;
    const startedAtMs = this.#options.clock.now();
    await this.#records.save(run.id, { kind: 'begun', how: 'command', startedAtMs });
    return null;
  }

  async #follow(command: ConfinedCommand, signal: AbortSignal): Promise<AgentOutcome> {
    const { id } = command;
    if (this.#closed) throw agentsClosed(id);
    if (signal.aborted) return this.#end(id, withoutRun('lost', cancelled), [id]);
    const outcome = await this.#commands.run(command).catch((error) => {
      throw this.#closed ? agentsClosed(id) : error;
    });
    return this.#end(id, outcomeOf(outcome, signal.aborted && !this.#closed), [id]);
  }

  async #runModel(run: AgentRun, reach: ModelReach, signal: AbortSignal): Promise<AgentOutcome> {
    const { clock, environment, stateDir, surroundings = {} } = this.#options;
    const { keyEnv, webSearch } = reach.model;
    const key = keyEnv === null ? null : (environment[keyEnv] ?? '');
    if (key === '')
      return withoutRun('failed', `The environment of the controller lacks ${keyEnv}, the key of the model.`);
    const confined = [terminalName, ...(webSearch === undefined ? [] : [webSearchName])];
    const refusal = confined.some((name) => run.tools.includes(name)) ? await this.#whyNot(run) : null;
    if (refusal !== null) return refusal;
    // What models need is loaded when the first one works.
    const { runModel } = await import('./model/model-run.ts');
    const commands: string[] = [];
    const begun = () => this.#records.save(run.id, { kind: 'begun', how: 'model', startedAtMs, commands });
    const startedAtMs = clock.now();
    await begun();
    const inSandbox: RunConfined = async (asked, until) => {
      const command = { ...run, id: terminalId(run.id, commands.length + 1), ...asked };
      commands.push(command.id);
      await begun();
      await this.#commands.prepare(command);
      const end = () => void this.#commands.cancel(command.id);
      until.addEventListener('abort', end, { once: true });
      return this.#commands.run(command).finally(() => until.removeEventListener('abort', end));
    };
    const terminal: RunCommand = (text, timeoutMs, until) =>
      inSandbox({ run: text, env: {}, input: '', timeoutMs }, until);
    const outcome = await runModel({
      run,
      reach,
      key,
      stateDir,
      clock,
      surroundings: { ...surroundings, ...(webSearch && { webSearch: searchBy(webSearch, inSandbox) }) },
      terminal,
      signal,
    }).catch((error) => {
      if (this.#closed) throw agentsClosed(run.id);
      if (signal.aborted) return withoutRun('lost', cancelled, clock.now() - startedAtMs);
      throw error;
    });
    return this.#end(run.id, outcome, commands);
  }

  /** What stands in the way of a run that wants to be confined; it is not recorded, so that it may be tried again. */
  async #whyNot(run: AgentRun): Promise<AgentOutcome | null> {
    if (run.unconfined) return null;
    const found = await this.#commands.sandbox();
    if (!found.found) return withoutRun('unconfinable', `${found.reason} ${found.remedy}`);
    return null;
  }

  async #prepare(command: ConfinedCommand): Promise<AgentOutcome | null> {
    try {
      await this.#commands.prepare(command);
      return null;
    } catch (error) {
      if (!isErrorFacts(error)) throw error;
      return withoutRun('unconfinable', `${error.message} ${error.remedy}`);
    }
  }

  /** Ends what is left of a run that nobody follows any more. */
  async #endForgotten(id: string, record: BegunAgent, reason: string): Promise<AgentOutcome> {
    const commands = record.how === 'model' ? record.commands : [id];
    for (const command of commands) await this.#commands.cancel(command);
    const durationMs = Math.max(0, this.#options.clock.now() - record.startedAtMs);
    return this.#end(id, withoutRun('lost', reason, durationMs), commands);
  }

  /** The outcome is on disk before the traces of its commands go. */
  async #end(id: string, outcome: AgentOutcome, commands: readonly string[]): Promise<AgentOutcome> {
    await this.#records.save(id, { kind: 'ended', outcome });
    for (const command of commands) await this.#commands.forget(command, this.#options.clock.now());
    return outcome;
  }
}

const terminalName = 'run_terminal_cmd';
const cancelled = 'It was cancelled.';
const modelLost = 'The controller ended while the model worked; what it had said is not known.';
