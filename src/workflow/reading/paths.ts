import { unwrapped } from './label.ts';

/** A link of markdown: `[name](mdc:path)`, or `<path>`. */
const link = /\[([^\][]{0,300})\]\(\s*<?((?:[^()<>\n]|\([^()\n]{0,200}\)){1,600})>?\s*\)/g;

export interface NamedPath {
  readonly path: string;
  /** What the link is called; the path where it has no name. */
  readonly name: string;
}

/** Links of markdown in a text, `mdc:` and titles left out. */
export function linksIn(text: string): readonly NamedPath[] {
  return [...text.matchAll(link)].map(([, name = '', target = '']) => {
    const path = cleanPath(target.replace(/\s+"[^"]*"$/, ''));
    return { path, name: unwrapped(name) || path };
  });
}

/** Paths that a text names: its links, else what stands in code spans, else its words that look like files. */
export function pathsIn(text: string): readonly NamedPath[] {
  const links = linksIn(text);
  if (links.length > 0) return links;
  const listed = text.split(/\s*[,;]\s*/).map((part) => trimmed(unwrapped(part)));
  if (listed.length > 1 && listed.every(looksLikePath))
    return listed.map(cleanPath).map((path) => ({ path, name: path }));
  const coded = [...text.matchAll(/`([^`\n]{1,400})`/g)]
    .map(([, inside = '']) => inside.trim())
    .filter(looksLikePath);
  const found =
    coded.length > 0
      ? coded
      : text
          .split(/[\s,;]+/)
          .map(trimmed)
          .filter(looksLikePath);
  return found.map(cleanPath).map((path) => ({ path, name: path }));
}

function trimmed(word: string): string {
  return word.replace(/^[("'“„*[]+|[)"'”“*\].:,]+$/g, '');
}

export function cleanPath(path: string): string {
  return path.trim().replace(/^mdc:/, '').replace(/^\.\//, '');
}

/** With an ending like a file, or a slash; no address of the web and no sentence. */
export function looksLikePath(text: string): boolean {
  if (/^[a-z]+:\/\//i.test(text) || /^[\d.]+$/.test(text) || text === '/') return false;
  if (/\.[A-Za-z][A-Za-z\d]{0,9}$/.test(text) && !/[?!"]|^\./.test(text)) return !/^e\.g$|^i\.e$/i.test(text);
  return /^(?:[\w@.~$<>{}:-]+\/)+[\w@.~$<>{} -]*$/.test(text) || /^\.[\w-]+(?:\.\w+)*$/.test(text);
}

/** `a, b` of a documentation field; words that are no path stay as they are, so that nothing is lost. */
export function readLinks(value: string): readonly string[] {
  if (value === '' || /^(?:none|n\/?a|-)\.?$/i.test(value)) return [];
  const found = pathsIn(value);
  return found.length > 0 ? found.map(({ path }) => path) : [unwrapped(value)];
}
