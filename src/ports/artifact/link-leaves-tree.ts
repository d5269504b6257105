/** As many links as Linux follows in one path before it gives up; a loop never leads anywhere. */
const mostFollowed = 40;

/**
 * Whether the symbolic link at `path` leads out of its tree. `links` are all links of the tree with their targets. The
 * target is followed as the kernel would, other links included, because `..` after a link climbs from where that link
 * leads and not from where it lies. Absolute targets always leave; a target that does not exist may stay.
 */
export function linkLeavesTree(path: string, links: ReadonlyMap<string, string>): boolean {
  const here = path.split('/').slice(0, -1);
  const pending = parts(links.get(path) ?? '');
  for (let followed = 0; pending.length > 0; ) {
    const part = pending.shift() ?? '';
    if (part === absolute) return true;
    if (part === '..' && here.pop() === undefined) return true;
    if (part === '..' || part === '.' || part === '') continue;
    const next = links.get([...here, part].join('/'));
    if (next === undefined) here.push(part);
    else if (followed++ < mostFollowed) pending.unshift(...parts(next));
    else return false;
  }
  return false;
}

/** Stands for the leading slash: no name can hold one. */
const absolute = '/';

function parts(target: string): string[] {
  return target.startsWith('/') ? [absolute] : target.split('/');
}
