import { basename, join, sep } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Look } from '../../base/look.ts';
import { quoted } from './excerpt.ts';
import { isListenedOn } from './listening-port.ts';
import { type RunningCommand, runningCommands } from './running-commands.ts';
import type { Sight } from './seen.ts';

/**
 * A process with the name in its command line, or a listener on the port. Sluice itself, whoever it was started by, and what
 * looks at the moment (`looking`: process groups) are none. Command lines may hold secrets, so that only the name is told.
 */
export async function lookAtProcess(
  { name, port }: Extract<Look, { kind: 'process' }>,
  { clock, looking }: { readonly clock: Clock; readonly looking: ReadonlySet<number> },
): Promise<Sight> {
  const running = name === '' ? null : findRunning(name, await runningCommands(), looking);
  if (running !== null) {
    const program = basename(running.args[0]?.split(' ')[0] ?? '');
    return {
      holds: true,
      observed: `process ${running.pid} (${program}) has ${quoted(name)} in its command line`,
    };
  }
  if (port !== null && (await isListenedOn(port, clock))) {
    return { holds: true, observed: `something listens on port ${port}` };
  }
  const none = [
    ...(name === '' ? [] : [`no process has ${quoted(name)} in its command line`]),
    ...(port === null ? [] : [`nothing listens on port ${port}`]),
  ];
  return { holds: false, observed: none.join(', and ') || 'no process was named' };
}

function findRunning(
  name: string,
  all: readonly RunningCommand[],
  looking: ReadonlySet<number>,
): RunningCommand | null {
  const byPid = new Map(all.map((one) => [one.pid, one]));
  const asking = new Set([process.pid, ...ancestors(process.pid, byPid)]);
  const isOwn = (one: RunningCommand) =>
    asking.has(one.pid) || looking.has(one.group) || runsSluice(one) || isOurShell(one, byPid);
  return all.find((one) => one.args.join(' ').includes(name) && !isOwn(one)) ?? null;
}

/** Where the programs of Sluice lie: `src/`, or `dist/` where it is built. */
const ownPrograms = `${join(import.meta.dirname, '..', '..')}${sep}`;

/** The controller, the router and the command line, by the program that they run. */
function runsSluice({ args }: RunningCommand): boolean {
  const [, program = ''] = process.argv;
  // Before the program stand only options of Node.js. Where arguments are not told apart, all are one.
  const first = args.length === 1 ? (args[0] ?? '').split(' ').slice(0, 6) : args.slice(0, 6);
  return first.some((arg) => arg.startsWith(ownPrograms) || (program !== '' && arg === program));
}

/** A shell by which Sluice runs a command has the command's text, but what is named there is a process of its own. */
function isOurShell(one: RunningCommand, byPid: ReadonlyMap<number, RunningCommand>): boolean {
  const isShell = /^(?:ba|da|z|k|a)?sh$/.test(basename(one.args[0] ?? '')) && one.args[1] === '-c';
  return isShell && ancestors(one.pid, byPid).has(process.pid);
}

function ancestors(pid: number, byPid: ReadonlyMap<number, RunningCommand>): ReadonlySet<number> {
  const found = new Set<number>();
  for (
    let at = byPid.get(pid)?.parent;
    at !== undefined && at > 1 && !found.has(at);
    at = byPid.get(at)?.parent
  ) {
    found.add(at);
  }
  return found;
}
