import type { Look } from '../../base/look.ts';
import type { CriterionKind } from '../reading/document.ts';
import type { Executor } from './executor.ts';
import type { CriterionTest, PlannedCriterion } from './planned-criterion.ts';
import type { Probe } from './probe.ts';

/**
 * Probes of the bindings as criteria. `own` adds one only where the document does not look at the exit code anyway, and nothing
 * where no command is bound.
 */
export function plannedProbes(
  probes: readonly Probe[],
  executor: Executor | null,
  criteria: readonly PlannedCriterion[],
): readonly PlannedCriterion[] {
  return probes
    .map((probe) => testOf(probe, executor, criteria))
    .filter((test) => test !== null)
    .map((test, index) => ({
      id: `probe-${index + 1}`,
      label: 'probe',
      kind: kindOf(test),
      text: textOf(test),
      test,
      proves: true,
    }));
}

function testOf(
  probe: Probe,
  executor: Executor | null,
  criteria: readonly PlannedCriterion[],
): CriterionTest | null {
  if (probe.kind !== 'own') return probe;
  if (executor?.kind === 'sluice')
    return { kind: 'capability', capability: executor.capability, with: executor.with };
  if (executor?.kind !== 'run' || criteria.some(({ test }) => test.kind === 'exit-code')) return null;
  return { kind: 'exit-code', codes: [0] };
}

const kinds: Readonly<Record<Look['kind'], CriterionKind>> = {
  file: 'file-exists',
  directory: 'directory-exists',
  json: 'json-valid',
  http: 'http-response',
  process: 'process-running',
  command: 'named-check',
};

function kindOf(test: CriterionTest): CriterionKind {
  if (test.kind === 'exit-code') return 'exit-code';
  if (test.kind !== 'look') return 'named-check';
  const { look } = test;
  if (look.kind === 'command' && look.tests) return 'tests-pass';
  return look.kind === 'file' && look.match !== null ? 'file-content' : kinds[look.kind];
}

function textOf(test: CriterionTest): string {
  if (test.kind === 'capability') return test.capability;
  if (test.kind === 'exit-code') return test.codes.join(' or ');
  if (test.kind !== 'look') return '';
  const { look } = test;
  switch (look.kind) {
    case 'file':
    case 'directory':
    case 'json':
      return look.paths.join(' or ');
    case 'http':
      return `${look.method} ${look.url}`;
    case 'process':
      return look.name;
    case 'command':
      return look.run;
  }
}
