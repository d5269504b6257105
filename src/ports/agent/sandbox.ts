import { bubblewrap } from './bubblewrap.ts';
import type { Confinement } from './confinement.ts';
import { namespaces } from './namespaces.ts';
import { seatbelt } from './seatbelt.ts';

/** A way in which an operating system confines a process and all that it starts. */
export interface Sandbox {
  readonly name: string;
  /**
   * A script for the shell that performs the command confined, in the workspace. `mountPoint` is an empty folder that
   * outlives the process.
   */
  script(confinement: Confinement, command: string, mountPoint: string): string;
  /** What makes it work on a machine where it does not. */
  readonly remedy: string;
}

/** The sandboxes of this system, best first; whether one works is for `findSandbox` to see. */
export function sandboxesOf(platform: NodeJS.Platform): readonly Sandbox[] {
  if (platform === 'linux') return [bubblewrap, namespaces];
  if (platform === 'darwin') return [seatbelt];
  return [];
}
