/**
 * A document with the shapes of a large one, where that is not at hand: 102 steps whose criteria are files with a phrase, sentences
 * of commands, and here and there something that lives.
 */
export function generatedDocument(): string {
  const subtasks = Array.from({ length: 20 }, (_, index) => subtask(index));
  return `# Harbour

## Workflow Metadata
- **Workflow-Step**: Harbour

## MCP Tools Required
- **edit_file**: write
- **run_terminal_cmd**: run

# Phase-01 (Strategic Level) - Works

## Task-01 (Tactical Level) - Piers
- ID: P01-T01
- Prerequisites: None

${subtasks.join('\n')}`;
}

const steps = 102;
const topics = ['mooring', 'dredging', 'lighting', 'fencing', 'pumping', 'craning', 'salvage', 'pilotage'];
const forms = ['md', 'yml', 'json', 'tf', 'md', 'yml'];

function subtask(index: number): string {
  const first = Math.round((index * steps) / 20);
  const next = Math.round(((index + 1) * steps) / 20);
  const id = `P01-T01-S${String(index + 1).padStart(2, '0')}`;
  const own = Array.from({ length: next - first }, (_, at) => step(`${id}-0${at + 1}`, first + at));
  return `### Subtask (Operational Level) - ${id}
- ID: ${id}
- Prerequisites: None
- Max Retries: 0
- On Failure: \`ESCALATE_TO_HUMAN (@harbour-master) with logs\`
- Steps:
${own.join('')}`;
}

function step(id: string, place: number): string {
  const topic = topics[place % topics.length] ?? '';
  const [tool, criteria] = shapeOf(place, topic);
  return `    - Step ID: ${id}
      - Command: \`Establish ${topic} procedure ${place} with schedules and tariffs\`
      - Tool: \`${tool}\`
      - Description: Provide ${topic} for the harbour.
      - Success Criteria:
${criteria.map((one) => `          - ${one}`).join('\n')}
`;
}

function shapeOf(place: number, topic: string): readonly [string, readonly string[]] {
  const exit = 'Exit Code: `0`';
  const file = `${topic}-${place}.${forms[place % forms.length]}`;
  if (place === 7) return ['edit_file', [`File Exists: \`${file}\``, 'Process Running: `tide-service`']];
  if (place === 8) return ['run_terminal_cmd', [exit, 'Unit Test Pass: `pier-tests`']];
  if (place === 9)
    return ['run_terminal_cmd', [exit, 'Container Orchestration Pass: `kubernetes-orchestration`']];
  if (place % 25 === 10)
    return ['run_terminal_cmd', [exit, 'HTTP Response: `GET http://test-env/health returns HTTP 200 OK`']];
  if (place % 3 === 0) return ['run_terminal_cmd', [exit, `Output Contains: \`"${topic} established"\``]];
  return ['edit_file', [`File Exists: \`${file}\``, `File Content Matches: \`${topic}.*schedule.*tariff\``]];
}
