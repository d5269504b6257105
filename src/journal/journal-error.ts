import { SluiceError } from '../base/sluice-error.ts';

const busyCodes = [5, 6];
/** SQLITE_IOERR_SHMSIZE: the shared-memory file beside the journal could not grow. */
const sharedMemorySize = 4874;

/** Whether another connection holds a lock that ends by itself. */
export function isBusy(error: unknown): boolean {
  return busyCodes.includes(sqliteCode(error) & 0xff);
}

/** Gives what SQLite or the file system threw a code and a remedy; errors that have them pass through. */
export function asJournalError(error: unknown, directory: string): unknown {
  if (error instanceof SluiceError) return error;
  const code = sqliteCode(error);
  const name = (error as { code?: unknown } | null)?.code;
  if ((code & 0xff) === 13 || code === sharedMemorySize || name === 'ENOSPC' || name === 'EDQUOT')
    return diskFull(directory, error);
  if (isBusy(error)) return locked(directory, error);
  // The statements are fixed, so that an error in one (1) means that the tables are no longer those of a journal.
  if ([1, 11, 26].includes(code & 0xff))
    return damaged({ directory, reason: `SQLite says: ${(error as Error).message}.`, cause: error });
  if (code > 0 || typeof name === 'string') return unusable(directory, error);
  return error;
}

export function cutOff(directory: string, reason: string): SluiceError {
  return new SluiceError({
    code: 'journal-cut-off',
    message: `The journal in ${directory} has lost its tail: ${reason}`,
    remedy:
      'Restore journal.db, journal.db-wal and journal.anchor together from one backup; do not delete the anchor, because acknowledged events are missing.',
  });
}

export function damaged(options: {
  readonly directory: string;
  readonly reason: string;
  readonly sequence?: number;
  readonly cause?: unknown;
}): SluiceError {
  const { directory, reason, sequence, cause } = options;
  return new SluiceError({
    code: 'journal-damaged',
    message: `The journal in ${directory} is damaged: ${reason}`,
    remedy:
      'Run `sluice journal verify` to see where it begins, then restore the journal and its anchor from a backup.',
    ...(cause === undefined ? {} : { cause }),
    ...(sequence === undefined ? {} : { details: { sequence } }),
  });
}

export function closed(directory: string): SluiceError {
  return new SluiceError({
    code: 'journal-closed',
    message: `The journal in ${directory} has been closed.`,
    remedy: 'Open the journal again before reading or appending.',
  });
}

function diskFull(directory: string, cause: unknown): SluiceError {
  return new SluiceError({
    code: 'journal-disk-full',
    message: `There is no room left for the journal in ${directory}; nothing that was acknowledged is lost.`,
    remedy: 'Free some space on that disk, then try again.',
    cause,
  });
}

function locked(directory: string, cause: unknown): SluiceError {
  return new SluiceError({
    code: 'journal-locked',
    message: `Another process holds the journal in ${directory} locked.`,
    remedy:
      'End the other process that works on this state directory, or wait until it is done, and try again.',
    cause,
  });
}

function unusable(directory: string, cause: unknown): SluiceError {
  return new SluiceError({
    code: 'journal-unusable',
    message: `The journal in ${directory} cannot be used: ${(cause as Error).message}.`,
    remedy:
      'Check that the directory exists, belongs to the user that runs Sluice, and lies on a healthy disk.',
    cause,
  });
}

function sqliteCode(error: unknown): number {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code : 0;
}
