export interface GeneratedSize {
  readonly tasks: number;
  readonly subtasksEach: number;
  readonly stepsEach: number;
}

/** A monolith of any size, with prerequisites, links and policies, whose every step has three criteria. */
export function generatedMonolith(size: GeneratedSize): string {
  return [head, ...range(size.tasks).map((task) => taskText(task, size))].join('\n');
}

/** Ids of its steps, in order. */
export function generatedSteps({ tasks, subtasksEach, stepsEach }: GeneratedSize): readonly string[] {
  return range(tasks).flatMap((task) =>
    range(subtasksEach).flatMap((subtask) =>
      range(stepsEach).map((step) => stepId(subtaskId(task, subtask), step)),
    ),
  );
}

/** Every step is bound to one command, which knows it as `SLUICE_STEP`, and is its own proof. JSON is YAML. */
export function generatedBindings({ tasks }: GeneratedSize, command: string): string {
  return JSON.stringify({
    steps: Object.fromEntries(range(tasks).map((task) => [taskId(task), { run: command, probe: true }])),
    agents: { '@builder-agent': { person: 'ann' }, '@site-lead': { person: 'bob' } },
  });
}

const head = `# Sheds

## Workflow Metadata
- **Workflow-Step**: Sheds
- **TaskID**: PHASE1-SHEDS-001
- **Step ID**: 1

## MCP Tools Required
- **edit_file**: write documents
- **run_terminal_cmd**: run commands

# Phase-01 (Strategic Level) - Building
`;

function taskText(task: number, { subtasksEach, stepsEach }: GeneratedSize): string {
  const subtasks = range(subtasksEach).map((subtask) => subtaskText(task, subtask, stepsEach));
  return `## Task-${two(task)} (Tactical Level) - Shed number ${task}
- ID: ${taskId(task)}
- Description: Put up shed number ${task}, from the ground to the roof.
- Prerequisites: ${task === 0 ? 'None' : `Task ${taskId(task - 1)} must be \`SUCCEEDED\``}

${subtasks.join('\n')}`;
}

function subtaskText(task: number, subtask: number, stepsEach: number): string {
  const id = subtaskId(task, subtask);
  const before = subtask === 0 ? 'None' : `Subtask ${subtaskId(task, subtask - 1)} must be \`SUCCEEDED\``;
  return `### Subtask-${two(subtask)} (Operational Level) - Part ${subtask} of shed ${task}
- ID: ${id}
- Description: Put up part ${subtask}.
- Prerequisites: ${before}
- Agent Assignment: \`@builder-agent\` - Primary capabilities: \`digging\`, \`measuring\`.
- Max Retries: 1
- On Failure: \`ESCALATE_TO_HUMAN (@site-lead) with building logs\`
- Steps:
${range(stepsEach)
  .map((step) => stepText(stepId(id, step)))
  .join('')}`;
}

function stepText(id: string): string {
  return `    - Step ID: ${id}
      - Command: \`Put up ${id}\`
      - Tool: \`run_terminal_cmd\`
      - Description: Measure, cut and put up what ${id} names.
      - Success Criteria:
          - Exit Code: \`0\`
          - Output Contains: \`"cut ${id}"\`
          - File Exists: \`sheds/${id}.json\`
`;
}

function taskId(task: number): string {
  return `P01-T${two(task)}`;
}

function subtaskId(task: number, subtask: number): string {
  return `${taskId(task)}-S${two(subtask)}`;
}

function stepId(subtask: string, step: number): string {
  return `${subtask}-${two(step)}`;
}

function two(index: number): string {
  return String(index + 1).padStart(2, '0');
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}
