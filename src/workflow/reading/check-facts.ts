import { baseName } from './artifacts.ts';
import type { Subtask, WorkflowDocument } from './document.ts';
import type { Problems } from './problem.ts';

/** Contradictions within one document. */
export function checkFacts(document: WorkflowDocument, problems: Problems): void {
  checkIds(document, problems);
  checkPrerequisites(document, problems);
  checkSteps(document, problems);
  checkCriteria(document, problems);
  checkMissing(document, problems);
  checkNamedDocuments(document, problems);
}

interface Named {
  readonly id: string;
  readonly line: number;
  readonly what: 'task' | 'subtask' | 'step';
}

function namesOf({ tasks }: WorkflowDocument): readonly Named[] {
  const named = (
    what: Named['what'],
    { id, line }: { readonly id: string | null; readonly line: number },
  ): readonly Named[] => (id === null ? [] : [{ id, line, what }]);
  return tasks.flatMap((task) => [
    ...named('task', task),
    ...task.subtasks.flatMap((subtask) => [
      ...named('subtask', subtask),
      ...subtask.steps.flatMap((step) => named('step', step)),
    ]),
  ]);
}

function checkIds(document: WorkflowDocument, problems: Problems): void {
  const seen = new Map<string, Named>();
  for (const name of namesOf(document)) {
    const before = seen.get(name.id);
    if (before === undefined) seen.set(name.id, name);
    else {
      problems.add(
        'duplicate-id',
        name.line,
        `the ${name.what} ${name.id} has the id of the ${before.what} in line ${before.line}`,
        'Give each its own id; they are unique within a document.',
      );
    }
  }
  const task = document.metadata.task_id ?? document.metadata.TaskID;
  for (const one of document.tasks) {
    const parent = one.id ?? (typeof task === 'string' && /^P\d/i.test(task) ? task : null);
    for (const subtask of one.subtasks) {
      checkParent(parent, subtask.id, { line: subtask.line, what: 'subtask' }, problems);
      for (const step of subtask.steps)
        checkParent(subtask.id, step.id, { line: step.line, what: 'step' }, problems);
    }
  }
}

/** `P05-T01-S02` belongs to `P05-T01`; letters in common must have numbers in common. */
function checkParent(
  parent: string | null,
  id: string | null,
  { line, what }: { readonly line: number; readonly what: string },
  problems: Problems,
): void {
  if (parent === null || id === null || id.startsWith(parent)) return;
  const marks = (text: string) =>
    new Map(
      [...text.matchAll(/([A-Z])(\d+)/g)].map(
        ([, letter = '', number = '']) => [letter, Number(number)] as const,
      ),
    );
  const [own, above] = [marks(id), marks(parent)];
  const shared = [...own].filter(([letter]) => above.has(letter) && letter !== 'S');
  if (shared.length === 0 || shared.every(([letter, number]) => above.get(letter) === number)) return;
  problems.add(
    'id-of-another-parent',
    line,
    `the ${what} ${id} stands in ${parent}, yet its id names another`,
    'Correct the id, or move it to where it belongs.',
  );
}

function checkPrerequisites(document: WorkflowDocument, problems: Problems): void {
  const known = new Map(namesOf(document).map((name) => [name.id, name]));
  const owners = document.tasks.flatMap((task) => [task, ...task.subtasks]);
  for (const owner of owners) {
    for (const { id, text, line } of owner.prerequisites) {
      if (id === null) {
        problems.add(
          'prerequisite-without-id',
          line,
          `the prerequisite "${text.slice(0, 80)}" names no id; a person has to say when it holds`,
          'Name the task or subtask that must be SUCCEEDED.',
        );
      } else if (!known.has(id)) {
        problems.add(
          'prerequisite-unknown',
          line,
          `the prerequisite ${id} is nowhere in this document`,
          'Correct the id, or read the document that has it together with this one.',
        );
      }
    }
  }
}

function checkSteps({ tasks, generation }: WorkflowDocument, problems: Problems): void {
  if (generation === 'role') return;
  for (const task of tasks) {
    if (task.subtasks.length === 0 && task.id !== null)
      problems.add(
        'task-without-subtasks',
        task.line,
        `the task ${task.id} has no subtasks`,
        'Write its subtasks below it.',
      );
  }
  const ids = new Set(tasks.flatMap((task) => [task.id, ...task.subtasks.map(({ id }) => id)]));
  for (const subtask of tasks.flatMap((task) => task.subtasks)) {
    if (subtask.steps.length === 0) {
      problems.add(
        'subtask-without-steps',
        subtask.line,
        `the subtask ${nameOf(subtask)} has no steps`,
        'Write its steps under `Steps:`.',
      );
    }
    const next = subtask.next === null ? undefined : /^[A-Z]\d+(?:-[A-Z]\d+)+-S\d+\b/.exec(subtask.next)?.[0];
    if (next !== undefined && !ids.has(next)) {
      problems.add(
        'next-subtask-unknown',
        subtask.line,
        `${nameOf(subtask)} is followed by ${next}, which is nowhere in this document`,
        'Correct the id, or read the document that has it together with this one.',
      );
    }
    for (const step of subtask.steps) {
      if (step.command === null && step.description === null) {
        problems.add(
          'step-without-command',
          step.line,
          `the step ${step.id ?? `of ${nameOf(subtask)}`} says nothing to do`,
          'Write its `Command`.',
        );
      }
      for (const { kind, text, line } of step.criteria) {
        const host =
          kind === 'http-response'
            ? /\bhttps?:\/\/([\w.-]+|<[^>]+>|\{[^}]+\}|\$\{?\w+\}?)/.exec(text)?.[1]
            : undefined;
        if (host !== undefined && isPlaceholder(host)) {
          problems.add(
            'placeholder-host',
            line,
            `the host "${host}" is a placeholder`,
            'Say under `hosts:` in the bindings file what it stands for.',
          );
        }
      }
    }
  }
}

