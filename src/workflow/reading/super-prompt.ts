import type { Step, Task } from './document.ts';
import { newSubtask, newTask } from './draft.ts';
import { agentsOf } from './handles.ts';
import { unmarked } from './label.ts';
import { pathsIn } from './paths.ts';
import type { DocumentSection } from './section.ts';
import { ofName } from './section-facts.ts';

/** One task with one subtask, whose steps are what the prompt asks for: collect, save, update. */
export function superPromptTask(
  sections: readonly DocumentSection[],
  metadata: Readonly<Record<string, unknown>>,
): Task {
  const title = typeof metadata.title === 'string' ? metadata.title : null;
  const { owner, level, seen, ...task } = newTask(1, 0);
  const { owner: _, level: __, seen: ___, ...subtask } = newSubtask(sections[1]?.line ?? 1, 0);
  const links = ofName(sections, 'reference').flatMap(({ entries }) =>
    entries.flatMap((entry) => ('text' in entry ? pathsIn(entry.text).map(({ path }) => path) : [])),
  );
  const steps = ofName(sections, 'collect', 'save-output', 'progress').map(stepOf);
  return {
    ...task,
    title,
    subtasks: [
      { ...subtask, title, agents: agentsOf(metadata.agent), links, description: promptOf(sections), steps },
    ],
  };
}

function stepOf({ title, line, entries }: DocumentSection): Step {
  const said = entries.flatMap((entry) =>
    'text' in entry ? [entry.text] : entry.type === 'row' ? [entry.cells.join(' | ')] : [],
  );
  return {
    id: null,
    command: unmarked(title).replace(/^\d+[.)]\s*/, ''),
    description: said.length === 0 ? null : said.join('\n'),
    tools: [],
    criteria: [],
    line,
  };
}

/** The paragraphs before the first numbered point. */
function promptOf(sections: readonly DocumentSection[]): string | null {
  const said = [...ofName(sections, 'super-prompt'), ...ofName(sections, 'other')].flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.type === 'text' ? [entry.text] : [])),
  );
  return said.length === 0 ? null : said.join('\n');
}
