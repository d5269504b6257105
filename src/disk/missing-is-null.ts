/** For the `catch` of a call that reads or looks at one file: null where it is not there. */
export function missingIsNull(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
