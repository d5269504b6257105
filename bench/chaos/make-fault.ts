import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger } from './ledger.ts';
import type { Operator } from './operator.ts';
import { killed, type ProjectProcess, processesOf } from './processes.ts';
import type { Harm } from './script.ts';
import type { Disk } from './small-disk.ts';

/** What faults act on. */
export interface Scene {
  readonly root: string;
  readonly operator: Operator;
  readonly ledger: Ledger;
  readonly disk: Disk | null;
  /** The release that users rely on, and the one on trial; null for none. */
  roles(): Promise<{ readonly stable: string | null; readonly candidate: string | null }>;
}

/** Does it, and undoes what has to be undone; resolves with what was done, or null when there was nothing to do it to. */
export async function makeFault(harm: Harm, scene: Scene): Promise<string | null> {
  switch (harm.kind) {
    case 'kill-controller':
      return killController(scene, harm.awayMs);
    case 'freeze-controller':
      return freezeController(scene, harm.forMs);
    case 'upgrade-router': {
      const { from, to, refused } = await scene.operator.upgradeRouter();
      const late = refused === 0 ? '' : `, refused ${refused} times for want of room`;
      return from === to ? null : `router ${from} handed over to ${to}${late}`;
    }
    case 'kill-instance':
      return killInstance(scene, harm.of);
    case 'fill-disk':
      return fillDisk(scene, harm.forMs);
  }
}

async function killController({ root, operator }: Scene, awayMs: number): Promise<string | null> {
  const controller = await one(root, ({ role }) => role === 'controller');
  if (controller === null) return null;
  await killed(controller.pid);
  await sleep(awayMs);
  const begun = performance.now();
  await operator.revive();
  return `controller ${controller.pid} killed, away for ${awayMs} ms, back after ${since(begun)}`;
}

async function freezeController({ root, operator }: Scene, forMs: number): Promise<string | null> {
  const controller = await one(root, ({ role }) => role === 'controller');
  if (controller === null) return null;
  process.kill(controller.pid, 'SIGSTOP');
  try {
    await sleep(forMs);
  } finally {
    process.kill(controller.pid, 'SIGCONT');
  }
  const begun = performance.now();
  await operator.state();
  return `controller ${controller.pid} frozen for ${forMs} ms, answers after ${since(begun)}`;
}

async function killInstance(
  { root, ledger, roles }: Scene,
  of: 'stable' | 'candidate',
): Promise<string | null> {
  const release = (await roles())[of];
  const instance = await one(root, (each) => each.role === 'instance' && each.release === release);
  if (instance === null || release === null) return null;
  const { at, goneAt } = await killed(instance.pid);
  ledger.kills.push({ release, at, goneAt });
  return `instance ${instance.pid} of ${release} (${of}) killed, gone after ${(goneAt - at).toFixed(0)} ms`;
}

async function fillDisk({ root, disk, operator }: Scene, forMs: number): Promise<string | null> {
  if (disk === null) return null;
  await disk.fill(root);
  try {
    await sleep(forMs);
  } finally {
    await disk.free(root);
  }
  const begun = performance.now();
  // A controller that ended for want of room is started again, as after any other end.
  await operator.revive();
  return `disk full for ${forMs} ms, in order after ${since(begun)}`;
}

async function one(root: string, fits: (one: ProjectProcess) => boolean): Promise<ProjectProcess | null> {
  return (await processesOf(root)).find(fits) ?? null;
}

function since(begun: number): string {
  return `${(performance.now() - begun).toFixed(0)} ms`;
}
