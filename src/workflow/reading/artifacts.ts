import type { Artifact } from './document.ts';
import type { Entry } from './entry.ts';
import { splitLabel, unwrapped } from './label.ts';
import { cleanPath, linksIn, looksLikePath, pathsIn } from './paths.ts';
import { type Problems, shortened } from './problem.ts';
import { readShorthand, shorthandIn } from './schema-shorthand.ts';
import type { DocumentSection } from './section.ts';
import { ofName } from './section-facts.ts';

/** Files that a document promises: its checklist, what its super-prompt saves, else its list of output artifacts. */
export function readArtifacts(sections: readonly DocumentSection[], problems: Problems): readonly Artifact[] {
  const checklist = ofName(sections, 'checklist').flatMap(({ entries }) => fromList(entries, problems));
  const saved = ofName(sections, 'save-output').flatMap(({ entries }) => fromSaved(entries, problems));
  const outputs = ofName(sections, 'outputs').flatMap(({ entries }) => fromList(entries, problems));
  const firm = merged([...checklist, ...saved]);
  if (firm.length === 0) return merged(outputs);
  const known = new Set(firm.flatMap(({ path, alternatives }) => [path, ...alternatives]));
  for (const { path, line } of outputs) {
    if (known.has(path)) continue;
    const twin = firm.find((one) => baseName(one.path) === baseName(path));
    problems.add(
      twin === undefined ? 'artifact-not-in-checklist' : 'artifact-path-differs',
      line,
      twin === undefined
        ? `${path} is an output artifact, but the checklist does not have it`
        : `${path} stands in the checklist as ${twin.path}`,
      'Name the same files in both lists.',
    );
  }
  return firm;
}

/** The same path once; a later mention adds what an earlier one does not say. */
function merged(artifacts: readonly Artifact[]): readonly Artifact[] {
  const byPath = new Map<string, Artifact>();
  for (const artifact of artifacts) {
    const known = byPath.get(artifact.path);
    byPath.set(
      artifact.path,
      known === undefined
        ? artifact
        : { ...known, checked: known.checked || artifact.checked, schema: known.schema ?? artifact.schema },
    );
  }
  return [...byPath.values()];
}

/** `- [ ] PATH — NAME (missing)`, `1. **File.md**: what it is`, `- [name](mdc:path)`, rows of a table. */
function fromList(entries: readonly Entry[], problems: Problems): readonly Artifact[] {
  const items = entries.filter(({ type }) => type === 'item');
  const top = items.reduce((least, { column }) => Math.min(least, column), Number.POSITIVE_INFINITY);
  return entries.flatMap((entry): readonly Artifact[] => {
    if (entry.type !== 'item' && entry.type !== 'row') return [];
    // What stands deeper and names no file explains the one above it.
    if (entry.type === 'item' && entry.column > top + 1 && pathsIn(entry.text).length === 0) return [];
    const text = entry.type === 'row' ? rowText(entry.cells) : entry.text;
    const checked =
      entry.type === 'item' ? entry.checked === true : entry.cells.some((cell) => /\[[xX✓✔]\]/u.test(cell));
    const found = artifactsOf(text, { checked, line: entry.line });
    const [artifact] = found;
    if (artifact === undefined) {
      problems.add(
        'artifact-not-understood',
        entry.line,
        `"${shortened(text)}" names no file`,
        'Write `- [ ] path — name (missing)`.',
      );
      return [];
    }
    const mark = /\((missing|exists|present|created|done)\)\s*$/i.exec(text)?.[1]?.toLowerCase();
    if (mark !== undefined && (mark === 'missing') === checked) {
      problems.add(
        'artifact-mark-contradicts',
        entry.line,
        `${artifact.path} is ${checked ? 'ticked' : 'not ticked'}, yet marked "${mark}"`,
        'Correct the tick or the mark.',
      );
    }
    return found;
  });
}

/** A row as the line of a list: the box has a column of its own, the path stands before its name. */
function rowText(cells: readonly string[]): string {
  const filled = cells.filter((cell) => !/^\s*(?:\[[ xX✓✔]?\]\s*)?$/u.test(cell));
  const at = filled.findIndex((cell) => linksIn(cell).length > 0 || looksLikePath(unwrapped(cell)));
  return filled.slice(Math.max(0, at), Math.max(0, at) + 2).join(' — ');
}

