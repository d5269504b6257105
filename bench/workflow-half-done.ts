import { join } from 'node:path';
import { compileInput } from '../src/engine/workflow/compile-input.ts';
import { RunFold, streamPrefix } from '../src/engine/workflow/run-loop.ts';
import { readWorkflowInput } from '../src/engine/workflow/workflow-input.ts';
import type { Journal, JournalEvent, NewEvent } from '../src/journal/journal.ts';
import { openSqliteJournal } from '../src/journal/sqlite-journal.ts';
import type { RunCommand } from '../src/workflow/run/command.ts';
import { decide } from '../src/workflow/run/decide.ts';
import type { Judgement, Performed } from '../src/workflow/run/judgement.ts';
import { emptyRun } from '../src/workflow/run/state.ts';
import type { WorkflowProject } from './workflow-project.ts';

const atOnce = 500;

/**
 * Writes the journal of a run in which the first steps were done and proven, by the rules of runs and without doing them. The
 * project must have no controller.
 */
export async function writeHalfDone(project: WorkflowProject, run: string, done: number): Promise<void> {
  const { root, stateDir } = project;
  const place = { workspace: root, env: {} };
  const input = await readWorkflowInput([join(root, 'sheds.md')], join(root, 'bindings.yml'), place);
  const { plan } = compileInput(input, undefined);
  const journal = await openSqliteJournal({ directory: join(stateDir, 'journal') });
  const writer = new Writer(journal, run);
  const start = { type: 'StartRun', run, plan, workspace: root, from: null, only: null } as const;
  await writer.say({ ...start, at: Date.now(), by: 'bench' });
  for (const { id: step, criteria } of plan.nodes.slice(0, done)) {
    const told = { step, attempt: 1, at: Date.now(), by: 'controller' } as const;
    await writer.say({ ...told, type: 'RecordPerformed', performed });
    const judgements = criteria.map(({ id }): Judgement => ({ criterion: id, outcome: 'holds', seen }));
    await writer.say({ ...told, type: 'RecordJudged', judgements });
  }
  await writer.flush();
  await journal.close();
}

const performed: Performed = {
  ended: 'done',
  exitCode: 0,
  excerpt: 'cut to 4 by 6 feet\n',
  log: null,
  durationMs: 3,
  usage: null,
  tampered: [],
};

const seen: Judgement['seen'] = {
  holds: true,
  observed: 'it is as it should be',
  digest: `sha256:${'0'.repeat(64)}`,
  exitCode: 0,
  excerpt: 'cut to 4 by 6 feet',
  path: 'sheds/one.json',
  at: 0,
};

/** Decides on one copy of the state, and appends many events at once. */
class Writer {
  readonly #journal: Journal;
  readonly #stream: string;
  readonly #fold: RunFold;
  #events: NewEvent[] = [];
  #version = 0;

  constructor(journal: Journal, run: string) {
    this.#journal = journal;
    this.#stream = `${streamPrefix}${run}`;
    this.#fold = new RunFold(emptyRun(run));
  }

  async say(command: RunCommand): Promise<void> {
    const decision = decide(this.#fold.state(), command);
    if (decision.kind === 'refused') throw new Error(decision.message);
    for (const { type, ...data } of decision.events) {
      this.#fold.add({ type, data } as JournalEvent);
      this.#events.push({ type, data, at: command.at, actor: command.by });
    }
    if (this.#events.length >= atOnce) await this.flush();
  }

  async flush(): Promise<void> {
    const { kind } = await this.#journal.append(this.#stream, this.#version, this.#events);
    if (kind !== 'appended') throw new Error(`the journal answered ${kind}`);
    this.#version += this.#events.length;
    this.#events = [];
  }
}
