import type { PlanNode } from '../plan/plan.ts';
import type { PlannedCriterion } from '../plan/planned-criterion.ts';
import type { Judgement, Performed } from '../run/judgement.ts';

export type StepVerdict =
  | { readonly kind: 'succeeded' }
  /** Nothing speaks against it, and nothing proves it. */
  | { readonly kind: 'unproven'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
  /** Its document says that it was done, and it was not. */
  | { readonly kind: 'disproved'; readonly reason: string }
  /** It was under way when the controller ended, and is not done. `again`: it may be done twice. */
  | { readonly kind: 'lost'; readonly again: boolean; readonly reason: string };

/** What an attempt comes to: every criterion has to hold, and one of them has to prove that the thing is there. */
export function judgeStep(
  node: PlanNode,
  performed: Performed,
  judgements: readonly Judgement[],
): StepVerdict {
  const ended = judgeEnding(node, performed);
  if (ended !== null) return ended;
  const broken = judgements.filter(({ outcome }) => outcome === 'fails' || outcome === 'error');
  if (performed.ended === 'lost' && (broken.length > 0 || judgements.length === 0)) {
    const reason = 'it was under way when the controller ended, and how far it got is not known';
    return { kind: 'lost', again: node.idempotent, reason };
  }
  const claimed = performed.ended === 'claimed' ? `its document says "${node.claim?.status}", but ` : '';
  if (claimed !== '' && broken.length > 0)
    return { kind: 'disproved', reason: claimed + told(node.criteria, broken) };
  if (broken.length > 0) return { kind: 'failed', reason: told(node.criteria, broken) };
  const open = judgements.filter(({ outcome }) => outcome !== 'holds');
  if (open.length > 0) return { kind: 'unproven', reason: claimed + told(node.criteria, open) };
  const held = new Set(judgements.map(({ criterion }) => criterion));
  if (node.criteria.some(({ id, proves }) => proves && held.has(id))) return { kind: 'succeeded' };
  const reason = 'it has no probe, so nothing shows that what it describes is there';
  return { kind: 'unproven', reason: claimed + reason };
}

function judgeEnding(
  { criteria }: PlanNode,
  { ended, exitCode, tampered, excerpt }: Performed,
): StepVerdict | null {
  if (tampered.length > 0) {
    return { kind: 'failed', reason: `it changed what it must not: ${tampered.slice(0, 5).join(', ')}` };
  }
  if (ended === 'timed-out') return { kind: 'failed', reason: 'it was not done within its time' };
  if (ended === 'refused') return { kind: 'failed', reason: excerpt === '' ? 'it was refused' : excerpt };
  // A document may ask for an exit code other than 0.
  const asked = criteria.some(({ test }) => test.kind === 'exit-code');
  if (ended !== 'failed' || (asked && exitCode !== null)) return null;
  return {
    kind: 'failed',
    reason: exitCode === null ? excerpt.split('\n')[0] || 'it failed' : `exit code ${exitCode}`,
  };
}

/** `File Exists plan.md: no such file`, for the first three. */
export function told(criteria: readonly PlannedCriterion[], judgements: readonly Judgement[]): string {
  const parts = judgements.slice(0, 3).map(({ criterion, outcome, seen }) => {
    const found = criteria.find(({ id }) => id === criterion);
    const name = [found?.label, found?.text].filter(Boolean).join(' ').slice(0, 120);
    return [name, seen.observed || outcome].filter(Boolean).join(': ');
  });
  const more = judgements.length - parts.length;
  return more > 0 ? `${parts.join('; ')}; and ${more} more` : parts.join('; ');
}