/** What one line promises: one file, with its alternatives, or several where it lists them. Empty for what is struck out. */
function artifactsOf(
  text: string,
  { checked, line }: { readonly checked: boolean; readonly line: number },
): readonly Artifact[] {
  const bare = text
    .replace(/\s*\((?:missing|exists|present|created|done|to be created|optional|required)\)\s*$/i, '')
    .trim();
  if (bare.startsWith('~~')) return [];
  const dash = /^(.+?)(?:\s+(?:—|–|--|-)\s+|\s*—\s*)(.*)$/s.exec(bare);
  const links = linksIn(bare);
  const label = splitLabel(bare);
  // `Report: docs/Report.md` names the file behind its label, `docs/Report.md: the report` before it.
  const behind =
    dash === null && label !== null && !looksLikePath(label.label) && looksLikePath(unwrapped(label.value));
  const before = dash !== null && !/\]\([^)]*$/.test(dash[1] ?? '') ? (dash[1] ?? '') : label?.label;
  const head = unquoted((behind ? label.value : before) ?? bare);
  const listed = links.length === 0 ? listedIn(head) : [];
  const printed = (dash?.[2] ?? (behind ? label.label : '')).trim();
  if (listed.length > 1)
    return listed.map((path) => ({
      path,
      name: nameOf(path),
      checked,
      alternatives: [],
      schema: null,
      line,
    }));
  const paths = links.length > 0 ? links.map(({ path }) => path) : alternativesOf(head);
  const [path, ...alternatives] = paths.length > 0 ? paths : [unwrapped(head)];
  if (path === undefined || path === '') return [];
  const name = links[0]?.name ?? (printed === '' ? nameOf(path) : printed);
  return [{ path, name, checked, alternatives, schema: null, line }];
}

/** `` `a.md`, `b.md` and `c.md` ``: all of them. */
function listedIn(text: string): readonly string[] {
  const parts = text.split(/\s*(?:[,;&]|\band\b)\s*/).map((part) => unwrapped(part));
  return parts.every(looksLikePath) ? parts.map(cleanPath) : [];
}

