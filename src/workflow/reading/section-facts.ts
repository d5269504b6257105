import { readCriterion } from './criteria.ts';
import type { Criterion, NamedDocument } from './document.ts';
import type { Entry } from './entry.ts';
import { handlesIn } from './handles.ts';
import { splitLabel, unmarked, unwrapped } from './label.ts';
import { cleanPath, linksIn, pathsIn } from './paths.ts';
import type { Problems } from './problem.ts';
import { type DocumentSection, type SectionName, sectionName } from './section.ts';
import { isToolName, readTools } from './tools.ts';

export function ofName(
  sections: readonly DocumentSection[],
  ...names: readonly SectionName[]
): readonly DocumentSection[] {
  return sections.filter(({ name }) => names.includes(name));
}

/** `Label: value` lines and rows, by their labels as printed. */
export function readMetadata(sections: readonly DocumentSection[]): Readonly<Record<string, string>> {
  const found: [string, string][] = [];
  for (const entry of ofName(sections, 'metadata').flatMap(({ entries }) => entries)) {
    if (entry.type === 'row') found.push([unwrapped(entry.cells[0] ?? ''), unwrapped(entry.cells[1] ?? '')]);
    if (entry.type !== 'item' && entry.type !== 'text') continue;
    // `**TaskID**: X | **Version**: 1` holds several.
    const parts = entry.text.split(/\s+[|·]\s+/);
    const texts = parts.every((part) => splitLabel(part)?.bold === true) ? parts : [entry.text];
    for (const labelled of texts.map(splitLabel))
      if (labelled !== null) found.push([labelled.label, unwrapped(labelled.value)]);
  }
  return Object.fromEntries(found.filter(([label]) => label !== ''));
}

/** Criteria of sections: items, rows of a table (name first), and paragraphs. */
export function readCriteria(
  sections: readonly DocumentSection[],
  names: readonly SectionName[],
  problems: Problems,
): readonly Criterion[] {
  return ofName(sections, ...names).flatMap(({ name, entries }) => {
    const items = entries.filter(({ type }) => type === 'item' || type === 'row');
    const top = items.reduce((least, { column }) => Math.min(least, column), Number.POSITIVE_INFINITY);
    const used = items.length > 0 ? items : entries.filter(({ type }) => type === 'text');
    // What stands deeper explains the criterion above it.
    const head = used.filter(
      (entry) => entry.type === 'row' || entry.column <= top + 1 || items.length === 0,
    );
    return head
      .map((entry) => criterionOfEntry(entry, name, problems))
      .filter((one) => one.text !== '' || one.label !== '');
  });
}

function criterionOfEntry(entry: Entry, name: SectionName, problems: Problems): Criterion {
  if (entry.type === 'row') {
    const [label = '', ...rest] = entry.cells.map((cell) => unwrapped(cell));
    return { label, kind: 'human', text: rest.filter((cell) => cell !== '').join(' — '), line: entry.line };
  }
  const text = 'text' in entry ? entry.text : '';
  // Names of gates and of criteria of a whole document are titles; they are no kinds of checks that could be misspelt.
  const quiet = { add: () => {} } as unknown as Problems;
  return readCriterion(text, entry.line, name === 'criteria' || name === 'gates' ? quiet : problems);
}

/** Tools that the document lists: `- **edit_file**: what for`. They are known before its steps are read. */
export function readToolList(entries: readonly Entry[]): readonly string[] {
  const tools: string[] = [];
  let level = 0;
  let within = false;
  for (const entry of entries) {
    if (entry.type === 'heading') {
      const name = sectionName(entry.text);
      within = name === 'tools' || (within && name === 'other' && entry.level > level);
      if (name === 'tools') level = entry.level;
    } else if (within && entry.type === 'text') tools.push(...readTools(entry.text).filter(isToolName));
    else if (within && (entry.type === 'item' || entry.type === 'row')) {
      const text = entry.type === 'row' ? (entry.cells[0] ?? '') : entry.text;
      const name = unmarked(splitLabel(text)?.label ?? text).split(/[\s(,]/)[0] ?? '';
      if (/^[A-Za-z][\w.-]*$/.test(name) && !/^none$/i.test(name)) tools.push(name);
    }
  }
  return tools;
}

/** Agents that the document names as responsible or supporting. */
export function readAgentSections(sections: readonly DocumentSection[]): readonly string[] {
  const texts = ofName(sections, 'primary-agent', 'supporting-agents').flatMap(({ entries }) =>
    entries.flatMap((entry) => ('text' in entry ? [entry.text] : entry.type === 'row' ? entry.cells : [])),
  );
  return [...new Set(texts.flatMap(handlesIn))];
}

/** Documents that the document counts on, with `(Replaces …)` and `(To be created)`. */
export function readNamedDocuments(sections: readonly DocumentSection[]): readonly NamedDocument[] {
  return ofName(sections, 'documents').flatMap(({ entries }) =>
    entries.flatMap((entry): readonly NamedDocument[] => {
      if (entry.type !== 'item') return [];
      const marks = /\(\s*(?:Replaces?|Supersedes)\s*[:：]?\s*([^)]+)\)/i.exec(entry.text);
      const named = linksIn(entry.text)[0] ?? pathsIn(splitLabel(entry.text)?.label ?? entry.text)[0];
      if (named === undefined) return [];
      const replaces =
        marks === null ? null : cleanPath(pathsIn(marks[1] ?? '')[0]?.path ?? unwrapped(marks[1] ?? ''));
      return [
        {
          path: named.path,
          replaces,
          toBeCreated: /\(\s*to be (?:created|written)\s*\)/i.test(entry.text),
          line: entry.line,
        },
      ];
    }),
  );
}
