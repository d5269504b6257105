import { addAll } from './add-all.ts';
import { criterionOf, readCriterion, successParts } from './criteria.ts';
import { criterionKind } from './criterion-kind.ts';
import type { Criterion } from './document.ts';
import type { StepDraft, SubtaskDraft, TaskDraft } from './draft.ts';
import { readFailurePolicy } from './failure-policy.ts';
import type { Field } from './field-names.ts';
import { readAgents, readCapabilities } from './handles.ts';
import { splitLabel, unmarked, unwrapped } from './label.ts';
import { readLinks } from './paths.ts';
import { readPrerequisites } from './prerequisites.ts';
import type { Problems } from './problem.ts';
import { readTools } from './tools.ts';

export type FieldOwner = StepDraft | SubtaskDraft | TaskDraft;

export interface FieldValue {
  readonly value: string;
  readonly line: number;
  /** It stands below another value of the same field. */
  readonly nested: boolean;
  /** It stands on the line of the label. */
  readonly inline: boolean;
  /** Several criteria on one line, parted by commas. */
  readonly parts?: boolean;
}

/** Fields whose content is a list that may stand at the same column. */
export function isList(field: Field): boolean {
  return ['prerequisites', 'links', 'criteria', 'final-criteria', 'capabilities', 'agent', 'note'].includes(
    field,
  );
}

/** Puts one line into its field. */
export function fillField(owner: FieldOwner, field: Field, given: FieldValue, problems: Problems): void {
  if (field === 'criteria' || field === 'final-criteria') fillCriteria(owner, field, given, problems);
  else if (owner.owner === 'step') fillStep(owner, field, given);
  else if (owner.owner === 'subtask') fillSubtask(owner, field, given, problems);
  else fillTask(owner, field, given);
}

function fillCriteria(
  owner: FieldOwner,
  field: 'criteria' | 'final-criteria',
  given: FieldValue,
  problems: Problems,
): void {
  if (owner.owner === 'task') return;
  if (/^(?:none|n\/?a|[-–—])\.?$/i.test(unmarked(given.value))) return;
  const list: Criterion[] =
    owner.owner === 'subtask' && field === 'final-criteria' ? owner.finalCriteria : owner.criteria;
  const last = list.at(-1);
  if (given.nested && last !== undefined) {
    const nested = criterionOf(last.label, given.value, { line: given.line, problems });
    if (last.text === '') list.pop();
    list.push(nested);
    return;
  }
  const several = given.parts === true ? partsOf(given.value) : [given.value];
  for (const text of several) list.push(readCriterion(text, given.line, problems));
}

/** `Exit Code: 0, Output Contains: "done"` has a label for each part; a comma after one label is part of what it says. */
function partsOf(value: string): readonly string[] {
  const parts = /^`[^`]+`(?:\s*(?:[,;&]|and)\s*`[^`]+`)+\.?$/.test(value)
    ? value
        .replace(/\.$/, '')
        .split(/(?<=`)\s*(?:[,;&]|and)\s*(?=`)/)
        .map(unwrapped)
    : successParts(value);
  const labels = parts.map((part) => splitLabel(part)?.label ?? null);
  if (labels[0] === null && splitLabel(value) === null) return parts;
  return labels.every((label) => label !== null && criterionKind(label, '').understood) ? parts : [value];
}

function fillStep(step: StepDraft, field: Field, { value, line, inline }: FieldValue): void {
  if (field === 'command') step.command = appendText(step.command, inline ? unwrapped(value) : value);
  else if (field === 'description' || field === 'title')
    step.description = appendText(step.description, unwrapped(value));
  else if (field === 'prerequisites') addAll(step.prerequisites, readPrerequisites(value, line));
  else if (field === 'tool') step.tools = [...new Set([...step.tools, ...readTools(value)])];
}

function fillSubtask(subtask: SubtaskDraft, field: Field, given: FieldValue, problems: Problems): void {
  const { value, line } = given;
  switch (field) {
    case 'id':
      subtask.id = idOf(value);
      break;
    case 'title':
      subtask.title ??= unwrapped(value);
      break;
    case 'description':
      subtask.description = appendText(subtask.description, unwrapped(value));
      break;
    case 'agent':
      fillAgents(subtask, value);
      break;
    case 'capabilities':
      addAll(subtask.capabilities, readCapabilities(value));
      break;
    case 'prerequisites':
      addAll(subtask.prerequisites, readPrerequisites(value, line));
      break;
    case 'links':
      addAll(subtask.links, readLinks(value));
      break;
    case 'max-retries':
      subtask.maxRetries = appendText(subtask.maxRetries, unwrapped(value));
      break;
    case 'on-failure':
      subtask.onFailure = readFailurePolicy(
        given.inline ? value : appendText(subtask.onFailure.text, value),
        line,
        problems,
      );
      break;
    case 'next':
      subtask.next = appendText(subtask.next, unmarked(value));
      break;
    case 'status':
      subtask.status = unmarked(value);
      break;
  }
}

function fillTask(task: TaskDraft, field: Field, { value, line }: FieldValue): void {
  if (field === 'id') task.id = idOf(value);
  else if (field === 'title') task.title ??= unwrapped(value);
  else if (field === 'prerequisites') addAll(task.prerequisites, readPrerequisites(value, line));
  else if (field === 'status') task.status = unmarked(value);
}

function fillAgents(subtask: SubtaskDraft, value: string): void {
  const label = splitLabel(value);
  if (label !== null && /capabilit/i.test(label.label)) {
    addAll(subtask.capabilities, readCapabilities(label.value));
    return;
  }
  const { agents, capabilities } = readAgents(value);
  subtask.agents = [...new Set([...subtask.agents, ...agents])];
  addAll(subtask.capabilities, capabilities);
}

function idOf(value: string): string | null {
  return unmarked(value).split(/[\s,;]/)[0] || null;
}

export function appendText(text: string | null, more: string): string {
  return text === null || text === '' ? more : `${text}\n${more}`;
}
