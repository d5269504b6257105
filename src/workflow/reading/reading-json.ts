import type { Criterion, Reading, Subtask, Task, WorkflowDocument } from './document.ts';

/** One side of a file as `check --json` prints it; docs/workflow-documents.md describes each key. */
export function documentJson(document: WorkflowDocument): Readonly<Record<string, unknown>> {
  const { generation, metadata, role } = document;
  return {
    generation,
    metadata,
    ...(role === null ? {} : { role }),
    tasks: document.tasks.map(taskJson),
    artifacts: document.artifacts.map(({ path, name, checked, alternatives, schema }) => ({
      path,
      name,
      checked,
      alternatives,
      schema,
    })),
    selfChecks: document.selfChecks.map(criterionJson),
    documentCriteria: document.documentCriteria.map(criterionJson),
    sections: document.sections,
    counts: countsOf(document),
    problems: document.problems.map(({ code, line, message }) => ({ code, line, message })),
  };
}

/** A whole file. With two sides, what stands beside `sides` is what both agree on, and no task of either. */
export function readingJson(reading: Reading): Readonly<Record<string, unknown>> {
  if ('document' in reading) {
    const { generation, metadata, ...rest } = documentJson(reading.document);
    return { generation, metadata, conflicts: reading.conflicts, ...rest };
  }
  const { ours, theirs } = reading.sides;
  const agreed = Object.entries(ours.metadata).filter(
    ([key, value]) => JSON.stringify(theirs.metadata[key]) === JSON.stringify(value),
  );
  return {
    generation: ours.generation === theirs.generation ? ours.generation : null,
    metadata: Object.fromEntries(agreed),
    conflicts: reading.conflicts,
    sides: { ours: documentJson(ours), theirs: documentJson(theirs) },
    tasks: [],
    artifacts: [],
    selfChecks: [],
    documentCriteria: [],
    sections: [],
    counts: { tasks: 0, subtasks: 0, steps: 0, criteria: 0, artifacts: 0 },
    problems: [
      {
        code: 'conflict',
        line: 1,
        message: `the file has ${reading.conflicts} unresolved ${reading.conflicts === 1 ? 'conflict' : 'conflicts'}; both sides were read, and --side chooses one`,
      },
    ],
  };
}

export interface Counts {
  readonly tasks: number;
  readonly subtasks: number;
  readonly steps: number;
  /** Those of steps. */
  readonly criteria: number;
  readonly artifacts: number;
}

export function countsOf({ tasks, artifacts }: WorkflowDocument): Counts {
  const subtasks = tasks.flatMap((task) => task.subtasks);
  const steps = subtasks.flatMap((subtask) => subtask.steps);
  const criteria = steps.reduce((sum, step) => sum + step.criteria.length, 0);
  return {
    tasks: tasks.length,
    subtasks: subtasks.length,
    steps: steps.length,
    criteria,
    artifacts: artifacts.length,
  };
}

function taskJson({ id, title, prerequisites, subtasks, status, parallel }: Task) {
  return {
    id,
    title,
    prerequisites: prerequisites.map((one) => one.id ?? one.text),
    ...optional(status, parallel),
    subtasks: subtasks.map(subtaskJson),
  };
}

function subtaskJson(subtask: Subtask) {
  const { id, title, agents, capabilities, links, maxRetries, onFailure, status, parallel } = subtask;
  return {
    id,
    title,
    agents,
    capabilities,
    prerequisites: subtask.prerequisites.map((one) => one.id ?? one.text),
    links,
    maxRetries,
    onFailure,
    ...optional(status, parallel),
    criteria: subtask.criteria.map(criterionJson),
    finalCriteria: subtask.finalCriteria.map(criterionJson),
    steps: subtask.steps.map((step) => ({
      id: step.id,
      command: step.command,
      description: step.description,
      tools: step.tools,
      criteria: step.criteria.map(criterionJson),
    })),
  };
}

function optional(status: string | undefined, parallel: boolean | undefined) {
  return { ...(status === undefined ? {} : { status }), ...(parallel === undefined ? {} : { parallel }) };
}

function criterionJson({ label, kind, text }: Criterion) {
  return { label, kind, text };
}
