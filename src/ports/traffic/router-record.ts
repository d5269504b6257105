import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../disk/replace-file.ts';
import { type GroupLeader, leaderRuns } from '../runtime/process-group.ts';
import { readProcess } from '../runtime/process-table.ts';

/** State directories whose record this process has written, with the pid: it is asked about several times a second. */
const written = new Map<string, number>();

const pathOf = (stateDir: string) => join(stateDir, 'router-process.json');

/** Writes down which process the router is, so that it can be ended when it does not answer any more. */
export async function recordRouter(stateDir: string, pid: number): Promise<void> {
  if (written.get(stateDir) === pid) return;
  const found = await readProcess(pid);
  if (found === null) return;
  const record: GroupLeader = { pid, startedAt: found.startedAt };
  await replaceFile(pathOf(stateDir), `${JSON.stringify(record)}\n`, { mode: 0o600 });
  written.set(stateDir, pid);
}

/** The recorded router, if exactly that process still runs. */
export async function recordedRouter(stateDir: string): Promise<GroupLeader | null> {
  const text = await readFile(pathOf(stateDir), 'utf8').catch(() => null);
  const record = text === null ? null : parse(text);
  return record !== null && (await leaderRuns(record)) ? record : null;
}

/** A record that cannot be read names nobody: no process is ended on a guess. */
function parse(text: string): GroupLeader | null {
  try {
    const { pid, startedAt } = JSON.parse(text) as Partial<GroupLeader>;
    return Number.isSafeInteger(pid) && Number(pid) > 1 && typeof startedAt === 'string'
      ? { pid: Number(pid), startedAt }
      : null;
  } catch {
    return null;
  }
}
