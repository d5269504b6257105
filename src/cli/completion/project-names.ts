/** What sluice.yml names. */
export interface Names {
  readonly services: readonly string[];
  readonly environments: readonly string[];
  readonly roles: readonly string[];
}

/**
 * The names in the text of a sluice.yml as people write it, by its indentation: a parser of YAML takes longer to load than
 * somebody who pressed the tabulator wants to wait. Files that it includes, and flow style at the top, are left out.
 */
export function projectNames(text: string): Names {
  const names = { services: [] as string[], environments: [] as string[], roles: [] as string[] };
  let section: string | null = null;
  let depth: number | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, indent = '', key = ''] = /^(\s*)["']?([A-Za-z0-9_-]+)["']?\s*:/.exec(line) ?? [];
    if (indent === '') {
      section = key;
      depth = null;
      continue;
    }
    depth ??= indent.length;
    if (indent.length === depth && key !== '' && section !== null && section in names) {
      names[section as keyof Names].push(key);
    }
  }
  // Production is always there, written or not.
  return { ...names, environments: [...new Set([...names.environments, 'production'])] };
}
