import type { Clock } from '../base/clock.ts';
import type { ProjectConfig } from '../config/config.ts';
import type { Journal } from '../journal/journal.ts';
import type { ArtifactStore } from '../ports/artifact/port.ts';
import type { CommandRunner } from '../ports/command/port.ts';
import type { Metrics } from '../ports/metrics/port.ts';
import type { Notifier } from '../ports/notify/port.ts';
import type { QaReports } from '../ports/qa/port.ts';
import type { Runtime } from '../ports/runtime/port.ts';
import type { Traffic } from '../ports/traffic/port.ts';
import type { Core } from './core.ts';

/** What a controller works with: every port, handed in. */
export interface ControllerParts {
  readonly stateDir: string;
  readonly clock: Clock;
  /** Read again at each rollout, so that an edited sluice.yml counts from the next one on. */
  readonly config: () => Promise<ProjectConfig>;
  readonly journal: Journal;
  readonly artifacts: ArtifactStore;
  readonly runtime: Runtime;
  readonly traffic: Traffic;
  readonly commands: CommandRunner;
  readonly metrics: Metrics;
  readonly qa: QaReports;
  readonly notifier: Notifier;
  /** Default: the rules of `src/rollout`. */
  readonly core?: Core;
  /** Keeps a file whole, below the state directory, with the folders on its way. Default: on disk. */
  readonly saveFile?: (path: string, content: string) => Promise<void>;
  /** Told of what went wrong and will be tried again. */
  readonly log: (line: string) => void;
}
