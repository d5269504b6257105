import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { readProcess } from '../ports/runtime/process-table.ts';

/** What a lease says of the controller that holds it: `pid 4711 on host (start 1a2b3c4d)`. */
export interface LeaseHolder {
  readonly pid: number;
  readonly host: string;
  /** Tells two processes of one pid apart, over a reboot too; null in leases of old versions. */
  readonly start: string | null;
}

/** How this process signs its lease. */
export async function ownHolder(): Promise<string> {
  const own = await readProcess(process.pid);
  return `pid ${process.pid} on ${hostname()}${own === null ? '' : ` (start ${mark(own.startedAt)})`}`;
}

export function parseHolder(text: string): LeaseHolder | null {
  const found = /^pid (\d+) on (.*?)(?: \(start ([0-9a-f]+)\))?$/.exec(text);
  return found === null ? null : { pid: Number(found[1]), host: found[2] ?? '', start: found[3] ?? null };
}

/** Whether the process that a lease names still runs; `elsewhere`: this machine cannot tell. */
export async function holderState(text: string): Promise<'runs' | 'gone' | 'elsewhere'> {
  const holder = parseHolder(text);
  if (holder === null || holder.host !== hostname()) return 'elsewhere';
  const found = await readProcess(holder.pid);
  // A killed process that nobody has waited for keeps its pid, and a pid is given out again.
  if (found === null || found.ended || holder.pid === process.pid) return 'gone';
  return holder.start === null || holder.start === mark(found.startedAt) ? 'runs' : 'gone';
}

function mark(startedAt: string): string {
  return createHash('sha256').update(startedAt).digest('hex').slice(0, 8);
}
