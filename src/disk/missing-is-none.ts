/** For the `catch` of a call that reads a directory: no entries where it is not there. */
export function missingIsNone(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
