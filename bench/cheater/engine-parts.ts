import { systemClock } from '../../src/base/clock.ts';
import type { WorkflowParts } from '../../src/engine/workflow/workflow-parts.ts';
import { MemoryJournal } from '../../src/journal/memory-journal.ts';
import { openAgents } from '../../src/ports/agent/open-agents.ts';
import { openShellCommandRunner } from '../../src/ports/command/shell-command-runner.ts';
import { memoryNotifier } from '../../src/ports/notify/memory.ts';
import { openObserver } from '../../src/ports/observe/system-observer.ts';
import { openWorkspaces } from '../../src/ports/workspace/directory-workspaces.ts';

/** The parts that a controller gives its runs, all real; only journal and notices are in memory. */
export async function openParts(
  stateDir: string,
): Promise<{ readonly parts: WorkflowParts; readonly close: () => Promise<void> }> {
  const [clock, environment] = [systemClock, process.env];
  const agents = await openAgents({ stateDir, clock, environment });
  const commands = await openShellCommandRunner({ stateDir, clock, environment });
  const observer = openObserver({ clock, environment });
  const parts: WorkflowParts = {
    stateDir,
    clock,
    journal: new MemoryJournal(),
    commands,
    agents,
    workspaces: await openWorkspaces({ stateDir }),
    observer,
    notifier: memoryNotifier(),
    capabilities: new Map(),
    env: environment,
    log: (line) => process.stderr.write(`${line}\n`),
  };
  return {
    parts,
    close: async () => void (await Promise.all([agents.close(), commands.close(), observer.close()])),
  };
}
