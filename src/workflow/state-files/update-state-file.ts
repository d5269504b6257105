import { saysDone, wordFor } from './done-words.ts';
import type { StateFacts, UnitFacts } from './state-facts.ts';

/** Something that a file says and the journal does not. */
export interface Contradiction {
  /** Where in the file: `workflow_state.current_step`. */
  readonly path: string;
  readonly says: string;
  readonly journal: string;
}

export interface UpdatedStateFile {
  readonly text: string;
  readonly contradictions: readonly Contradiction[];
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * Tells a `Step.json` or `DNA.json` what the journal says. Keys that are known are written where the file has them, in the style in
 * which it writes (`current_step`, `currentStep`, nested or not); everything else stays, in its order, with its indentation. A
 * file that has no place for progress gets `workflow_state`. `before` null: the file is made. Throws a SyntaxError for no JSON.
 */
export function updateStateFile(
  before: string | null,
  facts: StateFacts,
  { done }: { readonly done: string },
): UpdatedStateFile {
  const text = (before ?? '').replace(/^\uFEFF/, '');
  const root = text.trim() === '' ? {} : (JSON.parse(text) as Json);
  const writing = new Writing(facts, done);
  const whole = isObject(root) ? root : { workflow: root };
  writing.visit(whole, '');
  if (!writing.placed) whole.workflow_state = fresh(facts);
  if (!writing.listed) whole.tasks = freshTasks(facts, done);
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
  const end = before === null || text.endsWith('\n') || text.trim() === '' ? '\n' : '';
  const mark = before?.startsWith('\uFEFF') ? '\uFEFF' : '';
  const lines = `${mark}${JSON.stringify(whole, null, indent)}${end}`;
  return {
    text: text.includes('\r\n') ? lines.replaceAll('\n', '\r\n') : lines,
    contradictions: writing.contradictions,
  };
}

/** One pass over a file. */
class Writing {
  readonly contradictions: Contradiction[] = [];
  /** The file has a place for where the run stands. */
  placed = false;
  /** The file has a place for single tasks or steps. */
  listed = false;
  readonly #facts: StateFacts;
  readonly #done: string;
  readonly #units: ReadonlyMap<string, UnitFacts>;

  constructor(facts: StateFacts, done: string) {
    this.#facts = facts;
    this.#done = done;
    this.#units = new Map(facts.units.map((unit) => [unit.id, unit]));
  }

  visit(value: Json, path: string): void {
    if (Array.isArray(value)) {
      for (const [index, entry] of value.entries()) this.visit(entry, `${path}[${index}]`);
    } else if (isObject(value)) {
      this.#object(value, path);
    }
  }

  #object(value: { [key: string]: Json }, path: string): void {
    const own = this.#unitOf(value);
    if (own !== undefined) this.#unit(value, own, path);
    for (const [key, entry] of Object.entries(value)) {
      const place = path === '' ? key : `${path}.${key}`;
      const unit = this.#units.get(key);
      if (unit !== undefined && isObject(entry)) this.#unit(entry, unit, place);
      else if (unit !== undefined && (typeof entry === 'string' || typeof entry === 'boolean')) {
        this.#compare(place, entry, unit);
        value[key] = wordFor(unit.status, entry, this.#done);
        this.listed = true;
      } else if (own === undefined && !isContainer(entry)) this.#fact(value, key, place);
      else this.visit(entry, place);
    }
  }

  /** An entry of a list that names the task or step it is about. */
  #unitOf(value: { readonly [key: string]: Json }): UnitFacts | undefined {
    for (const key of Object.keys(value)) {
      if (!/^(?:id|task_?id|step_?id|subtask_?id)$/i.test(key)) continue;
      const unit = this.#units.get(String(value[key]));
      if (unit !== undefined) return unit;
    }
    return undefined;
  }

