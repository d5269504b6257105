/** For the `catch` of a call that reads a directory or asks for a file: none where it is not there. */
export function missingIsNone(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
