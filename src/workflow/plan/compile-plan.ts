import { unmarked } from '../reading/label.ts';
import { FileIndex } from '../reading/links.ts';
import { sectionName } from '../reading/section.ts';
import { agentDirectory } from './agent-directory.ts';
import { beyondPermission } from './beyond-permission.ts';
import type { Bindings } from './bindings.ts';
import { agentsOf, compileStep, type StepSurroundings } from './compile-step.ts';
import { LinkedPaths, type PathPlaces } from './named-paths.ts';
import type { PlanGroup, PlanNode, WorkflowPlan } from './plan.ts';
import { type NamedDocument, type NamedGroup, namedDocuments } from './plan-ids.ts';
import { PlanNeeds } from './plan-needs.ts';
import { type PlanPlace, placesOf } from './plan-place.ts';
import type { PlanProblem } from './plan-problem.ts';
import type { PlanSource } from './plan-source.ts';
import { artifactCriterion, plannedCriteria } from './planned-criteria.ts';
import type { PlannedCriterion } from './planned-criterion.ts';
import { plannedFailure } from './planned-failure.ts';
import { inputsOf, linkedInputs, preconditions } from './preconditions.ts';
import { prerequisiteCircles } from './prerequisite-circles.ts';
import { protectedPaths } from './protected-paths.ts';
import { retriesOf } from './retries-of.ts';
import { unknownBindings } from './unknown-bindings.ts';
import { unknownNeeds } from './unknown-needs.ts';

export interface PlanInput {
  readonly documents: readonly PlanSource[];
  readonly bindings: Bindings;
  /** Paths of the workspace, by which links are resolved. */
  readonly files: readonly string[];
  /** Agent files and instructions of the bindings: their text by the path under which they are named. */
  readonly texts: ReadonlyMap<string, string>;
}

export interface CompiledPlan {
  readonly plan: WorkflowPlan;
  /** What shows only now that documents and bindings are together; those of the documents are theirs. */
  readonly problems: readonly PlanProblem[];
  /** By id in the plan. */
  readonly places: ReadonlyMap<string, PlanPlace>;
}

const oneSecondMs = 1_000;

/** Makes one plan of documents and bindings. It never throws: what is missing is in the plan, what is wrong among the problems. */
export function compilePlan({ documents: sources, bindings, files, texts }: PlanInput): CompiledPlan {
  const { documents, problems: ofIds } = namedDocuments(sources);
  const { agents, problems: ofAgents } = agentDirectory(bindings, sources, texts);
  const directory = new Map(agents.map((agent) => [agent.handle, agent]));
  const index = new FileIndex([...sources.map(({ path }) => path), ...files]);
  const shared: Shared = { documents, bindings, directory, index, needs: new PlanNeeds(documents) };
  const compiled = documents.map((document, place) => compileDocument(document, place, shared));
  const nodes = compiled.flatMap((one) => one.nodes);
  const groups = compiled.flatMap((one) => one.groups);
  const criteria = [...nodes, ...groups].flatMap((one) => one.criteria);
  const plan: WorkflowPlan = {
    documents: sources.map((source) => ({
      path: source.path,
      digest: source.digest,
      generation: source.document.generation,
      superPrompt: superPromptOf(source),
    })),
    groups,
    nodes,
    agents,
    protectedPaths: protectedPaths(
      sources.map(({ path }) => path),
      bindings,
      criteria,
    ),
    concurrency: bindings.concurrency,
  };
  const places = placesOf(documents);
  const ofBindings = unknownBindings(bindings, documents);
  const beyond = nodes.flatMap((node) => beyondPermission(node, places));
  const problems = [
    ...ofIds,
    ...ofAgents,
    ...ofBindings,
    ...compiled.flatMap((one) => one.problems),
    ...beyond,
    ...unknownNeeds(documents, shared.needs),
    ...prerequisiteCircles({ documents, groups, needs: shared.needs, places }),
  ];
  return { plan, problems, places };
}

interface Shared {
  readonly documents: readonly NamedDocument[];
  readonly bindings: Bindings;
  readonly directory: StepSurroundings['directory'];
  readonly index: FileIndex;
  readonly needs: PlanNeeds;
}

interface CompiledDocument {
  readonly groups: readonly PlanGroup[];
  readonly nodes: readonly PlanNode[];
  readonly problems: readonly PlanProblem[];
}

function compileDocument(document: NamedDocument, place: number, shared: Shared): CompiledDocument {
  const { source } = document;
  // An operator prompt is nothing to be done: it instructs the agent that bears its name.
  if (source.document.generation === 'role') return { groups: [], nodes: [], problems: [] };
  const earlier = shared.needs.earlier(place).flatMap((other) => shared.documents[other] ?? []);
  const inputs = inputsOf(document, earlier);
  const required = source.document.documents.filter((one) => !one.toBeCreated).map(({ path }) => path);
  const promised = promisedBy(document);
  const groups: PlanGroup[] = [];
  const nodes: PlanNode[] = [];
  for (const [index, group] of document.groups.entries()) {
    const places = { links: [new LinkedPaths(group.subtask.links), promised], roots: shared.bindings.roots };
    const before = document.groups[index - 1] ?? null;
    // What the whole document requires is looked at where it begins.
    const wanted = index === 0 ? [...required, ...group.subtask.links] : group.subtask.links;
    const needs = shared.needs.ofGroup(place, group, before);
    const conditions = preconditions(group, linkedInputs(wanted, inputs));
    groups.push({
      ...compileGroup({ document, group, place, places }, shared),
      needs,
      preconditions: conditions,
    });
    const surroundings = { ...shared, document, group, places };
    for (const [at, step] of group.steps.entries())
      nodes.push(compileStep(step, group.steps[at - 1]?.id ?? null, surroundings));
  }
  return {
    groups: [...groups, documentGroup(document, place, shared)],
    nodes,
    problems: retryProblems(document),
  };
}

