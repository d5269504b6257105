import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { addAll } from './add-all.ts';
import { readCriterion } from './criteria.ts';
import type { WorkflowDocument } from './document.ts';
import { finishTask, newStep, newSubtask, newTask, type SubtaskDraft, type TaskDraft } from './draft.ts';
import type { Problems } from './problem.ts';
import type { SourceLines } from './source-lines.ts';

/** True for JSON that holds tasks: `{"tasks": […]}`, `{"master": {"tasks": […]}}` or a bare list. */
export function speaksTaskMaster({ texts }: SourceLines): boolean {
  const first = texts.find((text) => text.trim() !== '')?.trimStart() ?? '';
  return (
    (first.startsWith('{') || /^\[\s*(?:\{|$)/.test(first)) &&
    texts.some((text) => /"tasks"\s*:|"testStrategy"\s*:|"dependencies"\s*:/.test(text))
  );
}

/** Reads a `tasks.json`. A YAML reader does it, because it knows the line of every value. */
export function readTaskMaster(lines: SourceLines, problems: Problems): WorkflowDocument {
  const text = lines.texts.join('\n');
  const counter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: counter,
    prettyErrors: false,
    logLevel: 'silent',
    strict: true,
  });
  const lineOf = (node: unknown): number => {
    const offset = (node as Node | null)?.range?.[0] ?? 0;
    return lines.numbers[counter.linePos(offset).line - 1] ?? 1;
  };
  const reader = { lineOf, problems };
  const error = document.errors[0];
  if (error !== undefined) {
    const line = lines.numbers[counter.linePos(error.pos[0]).line - 1] ?? 1;
    problems.add(
      'json-invalid',
      line,
      `the file is no valid JSON: ${error.message.split('\n')[0]}`,
      'Correct the JSON here.',
    );
  }
  const tasks = listsOf(document.contents, problems).flatMap((list) =>
    list.map((map) => taskOf(map, reader)),
  );
  return {
    generation: 'task-master',
    metadata: metadataOf(document.contents),
    tasks: tasks.map(finishTask),
    artifacts: [],
    documents: [],
    selfChecks: [],
    documentCriteria: [],
    tools: [],
    agents: [],
    sections: [],
    role: null,
    problems: [],
  };
}

interface Reader {
  readonly lineOf: (node: unknown) => number;
  readonly problems: Problems;
}

/** The lists of tasks: at the top, under `tasks`, or under the `tasks` of each tag. */
function listsOf(contents: unknown, problems: Problems): readonly (readonly YAMLMap[])[] {
  if (isSeq(contents)) return [contents.items.filter(isMap)];
  if (!isMap(contents)) return [];
  const own = contents.get('tasks');
  if (isSeq(own)) return [own.items.filter(isMap)];
  const tagged = contents.items.flatMap(({ value }) => {
    const list = isMap(value) ? value.get('tasks') : null;
    return isSeq(list) ? [list.items.filter(isMap)] : [];
  });
  if (tagged.length > 1) {
    problems.add(
      'several-tags',
      1,
      `the file has ${tagged.length} lists of tasks; all were read, and their ids may repeat`,
      'Keep one tag for each file.',
    );
  }
  return tagged;
}

function metadataOf(contents: unknown): Readonly<Record<string, unknown>> {
  if (!isMap(contents)) return {};
  const own = contents.get('metadata') ?? contents.get('meta');
  const nested = contents.items.map(({ value }) => (isMap(value) ? value.get('metadata') : null)).find(isMap);
  const chosen = isMap(own) ? own : nested;
  const values: unknown = chosen?.toJSON();
  return typeof values === 'object' && values !== null ? (values as Record<string, unknown>) : {};
}

function taskOf(map: YAMLMap, reader: Reader): TaskDraft {
  const line = reader.lineOf(map);
  const id = textOf(map, 'id');
  const children = map.get('subtasks');
  const task = Object.assign(newTask(line, 1), {
    id,
    title: textOf(map, 'title'),
    status: textOf(map, 'status') ?? 'pending',
  });
  addAll(task.prerequisites, needsOf(map, '', reader));
  const maps = isSeq(children) ? children.items.filter(isMap) : [];
  const whole = () => Object.assign(subtaskOf(map, null, reader), { prerequisites: [] });
  addAll(task.subtasks, maps.length === 0 ? [whole()] : maps.map((child) => subtaskOf(child, id, reader)));
  if (maps.length > 0)
    for (const text of linesOf(textOf(map, 'testStrategy') ?? ''))
      task.subtasks.at(-1)?.finalCriteria.push(readCriterion(text, line, reader.problems));
  return task;
}

/** A subtask, or a task without any as its own only one (`parent` is null, and so is its id). */
function subtaskOf(map: YAMLMap, parent: string | null, reader: Reader): SubtaskDraft {
  const line = reader.lineOf(map);
  const own = textOf(map, 'id');
  const title = textOf(map, 'title');
  const more = [textOf(map, 'description'), textOf(map, 'details')]
    .filter((text) => text !== null)
    .join('\n');
  const subtask = Object.assign(newSubtask(line, 2), {
    id: parent === null || own === null ? null : own.startsWith(`${parent}.`) ? own : `${parent}.${own}`,
    title,
    description: more === '' ? null : more,
    status: textOf(map, 'status') ?? 'pending',
  });
  if (parent !== null) addAll(subtask.prerequisites, needsOf(map, `${parent}.`, reader));
  const step = Object.assign(newStep(line, 0, true), { command: title, description: subtask.description });
  for (const key of ['testStrategy', 'acceptanceCriteria', 'acceptance_criteria']) {
    const value = map.get(key, true);
    const texts = isSeq(value)
      ? value.items.map((item) => (isScalar(item) ? String(item.value) : ''))
      : [textOf(map, key) ?? ''];
    for (const text of texts.flatMap(linesOf))
      step.criteria.push(readCriterion(text, reader.lineOf(value), reader.problems));
  }
  subtask.steps.push(step);
  return subtask;
}

/** Lines of a text, less the marks of a list. */
function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/^\s*(?:[-*+•]|\d+[.)])\s+(?:\[[ xX]?\]\s+)?/, '').trim())
    .filter((line) => line !== '');
}

/** Ids that are needed; among subtasks a bare number means a sibling. */
function needsOf(map: YAMLMap, prefix: string, { lineOf }: Reader): TaskDraft['prerequisites'] {
  const list = map.get('dependencies');
  if (!isSeq(list)) return [];
  const needs = new Map<string, TaskDraft['prerequisites'][number]>();
  for (const item of list.items) {
    const text = isScalar(item) ? String(item.value) : '';
    const id = text.includes('.') ? text : `${prefix}${text}`;
    if (text !== '' && !needs.has(id))
      needs.set(id, { id, condition: 'succeeded', text, line: lineOf(item) });
  }
  return [...needs.values()];
}

function textOf(map: YAMLMap, key: string): string | null {
  const value: unknown = map.get(key);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}
