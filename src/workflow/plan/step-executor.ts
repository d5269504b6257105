import type { AgentEntry, Executor } from './executor.ts';
import type { MergedBinding } from './step-binding.ts';

export type Bound =
  | { readonly executor: Executor; readonly missing: null }
  | { readonly executor: null; readonly missing: string };

/** Who performs a step: whom the bindings name, else the first agent of its subtask that the directory reaches. */
export function stepExecutor(
  { executor, env }: MergedBinding,
  {
    id,
    agents,
    directory,
    tools,
  }: {
    readonly id: string;
    /** Handles of the subtask, else of its document. */
    readonly agents: readonly string[];
    readonly directory: ReadonlyMap<string, AgentEntry>;
    readonly tools: readonly string[];
  },
): Bound {
  if (executor === null) return agentOf(id, agents, directory);
  switch (executor.kind) {
    case 'run':
      if (tools.includes('run_terminal_cmd')) return bound({ ...executor, env });
      return missing(
        `a permission: run_terminal_cmd is not among its tools; grant it with \`steps: { "${id}": { tools: [run_terminal_cmd] } }\``,
      );
    case 'agent': {
      const reached = reach(directory.get(executor.handle));
      return reached === null
        ? missing(`a way to reach ${executor.handle}: command, model or mcp under \`agents:\``)
        : bound(reached);
    }
    case 'sluice':
    case 'person':
      return bound(executor);
  }
}

function agentOf(id: string, agents: readonly string[], directory: ReadonlyMap<string, AgentEntry>): Bound {
  for (const handle of agents) {
    const reached = reach(directory.get(handle));
    if (reached !== null) return bound(reached);
  }
  const [first] = agents;
  const how = `run, sluice, agent or person under \`steps: { "${id}": … }\``;
  return missing(first === undefined ? how : `${how}, or ${first} under \`agents:\``);
}

/** A person without an agent does it in person. */
function reach(entry: AgentEntry | undefined): Executor | null {
  if (entry === undefined) return null;
  const { handle, via, person } = entry;
  if (via !== null) return { kind: 'agent', handle, via };
  return person === null ? null : { kind: 'person', person };
}

const bound = (executor: Executor): Bound => ({ executor, missing: null });
const missing = (what: string): Bound => ({ executor: null, missing: what });

/** It runs commands or talks to others: what it changes may lie outside the workspace. */
export function reachesOutside(executor: Executor | null, tools: readonly string[]): boolean {
  if (executor === null) return false;
  if (executor.kind !== 'agent' || executor.via.kind !== 'model') return true;
  return tools.some((tool) => !['edit_file', 'file_search', 'codebase_search', 'list_dir'].includes(tool));
}
