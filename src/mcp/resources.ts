import { SluiceError } from '../base/sluice-error.ts';
import type { McpParts } from './tool.ts';

export interface ResourceRow {
  readonly uri: string;
  readonly name: string;
  readonly description: string;
  readonly mimeType: string;
}

export interface ResourceText {
  readonly uri: string;
  readonly mimeType: string;
  readonly text: string;
}

const markdown = 'text/markdown';
const json = 'application/json';

export const resourceTemplates = [
  {
    uriTemplate: 'sluice://documents/{+path}',
    name: 'document',
    description: 'A workflow document of the workspace, as it lies there.',
    mimeType: markdown,
  },
  {
    uriTemplate: 'sluice://runs/{run}',
    name: 'run',
    description: 'Status of a run: every step and subtask, and what it waits for.',
    mimeType: json,
  },
  {
    uriTemplate: 'sluice://runs/{run}/report',
    name: 'run-report',
    description: 'Report of a run, rebuilt from the journal.',
    mimeType: markdown,
  },
  {
    uriTemplate: 'sluice://rollouts/{rollout}/report',
    name: 'rollout-report',
    description: 'Report of a rollout, rebuilt from the journal.',
    mimeType: markdown,
  },
] as const;

/** Everything that there is to read. Rollouts are left out where the folder has no sluice.yml. */
export async function listResources({ ask, documents }: McpParts): Promise<readonly ResourceRow[]> {
  const [files, runs, rollouts] = await Promise.all([
    documents.list(),
    ask('workflowRuns', {}),
    ask('history', {}).catch(() => []),
  ]);
  return [
    ...files.map(({ path, generation, steps }) => ({
      uri: `sluice://documents/${path.split('/').map(encodeURIComponent).join('/')}`,
      name: path,
      description: `${generation ?? 'unresolved conflicts'}, ${steps} steps`,
      mimeType: /\.json$/i.test(path) ? json : markdown,
    })),
    ...runs.flatMap(({ run, status, documents: paths }) => [
      {
        uri: `sluice://runs/${run}`,
        name: run,
        description: `${status}: ${paths.join(', ')}`,
        mimeType: json,
      },
      {
        uri: `sluice://runs/${run}/report`,
        name: `${run} report`,
        description: 'report',
        mimeType: markdown,
      },
    ]),
    ...rollouts.map(({ rollout, target, ending }) => ({
      uri: `sluice://rollouts/${rollout}/report`,
      name: `${rollout} report`,
      description: `${target}: ${ending}`,
      mimeType: markdown,
    })),
  ];
}

/** Throws `resource-unknown`, or what the controller says. */
export async function readResource(uri: string, { ask, documents }: McpParts): Promise<ResourceText> {
  const [, kind, rest = ''] = /^sluice:\/\/(documents|runs|rollouts)\/(.+)$/.exec(uri) ?? [];
  const path = decoded(rest);
  if (kind === undefined || path === null) throw unknown(uri);
  if (kind === 'documents') {
    return { uri, mimeType: /\.json$/i.test(path) ? json : markdown, text: await documents.read(path) };
  }
  const [, name = '', report] = /^([^/]+)(\/report)?$/.exec(path) ?? [];
  if (name === '' || (kind === 'rollouts' && report === undefined)) throw unknown(uri);
  if (kind === 'rollouts') {
    return { uri, mimeType: markdown, text: (await ask('report', { rollout: name })).text };
  }
  if (report === undefined) {
    return { uri, mimeType: json, text: JSON.stringify(await ask('workflowStatus', { run: name }), null, 2) };
  }
  return {
    uri,
    mimeType: markdown,
    text: (await ask('workflowReport', { run: name, format: 'markdown' })).text,
  };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function unknown(uri: string): SluiceError {
  return new SluiceError({
    code: 'resource-unknown',
    message: `There is no resource ${uri}.`,
    remedy: 'The list of resources names those that there are; the templates show their shapes.',
  });
}
