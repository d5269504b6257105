import { join } from 'node:path';
import type { InstanceRecord } from '../ports/runtime/instance-record.ts';
import { leaderRuns } from '../ports/runtime/process-group.ts';
import { openRecords } from '../ports/runtime/record-directory.ts';
import { recordedRouter } from '../ports/traffic/router-record.ts';
import { holderState, parseHolder } from './lease-holder.ts';
import { readLease } from './read-lease.ts';

/** What `down` would end, by pid. */
export interface RunningProcesses {
  readonly controller: number | null;
  readonly router: number | null;
  readonly instances: readonly { readonly id: string; readonly pid: number }[];
}

/** From what is on disk: it asks nobody, so that it tells of processes that hang, too. */
export async function runningProcesses(stateDir: string): Promise<RunningProcesses> {
  const lease = readLease(join(stateDir, 'journal'), 'controller');
  const holds = lease !== null && (await holderState(lease.holder)) === 'runs';
  const records = await openRecords<InstanceRecord>(join(stateDir, 'instances'));
  const found = await Promise.all(
    (await records.all()).map(async ({ spec, process }) =>
      process !== null && (await leaderRuns(process)) ? [{ id: spec.id, pid: process.pid }] : [],
    ),
  );
  return {
    controller: holds ? (parseHolder(lease.holder)?.pid ?? null) : null,
    router: (await recordedRouter(stateDir))?.pid ?? null,
    instances: found.flat(),
  };
}
