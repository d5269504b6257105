import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SluiceError } from '../../base/sluice-error.ts';
import { missingIsNull } from '../../disk/missing-is-null.ts';
import { replaceFile } from '../../disk/replace-file.ts';
import { workspaceFiles } from '../../disk/workspace-files.ts';
import { planSource } from '../../workflow/plan/plan-source.ts';
import type { Artifact } from '../../workflow/reading/document.ts';
import type { WorkflowRun } from '../../workflow/run/state.ts';
import { askedWord } from '../../workflow/state-files/done-words.ts';
import { stateFacts } from '../../workflow/state-files/state-facts.ts';
import { tickArtifacts } from '../../workflow/state-files/tick-artifacts.ts';
import { type Contradiction, updateStateFile } from '../../workflow/state-files/update-state-file.ts';
import type { WorkflowParts } from './workflow-parts.ts';

export interface ExportedState {
  /** Relative to the workspace. */
  readonly files: readonly {
    readonly path: string;
    readonly changed: boolean;
    readonly contradictions: readonly Contradiction[];
  }[];
  /** Paths of artifacts whose boxes were ticked, by document. */
  readonly ticked: readonly { readonly document: string; readonly artifacts: readonly string[] }[];
}

const names = ['Step.json', 'DNA.json'];

/**
 * Tells the state files of a workspace what the journal says: those that are there, wherever they lie; else one is made at the top for
 * each that a document speaks of. Throws `state-file-unreadable`; nothing was written then.
 */
export async function exportState(
  parts: WorkflowParts,
  run: WorkflowRun,
  { tick, dryRun }: { readonly tick: boolean; readonly dryRun: boolean },
): Promise<ExportedState> {
  const { workspace } = run;
  const texts = await documentTexts(run);
  const all = texts.map(({ text }) => text).join('\n');
  const done = askedWord(all);
  const there = (await workspaceFiles(workspace, [])).filter((path) => names.includes(basename(path)));
  const made = names.filter((name) => all.includes(name) && !there.some((path) => basename(path) === name));
  const facts = stateFacts(run, parts.clock.now());
  const updates = await Promise.all(
    [...there, ...made].sort().map(async (path) => {
      const before = await readFile(join(workspace, path), 'utf8').catch(missingIsNull);
      return { path, before, ...updated(path, before, () => updateStateFile(before, facts, { done })) };
    }),
  );
  if (!dryRun) {
    for (const { path, before, text } of updates)
      if (text !== before) await replaceFile(join(workspace, path), text, { mode: 0o644 });
  }
  return {
    files: updates.map(({ path, before, text, contradictions }) => ({
      path,
      changed: text !== before,
      contradictions,
    })),
    ticked: tick ? await tickAll(parts, run, texts, dryRun) : [],
  };
}

function updated(
  path: string,
  before: string | null,
  update: () => ReturnType<typeof updateStateFile>,
): ReturnType<typeof updateStateFile> {
  try {
    return update();
  } catch (cause) {
    throw new SluiceError({
      code: 'state-file-unreadable',
      message: `${path} is no JSON (${cause instanceof Error ? cause.message : String(cause)}); it has ${before?.length ?? 0} characters.`,
      remedy: 'Mend it, or move it away so that it is made anew. Nothing was written.',
      cause,
    });
  }
}

interface DocumentText {
  readonly path: string;
  readonly text: string;
}

/** A document that is gone meanwhile says nothing. */
async function documentTexts({ plan, workspace }: WorkflowRun): Promise<readonly DocumentText[]> {
  const read = (plan?.documents ?? []).map(async ({ path }) => {
    const text = await readFile(join(workspace, path), 'utf8').catch(missingIsNull);
    return text === null ? [] : [{ path, text }];
  });
  return (await Promise.all(read)).flat();
}

async function tickAll(
  parts: WorkflowParts,
  run: WorkflowRun,
  texts: readonly DocumentText[],
  dryRun: boolean,
): Promise<ExportedState['ticked']> {
  const all = [];
  for (const { path, text } of texts) {
    const artifacts = planSource(path, Buffer.from(text))?.document.artifacts ?? [];
    const complete = new Set<Artifact>();
    for (const artifact of artifacts) if (await isComplete(parts, run, artifact)) complete.add(artifact);
    const { text: after, ticked } = tickArtifacts(text, artifacts, (artifact) => complete.has(artifact));
    if (!dryRun && after !== text) await writeFile(join(run.workspace, path), after);
    if (ticked.length > 0) all.push({ document: path, artifacts: ticked });
  }
  return all;
}

/** It is there, it is not empty, and it is what its schema asks for. */
async function isComplete(
  { observer }: WorkflowParts,
  { workspace: root }: WorkflowRun,
  { path, alternatives, schema }: Artifact,
): Promise<boolean> {
  const paths = [path, ...alternatives];
  const json = schema !== null || path.endsWith('.json');
  const look = json
    ? ({ kind: 'json', paths, schema } as const)
    : ({ kind: 'file', paths, match: null } as const);
  const { holds, content } = await observer.look(look, { root });
  return holds && content?.trim() !== '';
}
