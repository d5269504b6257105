import { SluiceError } from '../../base/sluice-error.ts';
import { systemCode } from '../artifact/artifact-error.ts';

/** Why the folder could not be kept. SluiceErrors pass unchanged. */
export function snapshotFailed(cause: unknown, where: string): SluiceError {
  if (cause instanceof SluiceError) return cause;
  const full = isFull(cause);
  return new SluiceError({
    code: 'snapshot-failed',
    message: `No snapshot of ${where} was taken: ${full ? 'no space is left on the disk' : reasonOf(cause)}.`,
    remedy: full
      ? 'Free space where the state directory lies, or remove what need not be in the workspace, and do it again.'
      : 'Let the user that runs Sluice read everything in the workspace, or move it out, and do it again.',
    cause,
  });
}

export function restoreIncomplete(message: string, cause?: unknown): SluiceError {
  return new SluiceError({
    code: 'restore-incomplete',
    message,
    remedy:
      'End whatever still writes there, see that the user that runs Sluice owns the files and that the disk has space, and restore again: it goes on where it stopped.',
    cause,
  });
}

/** Why the folder is not what it was yet. SluiceErrors pass unchanged. */
export function restoreFailed(cause: unknown, where: string): SluiceError {
  if (cause instanceof SluiceError) return cause;
  return restoreIncomplete(`${where} is not restored: ${reasonOf(cause)}.`, cause);
}

export function snapshotMissing(id: string): SluiceError {
  return new SluiceError({
    code: 'snapshot-missing',
    message: `There is no snapshot ${id}.`,
    remedy: 'Put the workspace right by hand, for instance from version control, then go on with the run.',
  });
}

export function snapshotDamaged(id: string, what: string): SluiceError {
  return new SluiceError({
    code: 'snapshot-damaged',
    message: `Snapshot ${id} is damaged: ${what}. Nothing in the workspace was changed.`,
    remedy:
      'Bring the state directory back from a backup and restore again, or put the workspace right by hand.',
  });
}

function isFull(cause: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(systemCode(cause) ?? '');
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
