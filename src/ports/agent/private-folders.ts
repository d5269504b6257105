/**
 * Folders of which a confined process gets empty ones of its own. `/run` holds sockets by which others could be asked to
 * act outside of the sandbox: the session's bus, container engines.
 */
export const privateFolders: readonly string[] = ['/tmp', '/var/tmp', '/run'];

/** What must be seen of them all the same, where it is there: how names of hosts are resolved. */
export const namesOfHosts: readonly string[] = [
  '/run/systemd/resolve',
  '/run/resolvconf',
  '/run/NetworkManager/resolv.conf',
];
