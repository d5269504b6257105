import type { Clock } from '../../base/clock.ts';
import type { Journal } from '../../journal/journal.ts';
import type { Agents } from '../../ports/agent/port.ts';
import type { CommandRunner } from '../../ports/command/port.ts';
import type { Notifier } from '../../ports/notify/port.ts';
import type { Observer } from '../../ports/observe/port.ts';
import type { Workspaces } from '../../ports/workspace/port.ts';
import type { Capability } from './capability.ts';

/** What runs of workflow documents work with: every port, handed in. */
export interface WorkflowParts {
  readonly stateDir: string;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly commands: CommandRunner;
  readonly agents: Agents;
  readonly workspaces: Workspaces;
  readonly observer: Observer;
  readonly notifier: Notifier;
  /** Actions of Sluice that bindings may name. */
  readonly capabilities: ReadonlyMap<string, Capability>;
  /** What `${env:NAME}` in bindings may name. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told of what went wrong and will be tried again. */
  readonly log: (line: string) => void;
}
