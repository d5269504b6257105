import { baseName } from '../reading/artifacts.ts';
import type { Artifact } from '../reading/document.ts';
import type { NamedDocument, NamedGroup } from './plan-ids.ts';
import { artifactCriterion } from './planned-criteria.ts';
import type { PlannedCriterion } from './planned-criterion.ts';

/** Sentences that only a person can confirm, then files of earlier documents that this subtask builds on. */
export function preconditions(
  { task, subtask }: NamedGroup,
  inputs: readonly Artifact[],
): readonly PlannedCriterion[] {
  const sentences = [...task.prerequisites, ...subtask.prerequisites].filter(({ id }) => id === null);
  const found: readonly Omit<PlannedCriterion, 'id'>[] = [
    ...sentences.map(({ text }) => ({
      label: 'Prerequisite',
      kind: 'human' as const,
      text,
      test: { kind: 'sign-off' as const },
      proves: false,
    })),
    ...inputs.map((artifact) => ({
      ...artifactCriterion(artifact, { links: [], roots: [] }),
      label: 'Input',
    })),
  ];
  return found.map((one, index) => ({ id: `before-${index + 1}`, ...one }));
}

/** Artifacts of other documents that a document links to, by the name under which it does. Its own are no inputs. */
export function inputsOf(
  document: NamedDocument,
  earlier: readonly NamedDocument[],
): ReadonlyMap<string, Artifact> {
  const own = new Set(document.source.document.artifacts.flatMap(namesOf));
  const inputs = new Map<string, Artifact>();
  for (const artifact of earlier.flatMap((one) => one.source.document.artifacts))
    for (const name of namesOf(artifact)) if (!own.has(name)) inputs.set(name, artifact);
  return inputs;
}

/** Each once, in the order of the links. */
export function linkedInputs(
  links: readonly string[],
  inputs: ReadonlyMap<string, Artifact>,
): readonly Artifact[] {
  return [...new Set(links.flatMap((link) => inputs.get(baseName(link)) ?? []))];
}

function namesOf({ path, alternatives }: Artifact): readonly string[] {
  return [path, ...alternatives].map(baseName);
}
