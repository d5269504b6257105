import { agentModes } from './agent-file.ts';
import type { Bindings } from './bindings.ts';
import type { AgentEntry } from './executor.ts';
import type { PlanProblem } from './plan-problem.ts';
import type { PlanSource } from './plan-source.ts';

export interface Directory {
  readonly agents: readonly AgentEntry[];
  readonly problems: readonly PlanProblem[];
}

/**
 * Agents of the bindings file with what their roles say: the file that their entry names, else an agent file that has their handle,
 * else a role document that bears their name.
 */
export function agentDirectory(
  { agents, file }: Pick<Bindings, 'agents' | 'file'>,
  documents: readonly PlanSource[],
  texts: ReadonlyMap<string, string>,
): Directory {
  const roles = new Map<string, string>();
  for (const { document, text } of documents)
    if (document.role !== null) roles.set(spoken(document.role.name), text);
  for (const text of texts.values())
    for (const { slug, instructions } of agentModes(text) ?? []) roles.set(spoken(slug), instructions);
  const problems: PlanProblem[] = [];
  const entries = [...(agents ?? new Map()).values()].map((binding): AgentEntry => {
    const { handle, person, via, notice, unconfined } = binding;
    const named = binding.instructions === null ? undefined : texts.get(binding.instructions);
    if (binding.instructions !== null && named === undefined) {
      problems.push({
        code: 'instructions-missing',
        file: file ?? '',
        line: binding.at.line,
        message: `the instructions of ${handle}, ${binding.instructions}, were not found`,
        remedy: 'Correct the path; it is relative to the workspace.',
      });
    }
    const instructions =
      (named === undefined ? null : ownRole(named, handle)) ?? roles.get(spoken(handle)) ?? null;
    return { handle, person, via, notice, instructions, unconfined };
  });
  return { agents: entries, problems };
}

/** Of an agent file the role with the handle, or its only one; of any other text the whole. */
function ownRole(text: string, handle: string): string {
  const modes = agentModes(text);
  if (modes === null) return text;
  const own =
    modes.find(({ slug }) => spoken(slug) === spoken(handle)) ?? (modes.length === 1 ? modes[0] : undefined);
  return own?.instructions ?? '';
}

/** `DevOps Agent`, `devops_agent` and `@devops-agent` are one name. */
function spoken(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\d]/gu, '');
}