function unquoted(text: string): string {
  const [, , inside] =
    /^(["'“„])(.*)["'”“]$/s.exec(text.trim()) ?? /^([_*])(?!\1)(\S+)(?<!\1)\1$/.exec(text.trim()) ?? [];
  return inside ?? text;
}

/** `` `a` or `b` ``, `a or b`. */
function alternativesOf(text: string): readonly string[] {
  const parts = text
    .replace(/^either\s+/i, '')
    .split(/\s+(?:\*{0,2}or\*{0,2}|oder|\/)\s+|\s*\|\s*/)
    .map((part) => unwrapped(part.trim()));
  if (parts.every(looksLikePath)) return parts.map(cleanPath);
  return /\s/.test(unwrapped(text)) ? pathsIn(text).map(({ path }) => path) : [];
}

/** The points under `Save Output`: a file each, with its schema, or a schema for all JSON files above. */
function fromSaved(entries: readonly Entry[], problems: Problems): readonly Artifact[] {
  const artifacts: Artifact[] = [];
  let before = '';
  for (const one of entries) {
    const entry = one.type === 'row' ? { ...one, type: 'text' as const, text: one.cells.join(' ') } : one;
    if (entry.type === 'code') fromExample(artifacts, { ...entry, about: before }, problems);
    if (entry.type !== 'item' && entry.type !== 'text') continue;
    before = entry.text;
    const shorthand = shorthandIn(entry.text);
    const said = shorthand === null ? entry.text : entry.text.slice(0, shorthand.from);
    const schema = shorthand === null ? null : readShorthand(shorthand.text, entry.line, problems);
    const named = savedPaths(said);
    // `Save all files to docs/:` says where, and the files follow.
    if (/[:：]$/.test(said) && named.length > 0 && named.every((path) => path.endsWith('/'))) continue;
    if (named.length === 0 && shorthand !== null) {
      forAll(artifacts, schema);
      continue;
    }
    if (named.length === 0) {
      if (entry.type === 'item' && !/\bschema\b|[:：]$/i.test(entry.text)) {
        problems.add(
          'output-not-understood',
          entry.line,
          `"${shortened(entry.text)}" names no file to save`,
          'Name the file with its path.',
        );
      }
      continue;
    }
    const checked = entry.type === 'item' && entry.checked === true;
    const together = /\s(?:or|oder)\s/.test(said);
    const [first, ...others] = named;
    if (first === undefined) continue;
    if (together)
      artifacts.push({
        path: first,
        name: nameOf(first),
        checked,
        alternatives: others,
        schema,
        line: entry.line,
      });
    else
      for (const path of named)
        artifacts.push({ path, name: nameOf(path), checked, alternatives: [], schema, line: entry.line });
  }
  return artifacts;
}

/** A schema that names no file counts for every JSON file above it that has none. */
function forAll(artifacts: Artifact[], schema: unknown): void {
  for (const [index, artifact] of artifacts.entries())
    if (/\.json$/i.test(artifact.path)) artifacts[index] = { ...artifact, schema: artifact.schema ?? schema };
}

/** Without the `(JSON)` or `(Markdown)` at the end. */
function savedPaths(text: string): readonly string[] {
  const bare = text.replace(/\(\s*[A-Za-z ]{0,20}\s*[,:(]?\s*(?:schema\s*[:：]?)?\s*\)?\s*$/i, '').trim();
  return [...new Set(pathsIn(bare).map(({ path }) => path))];
}

/** A block of JSON: one schema for all JSON files, or one for each below `// file.json`. */
function fromExample(
  artifacts: Artifact[],
  code: { readonly text: string; readonly line: number; readonly about: string },
  problems: Problems,
): void {
  if (!/[{[]/.test(code.text)) {
    for (const line of code.text.split('\n')) {
      const path = cleanPath(line);
      if (looksLikePath(path) && !path.endsWith('/'))
        artifacts.push({
          path,
          name: nameOf(path),
          checked: false,
          alternatives: [],
          schema: null,
          line: code.line,
        });
    }
    return;
  }
  for (const part of code.text.split(/^(?=\s*(?:\/\/|#)\s*\S+\.\w+)/m)) {
    const name = /^\s*(?:\/\/|#)\s*(\S+\.\w+)/.exec(part)?.[1];
    const body = part.replace(/^\s*(?:\/\/|#).*$/gm, '').trim();
    if (body === '') continue;
    const schema = readShorthand(body, code.line, problems);
    if (name === undefined && /\b(?:both|all|each|every)\b/i.test(code.about)) {
      forAll(artifacts, schema);
      continue;
    }
    const target = artifacts.findIndex(({ path }) => name !== undefined && baseName(path) === baseName(name));
    const only = artifacts.filter(({ path }) => /\.json$/i.test(path));
    const chosen = artifacts[target] ?? (only.length === 1 ? only[0] : bestNamed(only, code.about));
    if (chosen === undefined) {
      problems.add(
        'schema-without-file',
        code.line,
        'an example of JSON stands here, and it is not said for which file',
        'Write `// File.json` above it.',
      );
      continue;
    }
    artifacts[artifacts.indexOf(chosen)] = { ...chosen, schema: chosen.schema ?? schema };
  }
}

/** The one file whose name shares the most words with what is said above an example. */
function bestNamed(artifacts: readonly Artifact[], about: string): Artifact | undefined {
  const words = new Set(about.toLowerCase().match(/[a-z]{4,}/g) ?? []);
  const scores = artifacts.map((artifact) => {
    const own =
      baseName(artifact.path)
        .toLowerCase()
        .match(/[a-z]{4,}/g) ?? [];
    return { artifact, score: own.filter((word) => word !== 'json' && words.has(word)).length };
  });
  const [best, next] = scores.sort((one, other) => other.score - one.score);
  return best !== undefined && best.score > (next?.score ?? 0) ? best.artifact : undefined;
}

/** `config/A/B-tests.yml` is called `A/B-tests.yml`: the slash in it parts no folders. */
function nameOf(path: string): string {
  return /(?:^|\/)(A\/B[^/]*)$/.exec(path)?.[1] ?? baseName(path);
}

export function baseName(path: string): string {
  return path.replace(/\/+$/, '').split('/').at(-1) ?? path;
}
