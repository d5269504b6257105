import { type Confinement, type Mount, mountsOf } from './confinement.ts';
import { namesOfHosts, privateFolders } from './private-folders.ts';
import { shellQuote } from './shell-quote.ts';

/** Bubblewrap: a whole view of the machine, read-only, with holes where it may be written. */
export const bubblewrap = {
  name: 'bubblewrap',
  remedy:
    'Install bubblewrap (`apt install bubblewrap`, `dnf install bubblewrap`) and allow user namespaces where the system restricts them.',
  script(confinement: Confinement, command: string): string {
    const words = [
      ...base,
      ...mountsOf(confinement).flatMap(asArguments),
      ...last(confinement),
      '/bin/sh',
      '-c',
    ];
    return `exec bwrap ${[...words, command].map(shellQuote).join(' ')}\n`;
  },
} as const;

/** No capability is left: whatever is mounted stays. The network stays too: agents talk to their models. */
const base: readonly string[] = [
  ...['--die-with-parent', '--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts'],
  ...['--unshare-cgroup-try', '--cap-drop', 'ALL', '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
  ...privateFolders.flatMap((folder) => ['--tmpfs', folder]),
  ...namesOfHosts.flatMap((path) => ['--ro-bind-try', path, path]),
];

function asArguments({ kind, path }: Mount): readonly string[] {
  if (kind === 'hidden') return ['--tmpfs', path];
  return [kind === 'writable' ? '--bind' : '--ro-bind', path, path];
}

/** The empty folder in place of the hidden one becomes read-only once the mounts below it are made. */
function last({ workspace, hidden }: Confinement): readonly string[] {
  return ['--remount-ro', hidden, '--chdir', workspace, '--'];
}