/** What a document links to as a whole: its artifacts and the documents that it requires. */
function promisedBy({ source }: NamedDocument): LinkedPaths {
  const { artifacts, documents } = source.document;
  const files = artifacts.flatMap(({ path, alternatives }) => [path, ...alternatives]);
  return new LinkedPaths([...files, ...documents.map(({ path }) => path)]);
}

function compileGroup(
  {
    document,
    group,
    place,
    places,
  }: {
    readonly document: NamedDocument;
    readonly group: NamedGroup;
    readonly place: number;
    readonly places: PathPlaces;
  },
  { bindings, index }: Shared,
): Omit<PlanGroup, 'needs' | 'preconditions'> {
  const { id, task, subtask } = group;
  const { id: taskId, title } = task;
  return {
    id,
    kind: 'subtask',
    task: taskId === null && title === null ? null : { id: taskId, title },
    title: subtask.title,
    document: place,
    criteria: plannedCriteria([...subtask.criteria, ...subtask.finalCriteria], {
      performer: 'none',
      ownProof: false,
      words: subtask.description ?? '',
      places,
      artifacts: document.source.document.artifacts,
      bindings,
    }),
    retries: retriesOf(subtask.maxRetries) ?? 0,
    backoffMs: oneSecondMs,
    failure: plannedFailure(subtask.onFailure),
    agents: agentsOf({ document, group }),
    links: subtask.links.map((link) => resolved(link, index, bindings.roots)),
    parallel: task.parallel === true || subtask.parallel === true,
  };
}

/** A link that is found nowhere, or in two places, stays as it is printed. */
function resolved(link: string, index: FileIndex, roots: readonly string[]): string {
  const { status, paths } = index.resolve(link, ['', ...roots]);
  return status === 'found' ? (paths[0] ?? link) : link;
}

/** The document as a whole: its success criteria, gates, self-checks, promised files, and the review that it asks for. */
function documentGroup(document: NamedDocument, place: number, { bindings, needs }: Shared): PlanGroup {
  const { documentCriteria, selfChecks, artifacts, metadata, agents } = document.source.document;
  const linked = document.groups.flatMap(({ subtask }) => subtask.links);
  const places = { links: [new LinkedPaths(linked), promisedBy(document)], roots: bindings.roots };
  const own = plannedCriteria([...documentCriteria, ...selfChecks], {
    performer: 'none',
    ownProof: false,
    words: '',
    places,
    artifacts,
    bindings,
  });
  const more = [...artifacts.map((artifact) => artifactCriterion(artifact, places)), ...reviews(document)];
  const title = metadata.title ?? metadata['Workflow-Step'];
  return {
    id: document.id,
    kind: 'document',
    task: null,
    title: typeof title === 'string' ? title : null,
    document: place,
    needs: needs.ofDocument(document),
    preconditions: [],
    criteria: [...own, ...more.map((one, index) => ({ id: String(own.length + index + 1), ...one }))],
    retries: 0,
    backoffMs: oneSecondMs,
    failure: { actions: ['escalate'], to: agents[0] ?? null, text: null },
    agents,
    links: [],
    parallel: false,
  };
}

/** `Mark this task as done when all is reviewed` is a review that somebody signs. */
function reviews({ groups }: NamedDocument): readonly Omit<PlannedCriterion, 'id'>[] {
  const points = groups.flatMap(({ steps }) => steps.map(({ step }) => step));
  return points
    .filter(
      ({ command, description }) =>
        sectionName(command ?? '') === 'progress' && /\breview/i.test(description ?? ''),
    )
    .map(({ description }) => ({
      label: 'Reviewed',
      kind: 'human',
      text: description ?? '',
      test: { kind: 'sign-off' },
      proves: false,
    }));
}

function retryProblems({ source, groups }: NamedDocument): readonly PlanProblem[] {
  return groups
    .filter(({ subtask }) => retriesOf(subtask.maxRetries) === null)
    .map(({ id, subtask }) => ({
      code: 'retries-not-understood',
      file: source.path,
      line: subtask.line,
      message: `"${subtask.maxRetries?.slice(0, 60)}" of ${id} is no number of retries; it is tried once`,
      remedy: 'Write `Max Retries: 3`.',
    }));
}

/** What the document tells the agent as a whole. */
function superPromptOf({ document, text }: PlanSource): string | null {
  if (document.generation === 'super-prompt') return document.tasks[0]?.subtasks[0]?.description ?? null;
  const title = document.sections.find((section) => sectionName(section.title) === 'super-prompt')?.title;
  if (title === undefined) return null;
  const lines = text.split('\n');
  const heading = /^#{1,6}\s/;
  const from = lines.findIndex(
    (line) => heading.test(line) && sectionName(unmarked(line.replace(/^#+\s*/, ''))) === 'super-prompt',
  );
  if (from < 0) return null;
  const level = /^#+/.exec(lines[from] ?? '')?.[0].length ?? 1;
  const above = new RegExp(`^#{1,${level}}\\s`);
  const next = lines.findIndex((line, index) => index > from && above.test(line));
  const said = lines
    .slice(from + 1, next < 0 ? lines.length : next)
    .join('\n')
    .trim();
  return said === '' ? null : said;
}
