/** What the bullets of tasks, subtasks and steps are called, whichever words a document uses. */
export type Field =
  | 'id'
  | 'step-id'
  | 'title'
  | 'description'
  | 'prerequisites'
  | 'agent'
  | 'capabilities'
  | 'links'
  | 'max-retries'
  | 'on-failure'
  | 'steps'
  | 'criteria'
  | 'final-criteria'
  | 'next'
  | 'command'
  | 'tool'
  | 'status'
  | 'note';

const words: Readonly<Record<Field, readonly string[]>> = {
  id: ['id', 'subtask id', 'sub task id', 'task id', 'taskid', 'subtaskid', 'identifier'],
  'step-id': ['step id', 'stepid', 'step identifier', 'step no', 'step number'],
  title: ['title', 'name'],
  description: ['description', 'desc', 'beschreibung'],
  prerequisites: [
    'prerequisites',
    'prerequisite',
    'pre requisites',
    'pre requisite',
    'depends on',
    'dependencies',
    'requires',
    'preconditions',
  ],
  agent: [
    'agent',
    'agents',
    'agent assignment',
    'agent assignments',
    'assigned agent',
    'assigned agents',
    'assigned to',
    'responsible agent',
    'primary agent',
    'primary responsible agent',
    'agent(s)',
  ],
  capabilities: ['capabilities', 'capabilities required', 'required capabilities', 'primary capabilities'],
  links: [
    'documentation links',
    'documentation link',
    'documentation',
    'docs',
    'documents',
    'references',
    'reference',
    'documentation references',
    'documentation reference',
    'document links',
    'links',
    'doc links',
  ],
  'max-retries': [
    'max retries',
    'max. retries',
    'maximum retries',
    'max retry',
    'retries',
    'maxretries',
    'retry limit',
  ],
  'on-failure': ['on failure', 'onfailure', 'failure policy', 'on error', 'if failed', 'in case of failure'],
  steps: ['steps', 'step list', 'execution steps', 'steps to execute', 'schritte'],
  criteria: [
    'success criteria',
    'success criterion',
    'acceptance criteria',
    'acceptance criterion',
    'success',
    'acceptance',
    'criteria',
    'erfolgskriterien',
  ],
  'final-criteria': [
    'final subtask success criteria',
    'final success criteria',
    'subtask success criteria',
    'final criteria',
    'final subtask success criterion',
    'final task success criteria',
  ],
  next: ['next subtask', 'next task', 'next', 'next step', 'next subtask(s)'],
  command: ['command', 'commands', 'cmd', 'action', 'befehl'],
  tool: [
    'tool',
    'tools',
    'tool(s)',
    'mcp tool',
    'mcp tools',
    'mcp tool(s)',
    'mcp tool(s) to use',
    'mcp tools to use',
    'tools required',
    'mcp tools required',
    'tool to use',
  ],
  status: ['status', 'state'],
  note: [
    'integration points',
    'integration point',
    'estimated duration',
    'duration',
    'estimate',
    'estimated time',
    'agent prompt',
    'prompt',
    'verification steps',
    'timeout',
    'priority',
    'notes',
    'note',
    'input',
    'inputs',
    'output',
    'outputs',
    'artifacts',
    'output artifacts',
    'rollback',
    'rollback procedure',
    'previous subtask',
    'previous step',
    'previous task',
    'objective',
    'goal',
    'supporting agents',
    'owner',
    'type',
    'tags',
    'complexity',
    'deliverables',
    'expected output',
    'parameters',
    'environment',
    'working directory',
    'completion action',
    'post completion action',
    'risk',
    'risks',
    'rationale',
    'integration',
  ],
};

const fields: ReadonlyMap<string, Field> = new Map(
  (Object.entries(words) as [Field, readonly string[]][]).flatMap(([field, names]) =>
    names.map((name) => [name, field] as const),
  ),
);

/** The field that a label names, however it is written: `Max Retries`, `max_retries`, `MAX-RETRIES`. */
export function fieldOf(label: string): Field | null {
  // Most labels are written as they stand above, and there are millions of lines in a large document.
  const quick = fields.get(label.toLowerCase());
  if (quick !== undefined) return quick;
  return label.length > 60 ? null : (fields.get(normalised(label)) ?? null);
}

/** Lower case, emoji and numbering at the front left out, one blank between words. */
export function normalised(label: string): string {
  return label
    .slice(0, 120)
    .toLowerCase()
    .replace(/[*`]/g, '')
    .replace(/[_\s-]+/g, ' ')
    .replace(/^[^\p{L}\d]+/u, '')
    .replace(/^\d+(?:\.\d+)*[.)]?\s+(?=\p{L})/u, '')
    .replace(/[\s:：.]+$/u, '')
    .trim();
}
