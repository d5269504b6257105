import { addAll } from './add-all.ts';
import { readCriterion } from './criteria.ts';
import type { Criterion, WorkflowDocument } from './document.ts';
import { finishTask, newStep, newSubtask, newTask, type TaskDraft } from './draft.ts';
import type { Entry, Item } from './entry.ts';
import { headingsOf } from './headings-of.ts';
import { splitLabel } from './label.ts';
import { pathsIn } from './paths.ts';
import { readPrerequisites } from './prerequisites.ts';
import { type Problems, shortened } from './problem.ts';
import { sectionName } from './section.ts';

const taskLine = /^(?:\*\*|`)?(T\d{2,5}[a-z]?)(?:\*\*|`)?[:.]?\s+(.*)$/s;

/** `T001, T002 before T003` and the like is no task of its own. */
const saysOrder =
  /^[*`]{0,2}T\d{2,5}[*`]{0,2}(?:\s*(?:,|&|-|–|—|and)\s*T\d{2,5})*\s+(?:(?:must|should|has to|have to)\b.{0,40}?)?(?:before|blocks?|depends?|after|requires?|→|->)/i;

/** True for a `tasks.md`: ticked lines that begin with `T001`. */
export function speaksSpecKit(entries: readonly Entry[]): boolean {
  return entries.some(
    (entry) => entry.type === 'item' && entry.checked !== null && taskLine.test(entry.text),
  );
}

/** `- [ ] T012 [P] [US1] Create the model in src/models/user.py`, under phases; one task each. */
export function readSpecKit(
  entries: readonly Entry[],
  metadata: Readonly<Record<string, unknown>>,
  problems: Problems,
): WorkflowDocument {
  const tasks: TaskDraft[] = [];
  const byId = new Map<string, TaskDraft[]>();
  const criteria: Criterion[] = [];
  const selfChecks: Criterion[] = [];
  let last: TaskDraft | null = null;
  let list: Criterion[] | null = null;
  let tasksColumn = 0;
  for (const entry of entries) {
    if (entry.type === 'heading') {
      last = null;
      const name = sectionName(entry.text);
      list = name === 'criteria' || name === 'gates' ? criteria : name === 'self-check' ? selfChecks : null;
    } else if (entry.type === 'row') {
      const at = entry.header.findIndex((cell) =>
        /\bdepend|\brequires?\b|\bneeds\b|\bafter\b|\bblocked by\b/i.test(cell),
      );
      const needs = entry.cells[at] ?? '';
      if (at > 0 && needs !== '') dependencies(byId, `${entry.cells[0]} depends on ${needs}`, entry.line);
    } else if (entry.type === 'item') {
      const match = taskLine.exec(entry.text);
      if (match !== null && !(entry.checked === null && saysOrder.test(entry.text))) {
        tasksColumn = entry.column;
        last = taskOf(entry, match[1] ?? '', match[2] ?? '');
        tasks.push(last);
        const id = match[1] ?? '';
        byId.set(id, [...(byId.get(id) ?? []), last]);
      } else if (list !== null) list.push(readCriterion(entry.text, entry.line, problems));
      else if (entry.checked !== null && (last === null || entry.column <= tasksColumn)) {
        last = taskOf(entry, null, entry.text);
        tasks.push(last);
        problems.add(
          'task-without-id',
          entry.line,
          `"${shortened(entry.text)}" has a box and no id; it was read as a task without one`,
          'Begin it with an id, such as T001.',
        );
      } else if (last !== null && entry.column > 0) addDetail(last, entry, problems);
      else dependencies(byId, entry.text, entry.line);
    } else if (entry.type === 'text') {
      const label = splitLabel(entry.text);
      if (label !== null && /^(?:checkpoint|independent test|acceptance)/i.test(label.label)) {
        criteria.push({ label: label.label, kind: 'human' as const, text: label.value, line: entry.line });
      } else dependencies(byId, entry.text, entry.line);
    }
  }
  return {
    generation: 'spec-kit',
    metadata,
    tasks: tasks.map(finishTask),
    artifacts: [],
    documents: [],
    selfChecks,
    documentCriteria: criteria,
    tools: [],
    agents: [],
    sections: headingsOf(entries),
    role: null,
    problems: [],
  };
}

