import { type Confinement, type Mount, mountsOf } from './confinement.ts';
import { namesOfHosts, privateFolders } from './private-folders.ts';
import { shellQuote } from './shell-quote.ts';

/** The same view as bubblewrap gives, made with the tools of util-linux alone. */
export const namespaces = {
  name: 'user namespaces',
  remedy:
    'Install bubblewrap, or let users make namespaces (`sysctl user.max_user_namespaces`, `kernel.apparmor_restrict_unprivileged_userns`).',
  script(confinement: Confinement, command: string, mountPoint: string): string {
    const { workspace, hidden } = confinement;
    return [
      outer,
      `root=${shellQuote(mountPoint)}`,
      sealing,
      ...privateFolders.map((folder) => `own ${folder}`),
      ...namesOfHosts.map((path) => `keep ${path}`),
      devices,
      ...mountsOf(confinement).map(asCommand),
      `mount -o remount,bind,ro "$root"${shellQuote(hidden)}`,
      `cd "$root" && mkdir -p tmp/.old && pivot_root . tmp/.old`,
      `umount -l /tmp/.old && rmdir /tmp/.old && cd ${shellQuote(workspace)}`,
      inner,
      `exec "$@" /bin/sh -c ${shellQuote(command)}`,
      '',
    ].join('\n');
  },
} as const;

/** The script calls itself within the namespaces; the ids of the caller are handed on. */
const outer = `if [ "$1" != inside ]; then
  exec unshare --user --map-root-user --mount --pid --ipc --uts --fork --kill-child /bin/sh "$0" inside "$(id -u)" "$(id -g)"
fi
set -e
PATH="$PATH:/usr/sbin:/sbin"`;

/**
 * A mount that came from outside keeps its other flags, or the kernel refuses; what private folders will cover is left alone.
 * Names in mountinfo have their blanks as octal numbers.
 */
const sealing = `flags_of() {
  case ",$1," in *,nosuid,*) printf ,nosuid ;; esac
  case ",$1," in *,nodev,*) printf ,nodev ;; esac
  case ",$1," in *,noexec,*) printf ,noexec ;; esac
  case ",$1," in *,noatime,*) printf ,noatime ;; *,relatime,*) printf ,relatime ;; esac
  case ",$1," in *,nodiratime,*) printf ,nodiratime ;; esac
}
mount --rbind / "$root"
while read -r id parent device from at options rest; do
  at=$(printf '%s.' "$at" | sed 's/%/%%/g') && at=$(printf "$at") && at=\${at%.}
  case "$at" in
    "$root"/proc*|"$root"/dev*|"$root"/tmp*|"$root"/var/tmp*|"$root"/run*) ;;
    "$root"|"$root"/*) mount -o "remount,bind,ro$(flags_of "$options")" "$at" ;;
  esac
done < /proc/self/mountinfo
own() { if [ -d "$root$1" ] && [ ! -L "$root$1" ]; then mount -t tmpfs -o mode=1777 tmpfs "$root$1"; fi; }
keep() {
  [ -e "$1" ] || return 0
  if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root\${1%/*}"; : > "$root$1"; fi
  mount --rbind "$1" "$root$1" && read_only "$root$1"
}
mounted() {
  while read -r id parent device from at options rest; do
    at=$(printf '%s.' "$at" | sed 's/%/%%/g') && at=$(printf "$at") && at=\${at%.}
    if [ "$at" = "$1" ]; then found=$options; fi
  done < /proc/self/mountinfo
  flags_of "$found"
}
read_only() { mount -o "remount,bind,ro$(mounted "$1")" "$1"; }
writable() { mkdir -p "$root$1"; mount --rbind "$1" "$root$1"; }
held() { mount --rbind "$1" "$root$1" && read_only "$root$1"; }
hidden() { mkdir -p "$root$1"; mount -t tmpfs -o mode=755 tmpfs "$root$1"; }`;

const devices = `mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero full random urandom tty; do
  : > "$root/dev/$name" && mount --bind "/dev/$name" "$root/dev/$name"
done
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
mkdir -m 1777 "$root/dev/shm"`;

/**
 * Without capabilities nothing that was mounted can be undone. Who was no superuser outside is none inside: in a further
 * namespace that owns none of the mounts.
 */
const inner = `if [ "$2" = 0 ]; then set -- setpriv --no-new-privs --bounding-set=-all --inh-caps=-all
else set -- unshare --user --map-user="$2" --map-group="$3" setpriv --no-new-privs --inh-caps=-all
fi`;

function asCommand({ kind, path }: Mount): string {
  const does = { writable: 'writable', 'read-only': 'held', hidden: 'hidden' }[kind];
  return `${does} ${shellQuote(path)}`;
}
