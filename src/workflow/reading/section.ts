import type { Entry } from './entry.ts';
import { normalised } from './field-names.ts';

/** Parts of a document that stand beside its tasks. */
export type SectionName =
  | 'metadata'
  | 'checklist'
  | 'outputs'
  | 'documents'
  | 'tools'
  | 'criteria'
  | 'gates'
  | 'self-check'
  | 'save-output'
  | 'reference'
  | 'collect'
  | 'progress'
  | 'primary-agent'
  | 'supporting-agents'
  | 'tasks'
  | 'subtasks'
  | 'steps'
  | 'super-prompt'
  | 'other';

const names: readonly (readonly [RegExp, SectionName])[] = [
  [/^(?:workflow |document |task |step )?(?:metadata|meta data|meta information)$/, 'metadata'],
  [/\bartifacts? checklist\b|\bdeliverables checklist\b|^output checklist$/, 'checklist'],
  [/^(?:output |expected |final )?(?:artifacts|deliverables)$|^(?:expected )?outputs?$/, 'outputs'],
  [
    /^(?:required|optional|reference) documents?$|^documentation (?:&|and|\/) templates$|^documentation$/,
    'documents',
  ],
  [/^(?:mcp )?tools?(?: required)?(?: \(.*\))?$|^required (?:mcp )?tools$/, 'tools'],
  [
    /^(?:overall |task |document |workflow |phase |final |project )?(?:success|acceptance|completion) criteri(?:a|on)$|^definition of done$/,
    'criteria',
  ],
  [/^quality gates?\b/, 'gates'],
  [/^self ?checks?(?: list)?$|^self (?:verification|validation)$/, 'self-check'],
  [/^save (?:the )?outputs?\b|^output to save$/, 'save-output'],
  [/^documentation references?$/, 'reference'],
  [/^collect\b.*/, 'collect'],
  [/^update (?:the )?progress\b/, 'progress'],
  [/^primary (?:responsible )?agents?$|^responsible agents?$/, 'primary-agent'],
  [/^supporting agents?$/, 'supporting-agents'],
  [/^task(?:s)?(?: breakdown| list| overview)?(?: \(detailed\))?$/, 'tasks'],
  [/^sub ?tasks?(?: breakdown| list)?(?: \(.*\))?$/, 'subtasks'],
  [/^(?:execution |implementation )?steps$/, 'steps'],
  [/^super prompts?$/, 'super-prompt'],
];

/** The part that a heading begins. */
export function sectionName(title: string): SectionName {
  const name = normalised(title);
  return names.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
}

/** Numbered points of a super-prompt, which stand as list items, bold lines or headings. */
export const prompted: ReadonlySet<SectionName> = new Set([
  'reference',
  'collect',
  'save-output',
  'progress',
  'self-check',
]);

/** Lists of the document. Their points may begin like those of a super-prompt, and their tables like steps; they are neither. */
export const listed: ReadonlySet<SectionName> = new Set([
  'metadata',
  'checklist',
  'outputs',
  'documents',
  'tools',
  'criteria',
  'gates',
  'primary-agent',
  'supporting-agents',
]);

/** A part of a document beside its tasks, with what stands in it. */
export interface DocumentSection {
  readonly name: SectionName;
  readonly title: string;
  readonly line: number;
  readonly entries: Entry[];
}
