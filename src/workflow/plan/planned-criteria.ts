import type { Artifact, Criterion } from '../reading/document.ts';
import { type CriterionContext, criterionTest } from './criterion-test.ts';
import { candidatesOf, type PathPlaces } from './named-paths.ts';
import type { PlannedCriterion } from './planned-criterion.ts';

/** Criteria as a document prints them, each with its test; `1`, `2` … in their order. */
export function plannedCriteria(
  criteria: readonly Criterion[],
  context: Omit<CriterionContext, 'siblings'>,
): readonly PlannedCriterion[] {
  return criteria.map((criterion, index) => ({
    id: String(index + 1),
    label: criterion.label,
    kind: criterion.kind,
    text: criterion.text,
    ...criterionTest(criterion, { ...context, siblings: criteria }),
  }));
}

/** That a promised file is there, and follows its schema where the document gives one. */
export function artifactCriterion(artifact: Artifact, places: PathPlaces): Omit<PlannedCriterion, 'id'> {
  const names = [artifact.path, ...artifact.alternatives];
  const paths = [...new Set(names.flatMap((name) => candidatesOf(name, places)))];
  const json = artifact.schema !== null && names.every((name) => /\.json$/i.test(name));
  return {
    label: 'Artifact',
    kind: json ? 'json-valid' : 'file-exists',
    text: names.join(' or '),
    test: {
      kind: 'look',
      look: json ? { kind: 'json', paths, schema: artifact.schema } : { kind: 'file', paths, match: null },
    },
    proves: false,
  };
}
