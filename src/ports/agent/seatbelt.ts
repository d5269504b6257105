import type { Confinement } from './confinement.ts';
import { shellQuote } from './shell-quote.ts';

/**
 * The sandbox of macOS. The last rule that fits a path decides. There is no private `/tmp`: it cannot be written, and
 * `TMPDIR` leads to the scratch folder.
 */
export const seatbelt = {
  name: 'sandbox-exec',
  remedy: 'Check that /usr/bin/sandbox-exec is there, and that Sluice is not itself confined by it.',
  script(confinement: Confinement, command: string): string {
    const { workspace, scratch } = confinement;
    const words = ['/usr/bin/sandbox-exec', '-p', profileOf(confinement), '/bin/sh', '-c', command];
    return `cd ${shellQuote(workspace)} && export TMPDIR=${shellQuote(scratch)} && exec ${words.map(shellQuote).join(' ')}\n`;
  },
} as const;

const devices = ['/dev/null', '/dev/zero', '/dev/tty', '/dev/dtracehelper'];

function profileOf({ workspace, scratch, held, hidden }: Confinement): string {
  const rules = [
    '(version 1)',
    '(allow default)',
    '(deny file-write*)',
    `(allow file-write* ${devices.map((path) => `(literal ${quoted(path)})`).join(' ')})`,
    `(deny file-read* network-outbound ${below(hidden)})`,
    `(allow file-read* file-write* ${below(workspace)} ${below(scratch)})`,
    // The state directory may lie in the workspace, and scratch in the state directory.
    ...(hidden.startsWith(`${workspace}/`) ? [`(deny file-read* file-write* ${below(hidden)})`] : []),
    `(allow file-read* file-write* ${below(scratch)})`,
    ...held.map((path) => `(deny file-write* ${below(path)})`),
    ...held.map((path) => `(deny file-write-unlink ${ancestors(workspace, path)})`),
    '(deny signal (target others))',
  ];
  return rules.join('\n');
}

function below(path: string): string {
  return `(subpath ${quoted(path)})`;
}

/** The folder that holds it must not be renamed either. */
function ancestors(workspace: string, path: string): string {
  const names = path.slice(workspace.length + 1).split('/');
  const folders = names.map((_, count) => [workspace, ...names.slice(0, count)].join('/'));
  return folders.map((folder) => `(literal ${quoted(folder)})`).join(' ');
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