  #unit(value: { [key: string]: Json }, unit: UnitFacts, path: string): void {
    this.listed = true;
    const statusKey =
      Object.keys(value).find((key) => /^(?:status|state|done|completed)$/i.test(key)) ?? 'status';
    this.#compare(`${path}.${statusKey}`, value[statusKey] ?? null, unit);
    value[statusKey] = wordFor(unit.status, value[statusKey], this.#done);
    const set = (name: string, told: Json) => {
      const key = Object.keys(value).find((one) => plain(one) === plain(name));
      if (key !== undefined || told !== null) value[key ?? styled(name, value)] = told;
    };
    set('started_at', unit.startedAt);
    set('completed_at', unit.completedAt);
    if (unit.evidence.length > 0) set('evidence', [...unit.evidence]);
  }

  /** A file that says done of what the journal does not: somebody else wrote it. */
  #compare(path: string, says: Json, { id, status }: UnitFacts): void {
    if (saysDone(says) && status !== 'SUCCEEDED' && status !== 'SKIPPED')
      this.contradictions.push({ path, says: String(says), journal: `${id} is ${status}` });
  }

  /** A key on where the whole run stands. */
  #fact(value: { [key: string]: Json }, key: string, path: string): void {
    const told = this.#toldFor(plain(key), path);
    if (told === undefined) return;
    this.placed ||= plain(key).startsWith('current');
    value[key] = told;
  }

  #toldFor(key: string, path: string): Json | undefined {
    const { current, previous, next, agent, total, completed, status, startedAt, updatedAt } = this.#facts;
    const percentage = total === 0 ? 0 : Math.round((100 * completed) / total);
    // Words such as `status` and `total` mean the run only where the file speaks of progress.
    const within = /(?:progress|session|workflow)/i.test(path);
    if (key === 'currentagent') return agent ?? undefined;
    const everywhere: Record<string, Json> = {
      currentstep: current,
      currentworkflowstep: current,
      currenttask: current,
      previousstep: previous,
      previoustask: previous,
      nextstep: next,
      nexttask: next,
      totalsteps: total,
      completedsteps: completed,
      currentstepnumber: current === null ? total : Math.min(total, completed + 1),
      lastupdated: updatedAt,
      lastupdate: updatedAt,
      updatedat: updatedAt,
    };
    if (Object.hasOwn(everywhere, key)) return everywhere[key];
    const progress: Record<string, Json> = {
      total,
      completed,
      percentage,
      percent: percentage,
      progresspercentage: percentage,
      startedat: startedAt,
      status,
    };
    return within && Object.hasOwn(progress, key) ? progress[key] : undefined;
  }
}

function fresh(facts: StateFacts): Json {
  const { current, previous, next, total, completed, startedAt, updatedAt, status, run } = facts;
  return {
    current_step: current,
    previous_step: previous,
    next_step: next,
    progress: {
      total_steps: total,
      completed_steps: completed,
      percentage: total === 0 ? 0 : Math.round((100 * completed) / total),
    },
    session: { run, started_at: startedAt, last_updated: updatedAt, status },
  };
}

function freshTasks({ units }: StateFacts, done: string): Json {
  return Object.fromEntries(
    units.map(({ id, status, startedAt, completedAt, evidence }) => [
      id,
      {
        status: wordFor(status, null, done),
        ...(startedAt !== null && { started_at: startedAt }),
        ...(completedAt !== null && { completed_at: completedAt }),
        ...(evidence.length > 0 && { evidence: [...evidence] }),
      },
    ]),
  );
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isContainer(value: Json): boolean {
  return typeof value === 'object' && value !== null;
}

/** `current_step`, `currentStep` and `Current Step` are one name. */
function plain(key: string): string {
  return key.replace(/[^A-Za-z]/g, '').toLowerCase();
}

/** A new key as its neighbours are written. */
function styled(name: string, neighbours: { readonly [key: string]: Json }): string {
  const camel = Object.keys(neighbours).some((key) => /[a-z][A-Z]/.test(key));
  return camel ? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) : name;
}
