/**
 * A matcher of relative paths with `/`: `*` and `?` stay within a name, `**` crosses folders, `{a,b}` chooses. Names that begin
 * with a dot match like all others, and a folder that matches holds for everything below it.
 */
export function globMatcher(globs: readonly string[], ignoreCase = false): (path: string) => boolean {
  const forms = globs.map(
    (glob) => new RegExp(`^(?:${patternOf(trimmed(glob))})(?:/.*)?$`, ignoreCase ? 'is' : 's'),
  );
  return (path) => forms.some((form) => form.test(path));
}

/** The leading folders of a glob that are plain names: whatever matches lies below them, or is them. */
export function plainPrefix(glob: string): string {
  const names = trimmed(glob).split('/');
  const first = names.findIndex((name) => /[*?{]/.test(name));
  return names.slice(0, first === -1 ? names.length : first).join('/');
}

/** `./QA/` and `/QA` mean `QA`; a trailing `/**` protects the folder with what is in it. */
function trimmed(glob: string): string {
  return glob
    .replace(/(?:\*\*\/)+/g, '**/')
    .replace(/^(?:\.?\/)+/, '')
    .replace(/(?<=[^*/])(?:\/+(?:\*\*)?)+$/, '');
}

function patternOf(glob: string): string {
  const tokens = /\*\*\/|\*\*|\*|\?|\{|\}|,|[^*?{},]+/g;
  let depth = 0;
  return (glob.match(tokens) ?? []).map(translate).join('') + ')'.repeat(depth);

  function translate(token: string): string {
    if (token === '**/') return '(?:[^/]+/)*';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (token === '{') {
      depth += 1;
      return '(?:';
    }
    if (token === '}' && depth > 0) {
      depth -= 1;
      return ')';
    }
    if (token === ',' && depth > 0) return '|';
    return token.replace(/[\\^$.+()[\]{}|]/g, '\\$&');
  }
}
