import { readArtifacts } from './artifacts.ts';
import { checkFacts } from './check-facts.ts';
import { conflictSides } from './conflict-sides.ts';
import type { Prerequisite, Reading, Role, WorkflowDocument } from './document.ts';
import type { Entry } from './entry.ts';
import { readFrontMatter } from './front-matter.ts';
import { generationOf } from './generation.ts';
import { agentsOf } from './handles.ts';
import { headingsOf } from './headings-of.ts';
import { withNumberedPrerequisites } from './numbered-prerequisites.ts';
import { readOutline } from './outline/read-outline.ts';
import { readPrerequisites } from './prerequisites.ts';
import { Problems } from './problem.ts';
import { readEntries } from './read-entries.ts';
import { readRole } from './role.ts';
import {
  readAgentSections,
  readCriteria,
  readMetadata,
  readNamedDocuments,
  readToolList,
} from './section-facts.ts';
import { type SourceLines, sourceLines } from './source-lines.ts';
import { readSpecKit, speaksSpecKit } from './spec-kit.ts';
import { superPromptTask } from './super-prompt.ts';
import { readTaskMaster, speaksTaskMaster } from './task-master.ts';
import { readTools } from './tools.ts';

/** Which side of a conflict to read; both are read where nobody chose. */
export type Side = 'ours' | 'theirs';

/** Reads a workflow document of any generation. Never throws, whatever the bytes: what it cannot read is a problem. */
export function readDocument(
  bytes: Uint8Array,
  { side }: { readonly side?: Side | undefined } = {},
): Reading {
  const problems = new Problems();
  const lines = sourceLines(bytes, problems);
  const found = conflictSides(lines, problems);
  if (found.conflicts === 0) return { conflicts: 0, document: readLines(lines, problems) };
  if (side !== undefined) return { conflicts: found.conflicts, document: readLines(found[side], problems) };
  return {
    conflicts: found.conflicts,
    sides: {
      ours: readLines(found.ours, new Problems(problems)),
      theirs: readLines(found.theirs, new Problems(problems)),
    },
  };
}

function readLines(lines: SourceLines, problems: Problems): WorkflowDocument {
  const document = speaksTaskMaster(lines) ? readTaskMaster(lines, problems) : readText(lines, problems);
  checkFacts(document, problems);
  return { ...document, problems: problems.sorted() };
}

function readText(lines: SourceLines, problems: Problems): WorkflowDocument {
  const front = readFrontMatter(lines, problems);
  const body = { texts: lines.texts.slice(front.length), numbers: lines.numbers.slice(front.length) };
  const entries = readEntries(body, problems);
  return speaksSpecKit(entries)
    ? readSpecKit(entries, front.values, problems)
    : readMarkdown(entries, front.values, problems);
}

function readMarkdown(
  entries: readonly Entry[],
  frontMatter: Readonly<Record<string, unknown>>,
  problems: Problems,
): WorkflowDocument {
  const section = readToolList(entries);
  const listed = section.length > 0 ? section : textsOf(frontMatter.tools).flatMap(readTools);
  const { tasks: found, sections } = readOutline(entries, { tools: listed, problems });
  const metadata = { ...readMetadata(sections), ...frontMatter };
  const generation = generationOf({ tasks: found, sections, frontMatter }, problems);
  const role = generation === 'role' ? readRole(entries, frontMatter) : null;
  if (role !== null && saysNothing(role, entries)) {
    problems.add(
      'nothing-understood',
      1,
      'neither steps nor the parts of an operator prompt were found',
      'See docs/workflow-documents.md for the shapes that are read.',
    );
  }
  const tasks =
    generation === 'super-prompt'
      ? [superPromptTask(sections, metadata)]
      : found.length > 0
        ? withNumberedPrerequisites(found)
        : [{ id: null, title: titleOf(metadata), prerequisites: [], subtasks: [], line: 1 }];
  return {
    generation,
    metadata,
    tasks: tasks.map((task) => ({
      ...task,
      prerequisites: [...task.prerequisites, ...frontPrerequisites(frontMatter)],
    })),
    artifacts: readArtifacts(sections, problems),
    documents: readNamedDocuments(sections),
    selfChecks: readCriteria(sections, ['self-check'], problems),
    documentCriteria: readCriteria(sections, ['criteria', 'gates'], problems),
    tools: listed,
    agents: [
      ...new Set([
        ...agentsOf(frontMatter.agent),
        ...agentsOf(frontMatter.orchestrator),
        ...readAgentSections(sections),
      ]),
    ],
    sections: headingsOf(entries),
    role,
    problems: [],
  };
}

/** Points to do, but no word to the agent who would do them. */
function saysNothing({ phases, gates, triggers, formats, name }: Role, entries: readonly Entry[]): boolean {
  if (phases.length + gates.length + triggers.length + formats.length > 0) return false;
  if (!entries.some((entry) => entry.type === 'item' && entry.checked !== null)) return false;
  const said = entries.some((entry) => 'text' in entry && /\byou(?: are|r)\b/i.test(entry.text));
  return !said && !/\b(?:agent|engineer|role|operator|assistant|manager|specialist)\b/i.test(name);
}

function titleOf(metadata: Readonly<Record<string, unknown>>): string | null {
  const title = metadata.title ?? metadata['Workflow-Step'];
  return typeof title === 'string' ? title.trim() : null;
}

/** What the whole document waits for. */
function frontPrerequisites(values: Readonly<Record<string, unknown>>): readonly Prerequisite[] {
  const { prerequisites, depends_on, dependencies } = values;
  return [prerequisites, depends_on, dependencies]
    .flatMap(textsOf)
    .flatMap((text) => readPrerequisites(text, 1));
}

/** A text, or each of a list. */
function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return typeof value === 'string' ? [value] : [];
}
