import type { Prerequisite, Task } from './document.ts';

const reference = /\b(sub[\s_-]?task|task)s?[\s_#-]*0*(\d{1,4})\b/gi;
/** Nothing else may stand beside the references: `Task-01 of the phase before` means another one. */
const conditions =
  /\b(?:the|all|both|and|must|be|have|has|is|are|been|completed?|succeeded|started|done|finished|successfully)\b|[,.&`*()]/gi;

/** `Subtask-01 must be SUCCEEDED` means the first subtask of the same task: it gets the id of that one. */
export function withNumberedPrerequisites(tasks: readonly Task[]): readonly Task[] {
  return tasks.map((task) => ({
    ...task,
    prerequisites: task.prerequisites.flatMap((one) => resolved(one, task, tasks)),
    subtasks: task.subtasks.map((subtask) => ({
      ...subtask,
      prerequisites: subtask.prerequisites.flatMap((one) => resolved(one, task, tasks)),
    })),
  }));
}

function resolved(one: Prerequisite, task: Task, tasks: readonly Task[]): readonly Prerequisite[] {
  if (one.id !== null) return [one];
  const named = [...one.text.slice(0, 500).matchAll(reference)];
  if (named.length === 0 || one.text.replace(reference, '').replace(conditions, '').trim() !== '')
    return [one];
  const ids = named.map(([, word = '', number = '']) =>
    /^sub/i.test(word) ? numbered(task.subtasks, 'S', Number(number)) : numbered(tasks, 'T', Number(number)),
  );
  const found = ids.filter((id) => id !== null);
  return found.length === ids.length ? found.map((id) => ({ ...one, id })) : [one];
}

/** The one whose id ends in that number, else the one that stands in that place. */
function numbered(
  all: readonly { readonly id: string | null }[],
  letter: string,
  number: number,
): string | null {
  const ending = new RegExp(`${letter}0*${number}$`, 'i');
  const byId = all.find(({ id }) => id !== null && ending.test(id));
  return byId?.id ?? all[number - 1]?.id ?? null;
}
