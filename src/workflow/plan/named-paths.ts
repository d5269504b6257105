import { baseName } from '../reading/artifacts.ts';
import { cleanPath, looksLikePath } from '../reading/paths.ts';

/** Where files may lie that a document calls by a name. */
export interface PathPlaces {
  /** Paths of documents and artifacts as they are linked to: those of the subtask, then those of its document. */
  readonly links: readonly LinkedPaths[];
  /** Folders in which names are looked for. */
  readonly roots: readonly string[];
}

/** Paths by the name of their file: a large document has as many links as criteria that ask for them. */
export class LinkedPaths {
  readonly #byName = new Map<string, string[]>();

  constructor(links: Iterable<string>) {
    for (const link of new Set([...links].map(plainPath))) {
      const paths = this.#byName.get(baseName(link));
      if (paths === undefined) this.#byName.set(baseName(link), [link]);
      else paths.push(link);
    }
  }

  /** Those that are the path, or end with it. */
  ending(path: string): readonly string[] {
    const named = this.#byName.get(baseName(path)) ?? [];
    return named.filter((link) => link === path || link.endsWith(`/${path}`));
  }
}

/** Every path that a name may mean, the likeliest first: links of the document, declared roots, the workspace itself. */
export function candidatesOf(name: string, { links, roots }: PathPlaces): readonly string[] {
  const path = plainPath(name);
  const linked = links.flatMap((one) => one.ending(path));
  return [...new Set([...linked, ...roots.map((root) => (root === '' ? path : `${root}/${path}`)), path])];
}

function plainPath(path: string): string {
  return cleanPath(path).replace(/#.*$/, '').replace(/\/+$/, '');
}

/** Paths that a criterion names: `` `a.md` or `b.md` ``, `a.md exists`, `src/routes/`, `A/B-testing-config.yml`. */
export function pathsNamed(text: string): readonly string[] {
  const links = [...text.matchAll(/\]\(\s*<?([^()\s<>]{1,400})>?\s*\)/g)].map(([, target = '']) => target);
  if (links.length > 0) return [...new Set(links.map(cleanPath))];
  const coded = [...text.matchAll(/[`"“]([^`"”\n]{1,400})[`"”]/g)]
    .map(([, inside = '']) => inside.trim())
    .filter((inside) => isPath(inside) || /^[\w@.-]+\/$/.test(inside));
  if (coded.length > 0) return [...new Set(coded.map(cleanPath))];
  // A code span around the whole was taken off already: `docs/the plan.md` is one path.
  const whole = text.trim();
  if (
    /^[\w@.~-]+\/(?:[\w@.~/-]+ ){1,8}[\w@.~/-]+\.[A-Za-z]\w{0,9}$/.test(whole) &&
    !/ (?:or|and|exists?) /i.test(whole)
  )
    return [cleanPath(whole)];
  const words = text
    .split(/[\s,;]+/)
    .map((word) => word.replace(/^[("'“„*[]+|[)"'”“*\]:,]+$|\.$/g, ''))
    .filter((word) => isPath(word));
  return [...new Set(words.map(cleanPath))];
}

function isPath(text: string): boolean {
  // A path in a code span may hold blanks; the word `and/or` is none.
  return (
    (looksLikePath(text) || /^(?:Dockerfile|Makefile|Jenkinsfile|LICENSE|README)$/.test(text)) &&
    !/^(?:and\/or|n\/a)$/i.test(text)
  );
}

/** `a.md and b.md`, `` `a.md`, `b.md` ``: each of them; null where there is one, or where one of several is enough. */
export function eachNamed(text: string): readonly string[] | null {
  if (/\b(?:or|either|any of)\b|\|/i.test(text)) return null;
  const parts = text
    .split(/\s*(?:,\s*and\b|,|;|\band\b|&)\s*/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length < 2) return null;
  const named = pathsNamed(text);
  if (named.length === parts.length) return named;
  // Folders may be words alone.
  const words = parts.map((part) => part.replace(/[`"]/g, ''));
  return words.every((word) => /^[\w@.-]+(?:\/[\w@.-]+)*\/?$/.test(word)) ? words : null;
}