/** Told only now: what a criterion says may stand in the lines below its label. */
function checkCriteria({ tasks, documentCriteria, selfChecks }: WorkflowDocument, problems: Problems): void {
  const subtasks = tasks.flatMap((task) => task.subtasks);
  const ofPlan = subtasks.flatMap(({ criteria, finalCriteria, steps }) => [
    ...criteria,
    ...finalCriteria,
    ...steps.flatMap((step) => step.criteria),
  ]);
  for (const { label, text, line } of [...ofPlan, ...documentCriteria, ...selfChecks]) {
    if (text === '')
      problems.add(
        'criterion-empty',
        line,
        `the criterion "${label}" says nothing`,
        'Write what has to be so.',
      );
  }
}

/** A name without a dot that is not this machine, or one that was left to fill in. */
export function isPlaceholder(host: string): boolean {
  if (/^[<{$]/.test(host)) return true;
  if (/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i.test(host)) return false;
  return !host.includes('.') || /(?:^|\.)(?:example|invalid|test)(?:\.(?:com|org|net))?$/i.test(host);
}

/** What nearly all neighbours say and one does not is missing there. */
function checkMissing({ tasks, generation }: WorkflowDocument, problems: Problems): void {
  if (generation !== 'monolith' && generation !== 'task') return;
  const subtasks = tasks.flatMap((task) => task.subtasks);
  const steps = subtasks.flatMap((subtask) => subtask.steps);
  report(
    subtasks,
    {
      id: 'ID',
      title: 'title',
      agents: 'agent',
      maxRetries: 'Max Retries',
      links: 'documentation links',
      description: 'Description',
    },
    'subtask',
    problems,
  );
  report(
    subtasks.map((one) => ({
      ...one,
      onFailure: one.onFailure.text,
      finalCriteria: one.finalCriteria,
      criteria: one.criteria,
    })),
    { onFailure: 'On Failure', finalCriteria: 'final criteria', criteria: 'Success Criteria' },
    'subtask',
    problems,
  );
  report(
    steps,
    {
      id: 'Step ID',
      command: 'Command',
      description: 'Description',
      tools: 'Tool',
      criteria: 'Success Criteria',
    },
    'step',
    problems,
  );
  report(tasks, { id: 'ID', title: 'title' }, 'task', problems);
}

function report<One extends { readonly id: string | null; readonly line: number }>(
  all: readonly One[],
  fields: Partial<Record<keyof One, string>>,
  what: string,
  problems: Problems,
): void {
  for (const [key, name] of Object.entries(fields) as [keyof One, string][]) {
    const lacks = all.filter(
      (one) => one[key] === null || (Array.isArray(one[key]) && one[key].length === 0),
    );
    // One that lacks its id among others that have theirs has lost it; other fields may well be left out by some.
    const most = key === 'id' ? all.length - 1 : all.length / 4;
    if (lacks.length === 0 || lacks.length > most) continue;
    for (const { id, line } of lacks) {
      problems.add(
        'field-missing',
        line,
        `the ${what} ${id ?? `in line ${line}`} has no ${name}, which its neighbours have`,
        `Write its \`${name}\`.`,
      );
    }
  }
}

function checkNamedDocuments({ documents, artifacts }: WorkflowDocument, problems: Problems): void {
  if (artifacts.length === 0) return;
  const listed = new Set(
    artifacts.flatMap(({ path, alternatives }) => [path, ...alternatives].map(baseName)),
  );
  for (const { path, replaces, toBeCreated, line } of documents) {
    if (replaces !== null && listed.has(baseName(replaces))) {
      problems.add(
        'replaced-still-listed',
        line,
        `${baseName(path)} replaces ${baseName(replaces)}, which is still among the artifacts`,
        'Name the new file in the list of artifacts.',
      );
    }
    if (toBeCreated && !listed.has(baseName(path))) {
      problems.add(
        'to-be-created-not-listed',
        line,
        `${baseName(path)} is to be created, but is not among the artifacts`,
        'Add it to the list of artifacts.',
      );
    }
  }
}

function nameOf({ id, title, line }: Subtask): string {
  return id ?? title ?? `in line ${line}`;
}
