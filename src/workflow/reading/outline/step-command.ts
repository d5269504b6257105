import type { StepDraft } from '../draft.ts';
import { fieldOf } from '../field-names.ts';
import { fillField } from '../fill-field.ts';
import { splitLabel, unwrapped } from '../label.ts';
import { toolsAtEnd } from '../tools.ts';
import type { Place } from './place.ts';

const inParentheses = /^(.*\S)\s*[([{](Success(?: Criteri(?:a|on))?)\s*[:：]\s*(.+)[)\]}]\s*\.?$/is;
const afterDash =
  /^(.*\S)\s+[—–|-]\s+(?:\*\*)?(Success(?: Criteri(?:a|on))?)(?:\*\*)?\s*[:：](?:\*\*)?\s+(.+)$/is;

/** `Build it (edit_file) (Success: it is there)`: what to do, with which tools, and how it is judged, on one line. */
export function setCommand({ tools: listed, problems }: Place, step: StepDraft, text: string): void {
  const success = inParentheses.exec(text) ?? afterDash.exec(text);
  const { text: command, tools } = toolsAtEnd(success?.[1] ?? text, listed);
  const labelled = splitLabel(command);
  const field = labelled === null ? null : fieldOf(labelled.label);
  const plain =
    labelled?.bold && field === null && labelled.value !== ''
      ? `${labelled.label}: ${labelled.value}`
      : command;
  step.command = unwrapped(labelled !== null && field === 'command' ? labelled.value : plain);
  step.tools = [...new Set([...step.tools, ...tools])];
  step.seen.add('command');
  step.titled = field !== 'command';
  if (tools.length > 0) step.seen.add('tool');
  if (success === null) return;
  step.seen.add('criteria');
  const value = success[3] ?? '';
  const { line } = step;
  fillField(step, 'criteria', { value, line, nested: false, inline: true, parts: true }, problems);
}
