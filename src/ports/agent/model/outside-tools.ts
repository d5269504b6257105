import { type ModelTool, parameters, ToolFault, text, textOf } from './tool.ts';

/** Who answers the tools that reach beyond the workspace. */
export interface ModelSurroundings {
  readonly webSearch?: (query: string, signal: AbortSignal) => Promise<string>;
  readonly tasks?: {
    /** The task as text; rejects with an error whose message the model may read. `run`: id of the agent's run. */
    get(run: string, task: string): Promise<string>;
    /** What came of it, as text: a status of done begins the verification, it is not believed. */
    setStatus(run: string, task: string, status: string): Promise<string>;
  };
}

export const webSearchName = 'web_search';
export const getTaskName = 'mcp_taskmaster-ai_get_task';
export const setTaskStatusName = 'mcp_taskmaster-ai_set_task_status';

/** Those that somebody answers. */
export function outsideTools(run: string, { webSearch, tasks }: ModelSurroundings): readonly ModelTool[] {
  const id = text('Id of the task.');
  return [
    ...(webSearch === undefined ? [] : [webSearchTool(webSearch)]),
    ...(tasks === undefined
      ? []
      : [
          {
            name: getTaskName,
            description: 'Gives a task of the plan with its status.',
            parameters: parameters({ id }),
            perform: (input) => answer(tasks.get(run, textOf(input, 'id') ?? '')),
          } satisfies ModelTool,
          {
            name: setTaskStatusName,
            description: 'Sets the status of a task. A status of done is checked before it holds.',
            parameters: parameters({ id, status: text('Such as in-progress, done, blocked.') }),
            perform: (input) =>
              answer(tasks.setStatus(run, textOf(input, 'id') ?? '', textOf(input, 'status') ?? '')),
          } satisfies ModelTool,
        ]),
  ];
}

function webSearchTool(search: NonNullable<ModelSurroundings['webSearch']>): ModelTool {
  return {
    name: webSearchName,
    description: 'Searches the web.',
    parameters: parameters({ query: text('What to search for.', { minLength: 1 }) }),
    perform: (input, signal) => answer(search(textOf(input, 'query') ?? '', signal)),
  };
}

/** Raising a concern is always allowed: it gives no power over anything. */
export function concernTool(raise: (text: string) => void): ModelTool {
  return {
    name: 'raise_concern',
    description:
      'Tells people what is wrong or stands in the way. The step does not succeed until somebody has answered it.',
    parameters: parameters({
      text: text('The concern, in a sentence or two.', { minLength: 1, maxLength: 4_000 }),
    }),
    async perform(input) {
      raise(textOf(input, 'text') ?? '');
      return 'It is on record. Go on with what can still be done, or stop.';
    },
  };
}

async function answer(promise: Promise<string>): Promise<string> {
  return promise.catch((error: Error) => {
    throw new ToolFault(error.message);
  });
}
