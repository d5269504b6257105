import { systemClock } from '../../base/clock.ts';
import { agentsContract } from './contract.ts';
import { MemoryAgents, type PretendedAgent } from './memory.ts';
import type { AgentRun } from './port.ts';

const does: Readonly<Record<string, PretendedAgent>> = {
  good: { words: 'said' },
  bad: { ended: 'failed', reason: 'it could not', exitCode: 1 },
  hangs: { takesMs: Number.POSITIVE_INFINITY },
};

agentsContract('the memory', async () => {
  const agents = new MemoryAgents({ clock: systemClock, pretend: ({ brief }) => does[brief] ?? {} });
  const runOf = (
    brief: string,
    change: { readonly id?: string; readonly timeoutMs?: number } = {},
  ): AgentRun => ({
    ...{
      id: 'run/1',
      reach: { kind: 'command', run: 'agent', env: {} },
      brief,
      workspace: '/w',
      scratch: '/s',
    },
    ...{ tools: [], protectedPaths: [], unconfined: false, timeoutMs: 10_000, ...change },
  });
  return { agents, runOf, close: () => agents.close() };
});
