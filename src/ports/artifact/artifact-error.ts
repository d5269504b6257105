import { isErrorFacts, SluiceError } from '../../base/sluice-error.ts';

/** The `artifact-…` error for what the file system answered about `path`. SluiceErrors pass unchanged, unless the disk was full. */
export function artifactError(cause: unknown, path: string): SluiceError {
  const code = systemCode(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new SluiceError({
      code: 'artifact-disk-full',
      message: `No space was left on the disk while ${path} was being stored. Nothing of it was kept.`,
      remedy: 'Free space where the state directory lies, or prune artifacts, and do it again.',
      cause,
    });
  }
  if (cause instanceof SluiceError) return cause;
  if (code === 'EACCES' || code === 'EPERM') return unreadable(path, cause);
  return new SluiceError({
    code: 'artifact-store-failed',
    message: `${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
    remedy: 'Check the disk and the permissions of the state directory, and do it again.',
    cause,
  });
}

export function unreadable(path: string, cause?: unknown): SluiceError {
  return new SluiceError({
    code: 'artifact-unreadable',
    message: `${path} cannot be read: permission denied.`,
    remedy: 'Let the user that runs Sluice read it, or leave it out of the build output.',
    cause,
  });
}

export function unstable(path: string): SluiceError {
  return new SluiceError({
    code: 'artifact-unstable',
    message: `${path} changed while it was being read.`,
    remedy: 'Wait until the build has ended, and add its output again.',
  });
}

export function missingArtifact(digest: string, what: string): SluiceError {
  return new SluiceError({
    code: 'artifact-missing',
    message: what,
    remedy: `Add the build output again with \`sluice artifact add\`; it must give ${digest}.`,
  });
}

export function changedArtifact(digest: string, what: string): SluiceError {
  return new SluiceError({
    code: 'artifact-changed',
    message: what,
    remedy: `Add the original build output again with \`sluice artifact add\`; it must give ${digest}.`,
  });
}

/** The errno name of an error or of what caused it, e.g. `ENOENT`; null when there is none. */
export function systemCode(error: unknown): string | null {
  for (
    let at: unknown = error;
    typeof at === 'object' && at !== null;
    at = (at as { cause?: unknown }).cause
  ) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) && !isErrorFacts(at)) return code;
  }
  return null;
}
