import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { errorFacts } from '../../base/sluice-error.ts';
import { verifyJournalFile } from '../../journal/verify-journal.ts';
import { ownerName } from '../../ports/qa/owner-name.ts';
import { type Check, fail, ok } from './check.ts';

/** Whoever can enter the state directory can act in the name of its owner. */
export async function checkStateDirectory(stateDir: string): Promise<Check> {
  const name = 'state';
  const found = await stat(stateDir).catch(() => null);
  if (found === null) return ok(name, `${stateDir} is not there yet; the first command makes it`);
  if (!found.isDirectory()) return fail(name, `${stateDir} is no directory`, `Move ${stateDir} away.`);
  const { uid } = userInfo();
  if (uid >= 0 && found.uid !== uid) {
    const owner = await ownerName(found.uid);
    const remedy = `Run Sluice as ${owner}, or give the directory to yourself: chown -R ${uid} '${stateDir}'`;
    return fail(name, `${stateDir} belongs to ${owner}`, remedy);
  }
  const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
  if (uid < 0 || (found.mode & 0o777) === 0o700) return ok(name, `${stateDir}, mode ${mode}`);
  return fail(name, `${stateDir} has mode ${mode} instead of 0700`, `chmod 700 '${stateDir}'`);
}

export async function checkJournal(stateDir: string): Promise<Check> {
  const name = 'journal';
  try {
    const result = await verifyJournalFile(join(stateDir, 'journal'));
    if (result.ok && result.head === null) return ok(name, 'empty');
    if (result.ok)
      return ok(name, `${result.events} events in ${result.streams} streams, in order to its anchor`);
    const remedy = `Keep ${join(stateDir, 'journal')} as evidence and put back its last backup; do not deploy until then.`;
    return fail(name, `${result.code}: ${result.problem}`, remedy);
  } catch (error) {
    const { message, remedy } = errorFacts(error);
    return fail(name, message, remedy);
  }
}
