/**
 * A path with one character for each byte, because names on a disk need not be UTF-8. Below a root it is relative, with `/`
 * between the names, and '' is the root itself. Sorted as text it is sorted by bytes, parents before what they hold.
 */
export type BytePath = string;

export function bytePathOf(text: string): BytePath {
  return Buffer.from(text).toString('latin1');
}

/** For people; bytes that are no UTF-8 are shown as U+FFFD. */
export function textOf(path: BytePath): string {
  return Buffer.from(path, 'latin1').toString();
}

/** What the functions of `node:fs` take. */
export function onDisk(root: string, path: BytePath): Buffer {
  return path === ''
    ? Buffer.from(root)
    : Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')]);
}

export function below(directory: BytePath, name: string): BytePath {
  return directory === '' ? name : `${directory}/${name}`;
}

/** The directory that holds it; '' for what lies in the root. */
export function parentOf(path: BytePath): BytePath {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
