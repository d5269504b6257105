import type { Artifact, Criterion } from '../reading/document.ts';
import { type CriterionContext, criterionTest } from './criterion-test.ts';
import { candidatesOf, eachNamed, type PathPlaces } from './named-paths.ts';
import type { PlannedCriterion } from './planned-criterion.ts';

/**
 * Criteria as a document prints them, each with its test; `1`, `2` … in their order. One that wants several files becomes one for
 * each (`2`, `2-2`): a look holds when any of its paths is there.
 */
export function plannedCriteria(
  criteria: readonly Criterion[],
  context: Omit<CriterionContext, 'siblings'>,
): readonly PlannedCriterion[] {
  return criteria.flatMap((criterion, index) =>
    partsOf(criterion).map((part, place) => ({
      id: place === 0 ? String(index + 1) : `${index + 1}-${place + 1}`,
      label: part.label,
      kind: part.kind,
      text: part.text,
      ...criterionTest(part, { ...context, siblings: criteria }),
    })),
  );
}

function partsOf(criterion: Criterion): readonly Criterion[] {
  const { kind, text } = criterion;
  if ((kind !== 'file-exists' && kind !== 'directory-exists') || text.length > 2_000) return [criterion];
  return eachNamed(text)?.map((name) => ({ ...criterion, text: name })) ?? [criterion];
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