function taskOf(item: Item, id: string | null, rest: string): TaskDraft {
  const marks = /^(?:\[[^\]]{1,20}\]\s*)*/.exec(rest)?.[0] ?? '';
  const title = rest.slice(marks.length).trim();
  const task = Object.assign(newTask(item.line, 1), {
    id,
    title,
    status: statusOf(item),
    parallel: /\[P\]/i.test(marks),
  });
  const subtask = Object.assign(newSubtask(item.line, 2), {
    title,
    links: pathsIn(title).map(({ path }) => path),
  });
  const step = Object.assign(newStep(item.line, item.column, true), { command: title });
  subtask.steps.push(step);
  task.subtasks.push(subtask);
  const needs = /\(\s*(?:depends on|after|needs|requires)\s*[:：]?\s*([^)]+)\)/i.exec(title)?.[1];
  if (needs !== undefined) addAll(task.prerequisites, readPrerequisites(needs, item.line));
  return task;
}

/** The words of task-master, so that both are one: `[x]` is done, `[-]` cancelled, `[~]` and `[/]` in progress. */
function statusOf({ checked, mark }: Item): string {
  if (checked === true) return 'done';
  return mark === '-' ? 'cancelled' : mark === '' ? 'pending' : 'in-progress';
}

/** What stands below a task: acceptance text, dependencies, or more about it. */
function addDetail(task: TaskDraft, item: Item, problems: Problems): void {
  const label = splitLabel(item.text);
  const step = task.subtasks[0]?.steps[0];
  if (step === undefined) return;
  if (label !== null && /^(?:depends|dependenc|requires|after)/i.test(label.label))
    addAll(task.prerequisites, readPrerequisites(label.value, item.line));
  else if (label !== null && /^(?:accept|success|verif|test|done|criteri)/i.test(label.label)) {
    if (label.value !== '') step.criteria.push(readCriterion(label.value, item.line, problems));
  } else if (item.checked !== null || (label !== null && /exists?$|contains?$|code$|pass/i.test(label.label)))
    step.criteria.push(readCriterion(item.text, item.line, problems));
  else step.description = step.description === null ? item.text : `${step.description}\n${item.text}`;
}

/** `T004-T007 before T008`, `T010 depends on T005, T006`, `T014 blocks T015`. */
function dependencies(tasks: ReadonlyMap<string, readonly TaskDraft[]>, text: string, line: number): void {
  const chain = text.slice(0, 2_000).split(/\s*(?:→|->)\s*/);
  if (chain.length > 2) {
    for (const [index, part] of chain.slice(1).entries())
      dependencies(tasks, `${chain[index]} → ${part}`, line);
    return;
  }
  const match =
    /^(.{0,300}?)\b(before|blocks?|depends? on|after|requires?|→|->)\s*(.{0,300})$/is.exec(text) ??
    /^(.{0,300}?)\s(→|->)\s(.{0,300})$/s.exec(text);
  if (match === null) return;
  const [left, right] = [idsIn(match[1] ?? ''), idsIn(match[3] ?? '')];
  const forward = /^(?:before|blocks?|→|->)$/i.test(match[2] ?? '');
  const [needed, needing] = forward ? [left, right] : [right, left];
  if (needed.length === 0) return;
  for (const task of needing.flatMap((id) => tasks.get(id) ?? [])) {
    const known = new Set(task.prerequisites.map((one) => one.id));
    for (const id of needed) {
      if (id === task.id || known.has(id)) continue;
      known.add(id);
      task.prerequisites.push({ id, condition: 'succeeded', text, line });
    }
  }
}

function idsIn(text: string): readonly string[] {
  return [...text.matchAll(/\bT(\d{2,5}[a-z]?)\b(?:\s*[-–—]\s*T(\d{2,5})\b)?/g)].flatMap(
    ([, from = '', to]) => {
      if (to === undefined) return [`T${from}`];
      const count = Math.min(1000, Math.max(0, Number(to) - Number(from) + 1));
      return Array.from(
        { length: count },
        (_, index) => `T${String(Number(from) + index).padStart(from.length, '0')}`,
      );
    },
  );
}
