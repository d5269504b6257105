import type { Artifact } from '../reading/document.ts';
import { sectionName } from '../reading/section.ts';
import type { Bindings } from './bindings.ts';
import { claimedStatus } from './claimed-status.ts';
import type { AgentEntry } from './executor.ts';
import type { PathPlaces } from './named-paths.ts';
import { permittedTools } from './permitted-tools.ts';
import type { PlanNode } from './plan.ts';
import type { NamedDocument, NamedGroup } from './plan-ids.ts';
import { after } from './plan-needs.ts';
import { artifactCriterion, plannedCriteria } from './planned-criteria.ts';
import type { PlannedCriterion } from './planned-criterion.ts';
import { plannedProbes } from './planned-probe.ts';
import { type MergedBinding, mergedBinding } from './step-binding.ts';
import { reachesOutside, stepExecutor } from './step-executor.ts';

/** What all steps of a subtask have in common. */
export interface StepSurroundings {
  readonly document: NamedDocument;
  readonly group: NamedGroup;
  readonly bindings: Bindings;
  readonly directory: ReadonlyMap<string, AgentEntry>;
  readonly places: PathPlaces;
}

const tenMinutesMs = 600_000;

/** One step of a subtask as a node of the plan. */
export function compileStep(
  { id, step }: NamedGroup['steps'][number],
  before: string | null,
  surroundings: StepSurroundings,
): PlanNode {
  const { document, group, bindings, directory } = surroundings;
  const binding = mergedBinding(bindings, bindingIds(document, group, id, step.id));
  const tools = permittedTools(step.tools, document.source.document.tools, binding.tools);
  const agents = agentsOf(surroundings);
  const { executor, missing } = stepExecutor(binding, { id, agents, directory, tools });
  const entry = executor?.kind === 'agent' ? directory.get(executor.handle) : undefined;
  const command = step.command ?? step.description ?? group.subtask.title ?? id;
  const node = {
    id,
    group: group.id,
    command,
    description: step.command === null ? null : step.description,
    needs: before === null ? [] : [after(before, group.subtask.onFailure.policy)],
    executor,
    missing,
    tools,
    timeoutMs: binding.timeoutMs ?? tenMinutesMs,
    idempotent: binding.idempotent ?? false,
    undo: binding.undo,
    reachesOutside: reachesOutside(executor, tools),
    unconfined: executor?.kind === 'agent' && (binding.unconfined ?? entry?.unconfined ?? false),
  };
  const claim = claimedStatus(group);
  return {
    ...node,
    ...(claim === null ? {} : { claim }),
    criteria: criteriaOf(node, step, binding, surroundings),
  };
}

/** From the widest to the nearest. */
function bindingIds(
  { id: document, taskId }: NamedDocument,
  { id: group, task, subtask }: NamedGroup,
  node: string,
  step: string | null,
): ReadonlySet<string> {
  const named = [taskId, task.id, subtask.id].filter((id) => id !== null);
  return new Set(['*', document, ...named, group, ...(step === null ? [] : [step]), node]);
}

/** The primary agent of a subtask that names none is the document's. */
export function agentsOf({
  document,
  group,
}: Pick<StepSurroundings, 'document' | 'group'>): readonly string[] {
  return group.subtask.agents.length > 0 ? group.subtask.agents : document.source.document.agents;
}

function criteriaOf(
  { executor, command, description }: Pick<PlanNode, 'executor' | 'command' | 'description'>,
  { criteria }: NamedGroup['steps'][number]['step'],
  { probes }: MergedBinding,
  { document, bindings, places }: StepSurroundings,
): readonly PlannedCriterion[] {
  const { artifacts, generation } = document.source.document;
  const own = plannedCriteria(criteria, {
    performer: executor?.kind ?? null,
    ownProof: probes?.some(({ kind }) => kind === 'own') ?? false,
    words: `${command} ${description ?? ''}`,
    places,
    artifacts,
    bindings,
  });
  // The points of a super-prompt print no criteria; what it wants to be saved is one.
  const saved = generation === 'super-prompt' && sectionName(command) === 'save-output' ? artifacts : [];
  const all = [...own, ...savedCriteria(saved, own.length, places)];
  return [...all, ...plannedProbes(probes ?? [], executor, all)];
}

function savedCriteria(
  artifacts: readonly Artifact[],
  before: number,
  places: PathPlaces,
): readonly PlannedCriterion[] {
  return artifacts.map((artifact, index) => ({
    id: String(before + index + 1),
    ...artifactCriterion(artifact, places),
  }));
}
