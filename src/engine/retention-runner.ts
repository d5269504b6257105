import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cancel } from '../base/clock.ts';
import type { Retention } from '../config/config.ts';
import { missingIsNone } from '../disk/missing-is-none.ts';
import type { TargetState } from '../rollout/state.ts';
import type { ControllerParts } from './controller-parts.ts';
import type { PastRollout } from './past-rollouts.ts';
import { type Retained, type RetainedTarget, retained, standardRetention } from './retention.ts';
import type { RunRetention } from './workflow/run-retention.ts';

/** Without any rollout, what was added and never deployed grows old too. */
const dayMs = 86_400_000;

/** The controller, as far as retention asks it. */
export interface RetentionSource {
  targets(): readonly {
    readonly state: () => TargetState;
    readonly past: () => Promise<readonly PastRollout[]>;
  }[];
  /** Runs of workflow documents. Default: there are none. */
  readonly runs?: Pick<RunRetention, 'keeps' | 'prune'>;
  /** What is in force. Default: what the configuration says, or the standard where it says nothing. */
  readonly retention?: () => Promise<Retention>;
}

/** Removes what nothing needs any more: when it is opened, after each rollout and each run that ended, and once a day. One at a time. */
export class RetentionRunner {
  readonly #parts: ControllerParts;
  readonly #source: RetentionSource;
  #closed = false;
  #again = false;
  #running: Promise<void> | null = null;
  #cancelDaily: Cancel = () => {};
  #unsubscribe: () => void = () => {};

  constructor(parts: ControllerParts, source: RetentionSource) {
    this.#parts = parts;
    this.#source = source;
  }

  open(): void {
    this.#unsubscribe = this.#parts.journal.subscribe(({ type }) => {
      if (type === 'RolloutEnded' || type === 'RunEnded') this.#start();
    });
    this.#daily();
  }

  /** Resolves when nothing is being removed. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    this.#cancelDaily();
    await this.#running;
  }

  #daily(): void {
    this.#start();
    this.#cancelDaily = this.#parts.clock.after(dayMs, () => this.#daily());
  }

  #start(): void {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      // One that was asked for in the moment between the last look and here.
      if (this.#again && !this.#closed) this.#start();
    });
  }

  /** What fails here harms nobody now, and is tried again the next time. */
  async #run(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      try {
        await removeUnneeded(this.#parts, this.#source);
      } catch (error) {
        this.#parts.log(`retention: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}

/** Removes artifacts, copies, command records, evidence and what runs left that neither count nor age keeps. */
export async function removeUnneeded(parts: ControllerParts, source: RetentionSource): Promise<void> {
  const { artifacts, commands, clock } = parts;
  const { runs } = source;
  const retention = (await source.retention?.()) ?? (await parts.config()).retention ?? standardRetention;
  const targets: RetainedTarget[] = [];
  // One after the other: the streams of a thousand targets at once would fill the memory, and hold up everything else.
  for (const { state, past } of source.targets()) {
    targets.push({ state, past: await past() });
    await new Promise(setImmediate);
  }
  const kept = retained(targets, await artifacts.list({}), retention);
  const age = { olderThanMs: retention.ageMs, at: clock.now() };
  const gone = await artifacts.prune({ keep: kept.artifacts, instances: kept.directories, ...age });
  if (gone.length > 0) parts.log(`retention: removed ${gone.length} artifacts: ${gone.join(', ')}`);
  const isKept = (id: string) => kept.commands.has(id) || runs?.keeps(id, age) === true;
  await commands.prune({ keep: { has: isKept }, ...age });
  await removeEvidence(parts, { targets, kept, ...age });
  await runs?.prune(age);
}

/** Evidence is as old as the end of its rollout; of an unknown rollout, as old as its folder. */
async function removeEvidence(
  { stateDir }: ControllerParts,
  {
    targets,
    kept,
    olderThanMs,
    at,
  }: {
    readonly targets: readonly RetainedTarget[];
    readonly kept: Retained;
    readonly olderThanMs: number;
    readonly at: number;
  },
): Promise<void> {
  const ended = new Map<string, number>();
  for (const { past } of targets) {
    for (const { rollout, endedAt } of past) ended.set(rollout, endedAt ?? at);
  }
  const home = join(stateDir, 'evidence');
  for (const name of await readdir(home).catch(missingIsNone)) {
    const since = ended.get(name) ?? (await stat(join(home, name))).mtimeMs;
    if (kept.evidence.has(name) || at - since < olderThanMs) continue;
    await rm(join(home, name), { recursive: true, force: true });
  }
}
