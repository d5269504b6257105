import { type Clock, sleep } from '../../base/clock.ts';
import { SluiceError } from '../../base/sluice-error.ts';
import { bootId, livingMembers, readProcess } from './process-table.ts';

/** The leader of a process group, so that a later process of the same pid is not taken for it. */
export interface GroupLeader {
  readonly pid: number;
  readonly startedAt: string;
}

/** Null when there is no such process. */
export async function leaderOf(pid: number): Promise<GroupLeader | null> {
  const found = await readProcess(pid);
  return found === null ? null : { pid, startedAt: found.startedAt };
}

/** Whether the leader itself runs. */
export async function leaderRuns(leader: GroupLeader): Promise<boolean> {
  const found = await readProcess(leader.pid);
  return found !== null && !found.ended && found.startedAt === leader.startedAt;
}

const pollMs = 20;
/** The kernel needs a moment to end a killed process; one that is still there then hangs in a device. */
const afterKillMs = 10_000;

/**
 * SIGTERM to the group, SIGKILL at the deadline (0: at once); resolves when no process of it is left. A group whose
 * leader is another process by now is not touched. Throws `process-group-remains`.
 */
export async function endGroup(clock: Clock, leader: GroupLeader, deadlineMs: number): Promise<void> {
  if (!(await isStillTheGroup(leader))) return;
  if (deadlineMs > 0) {
    signalGroup(leader.pid, 'SIGTERM');
    if (await groupEnds(clock, leader, deadlineMs)) return;
  }
  signalGroup(leader.pid, 'SIGKILL');
  if (await groupEnds(clock, leader, afterKillMs)) return;
  throw new SluiceError({
    code: 'process-group-remains',
    message: `Processes of group ${leader.pid} are still there ${afterKillMs} ms after SIGKILL.`,
    remedy: `Look at them with \`ps -o pid,stat,command -g ${leader.pid}\`; one in state D waits for a device.`,
  });
}

async function groupEnds(clock: Clock, leader: GroupLeader, withinMs: number): Promise<boolean> {
  const endMs = clock.monotonicMs() + withinMs;
  while (await isStillTheGroup(leader)) {
    if (clock.monotonicMs() >= endMs) return false;
    await sleep(clock, pollMs);
  }
  return true;
}

/** A pid is not given out again while a group has it as its number: without the leader its children are still ours. */
async function isStillTheGroup(leader: GroupLeader): Promise<boolean> {
  if (!leader.startedAt.startsWith(`${await bootId()}:`)) return false;
  const [now, members] = await Promise.all([readProcess(leader.pid), livingMembers(leader.pid)]);
  return members.length > 0 && (now === null || now.startedAt === leader.startedAt);
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    // ESRCH: it ended by itself. EPERM: some systems say so of a group that has only ended members.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
