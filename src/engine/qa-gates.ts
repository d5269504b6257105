import type { UnitId } from '../base/ids.ts';
import type { ArtifactRecord } from '../ports/artifact/port.ts';
import type { QaLookup, QaReport } from '../ports/qa/port.ts';
import type { GateResult } from '../rollout/gate.ts';

/** Statements that QA's report must make, and what it does say. */
export function qaGates(
  lookup: QaLookup,
  unit: UnitId,
  artifact: ArtifactRecord,
  options: { readonly now: number; readonly maxAgeMs: number },
): readonly GateResult[] {
  if (lookup.kind === 'missing') {
    return [blocked('qa-report', 'a QA report for the unit', `${lookup.path} is not there`, askQa)];
  }
  if (lookup.kind === 'unusable') {
    return [blocked('qa-report', 'one readable QA report', `${lookup.path}: ${lookup.reason}`, askQa)];
  }
  const { report } = lookup;
  return [
    unitGate(report, unit),
    statusGate(report),
    artifactGate(report, artifact),
    ageGate(report, options),
    ...statedGates(report),
  ];
}

/** Incidents that the report says this unit fixes. */
export function fixedIncidents(lookup: QaLookup): readonly string[] {
  if (lookup.kind !== 'found') return [];
  const { fixes } = lookup.report.frontmatter;
  return (Array.isArray(fixes) ? fixes : [fixes]).filter((one): one is string => typeof one === 'string');
}

const askQa = 'Ask QA for a report on exactly this artifact.';

function unitGate({ frontmatter, path }: QaReport, unit: UnitId): GateResult {
  const said = text(frontmatter.unit_id);
  return gate('qa-unit', said === unit, `unit_id: ${unit}`, `${path} says ${said || 'no unit_id'}`, askQa);
}

function statusGate({ frontmatter, committedBy, owner }: QaReport): GateResult {
  const said = text(frontmatter.status).toLowerCase();
  const author = committedBy ?? owner;
  const observed = `status: ${said || 'missing'}, written by ${author}`;
  return gate('qa-approved', said === 'approved', 'status: approved', observed, askQa);
}

/** The digest, the commit, or both: whatever is stated must be this artifact's. A dirty tree's commit proves nothing. */
function artifactGate({ frontmatter }: QaReport, artifact: ArtifactRecord): GateResult {
  const digest = text(frontmatter.artifact).toLowerCase();
  const commit = text(frontmatter.commit).toLowerCase();
  const required = `an approval of ${artifact.digest}`;
  if (digest === '' && commit === '') {
    return blocked('qa-artifact', required, 'the report names neither artifact nor commit', askQa);
  }
  if (digest !== '' && digest !== artifact.digest) {
    return blocked('qa-artifact', required, `the report approves ${digest}`, askQa);
  }
  if (commit === '') return held('qa-artifact', required, `artifact: ${digest}`);
  const own = artifact.commit?.toLowerCase() ?? null;
  const same = own !== null && commit.length >= 7 && own.startsWith(commit);
  if (digest !== '' && (own === null || same)) return held('qa-artifact', required, `artifact: ${digest}`);
  if (!same) {
    return blocked(
      'qa-artifact',
      required,
      `the report approves commit ${commit}, the artifact is of ${own ?? 'no commit'}`,
      askQa,
    );
  }
  return gate(
    'qa-artifact',
    digest !== '' || !artifact.dirty,
    required,
    artifact.dirty ? `commit ${commit}, but the tree had uncommitted changes` : `commit: ${commit}`,
    'Build from a clean tree, or have QA approve the digest.',
  );
}

function ageGate(
  { frontmatter, modifiedAt }: QaReport,
  { now, maxAgeMs }: { readonly now: number; readonly maxAgeMs: number },
): GateResult {
  const stated = frontmatter.date ?? frontmatter.approved_at ?? frontmatter.created;
  const parsed = stated instanceof Date ? stated.getTime() : Date.parse(text(stated));
  const at = Number.isNaN(parsed) ? modifiedAt : parsed;
  const days = (now - at) / 86_400_000;
  return gate(
    'qa-fresh',
    now - at <= maxAgeMs,
    `an approval of the last ${Math.round(maxAgeMs / 86_400_000)} days`,
    `${Math.max(0, days).toFixed(1)} days old`,
    'Ask QA to approve it again.',
  );
}

/** Tests passed and blocking bugs count only where the report states them; then they must agree with the approval. */
function statedGates({ frontmatter }: QaReport): readonly GateResult[] {
  const gates: GateResult[] = [];
  const tests = frontmatter.tests_passed ?? frontmatter.tests;
  if (tests !== undefined) {
    gates.push(gate('qa-tests', allPassed(tests), 'all tests passed', `tests: ${shown(tests)}`, askQa));
  }
  const bugs = frontmatter.blocking_bugs ?? frontmatter.blockers;
  if (bugs !== undefined) {
    const none =
      bugs === 0 ||
      bugs === false ||
      bugs === null ||
      bugs === 'none' ||
      bugs === '0' ||
      (Array.isArray(bugs) && bugs.length === 0);
    gates.push(gate('qa-bugs', none, 'no blocking bug', `blocking bugs: ${shown(bugs)}`, askQa));
  }
  return gates;
}

function allPassed(tests: unknown): boolean {
  if (typeof tests === 'boolean') return tests;
  if (typeof tests === 'number') return tests > 0;
  if (typeof tests === 'object' && tests !== null) {
    const { failed } = tests as { failed?: unknown };
    return failed === undefined || failed === 0;
  }
  const said = text(tests).toLowerCase();
  const share = /^(\d+)\s*\/\s*(\d+)$/.exec(said);
  if (share) return share[1] === share[2];
  return ['true', 'yes', 'all', 'passed', 'pass', '100%'].includes(said);
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A gate that blocks when it does not hold. */
export function gate(
  name: string,
  holds: boolean,
  required: string,
  observed: string,
  remedy: string,
): GateResult {
  return holds ? held(name, required, observed) : blocked(name, required, observed, remedy);
}

function held(name: string, required: string, observed: string): GateResult {
  return { gate: name, holds: true, onFailure: 'block', required, observed, remedy: '' };
}

function blocked(name: string, required: string, observed: string, remedy: string): GateResult {
  return { gate: name, holds: false, onFailure: 'block', required, observed, remedy };
}
