import { unreachable } from '../../base/invariant.ts';
import type { Seen } from '../../base/look.ts';
import { formatFault } from '../../workflow/judge/format-fault.ts';
import { type Asked, restates } from '../../workflow/judge/restates.ts';
import { withoutComments } from '../../workflow/judge/without-comments.ts';
import type { PlanNode } from '../../workflow/plan/plan.ts';
import { isProbe, type PlannedCriterion } from '../../workflow/plan/planned-criterion.ts';
import type { Judgement, Performed } from '../../workflow/run/judgement.ts';
import type { WorkflowParts } from './workflow-parts.ts';

export interface Judged {
  readonly root: string;
  readonly criteria: readonly PlannedCriterion[];
  /** Of a step: what it is about, how it went and what was printed; null for groups. */
  readonly step: {
    readonly node: PlanNode;
    readonly performed: Performed;
    readonly output: string;
    /** Its brief. */
    readonly told: string;
  } | null;
  readonly signal: AbortSignal;
}

/** Looks at each criterion by itself, one after the other. What cannot be looked at is told as that, never passed over. */
export async function judgeCriteria(parts: WorkflowParts, judged: Judged): Promise<readonly Judgement[]> {
  const judgements: Judgement[] = [];
  for (const criterion of judged.criteria) {
    if (judged.signal.aborted) break;
    judgements.push(await judge(parts, judged, criterion));
  }
  return judgements;
}

async function judge(parts: WorkflowParts, judged: Judged, criterion: PlannedCriterion): Promise<Judgement> {
  const { id, test } = criterion;
  const at = parts.clock.now();
  const told = (outcome: Judgement['outcome'], seen: Partial<Seen>): Judgement => {
    const { content: _, ...kept } = { ...unseen, at, holds: outcome === 'holds', ...seen };
    return { criterion: id, outcome, seen: kept };
  };
  switch (test.kind) {
    case 'sign-off':
      return told('waits', { observed: 'only a person can say' });
    case 'unbound':
      return told('unbound', { observed: test.needs });
    case 'exit-code': {
      const exitCode = commandOf(judged)?.exitCode ?? null;
      if (exitCode === null) return told('unbound', { observed: 'no command is bound to the step' });
      const holds = test.codes.includes(exitCode);
      return told(holds ? 'holds' : 'fails', { exitCode, observed: `exit code ${exitCode}` });
    }
    case 'output': {
      const command = commandOf(judged);
      if (command === null)
        return told('unbound', { observed: 'the words of an agent or a person are no output' });
      const { holds, observed, excerpt } = await parts.observer.match(command.output, test.match);
      if (!holds) return told('fails', { observed, excerpt });
      // By itself a sentence proves nothing; where the bindings hold it for a proof it has to say more than it was asked to.
      const empty = criterion.proves ? restates(command.output, askedOf(judged, null)) : null;
      return told(empty === null ? 'holds' : 'restates', { observed: empty ?? observed, excerpt });
    }
    case 'look': {
      const seen = await parts.observer.look(test.look, { root: judged.root, signal: judged.signal });
      if (!seen.holds || seen.content === null) return told(seen.holds ? 'holds' : 'fails', seen);
      // Of a larger file only the beginning is here, which is no whole document.
      const whole = Buffer.byteLength(seen.content) < 2 ** 20;
      const fault = whole ? formatFault(seen.content, seen.path ?? '') : null;
      if (fault !== null) return told('fails', { ...seen, observed: fault });
      const empty =
        (await matchesInComment(parts, criterion, seen, whole)) ??
        restates(seen.content, askedOf(judged, seen.path));
      return told(empty === null ? 'holds' : 'restates', { ...seen, observed: empty ?? seen.observed });
    }
    case 'capability': {
      const found = parts.capabilities.get(test.capability);
      if (found === undefined)
        return told('unbound', { observed: `Sluice has no capability "${test.capability}"` });
      const { holds, observed } = await found.probe(test.with);
      return told(holds ? 'holds' : 'fails', { observed });
    }
    default:
      return unreachable(test);
  }
}

/** That a phrase stands in a comment says nothing of what the file does. A probe may look for one. */
async function matchesInComment(
  { observer }: WorkflowParts,
  { id, test }: PlannedCriterion,
  { content, path }: Seen,
  whole: boolean,
): Promise<string | null> {
  if (test.kind !== 'look' || test.look.kind !== 'file' || test.look.match === null) return null;
  if (content === null || !whole || isProbe({ id })) return null;
  const bare = withoutComments(content, path ?? '');
  if (bare === content || (await observer.match(bare, test.look.match)).holds) return null;
  return 'what was asked for stands in a comment only';
}

const unseen: Seen = {
  holds: false,
  observed: '',
  digest: null,
  exitCode: null,
  excerpt: '',
  path: null,
  content: null,
  at: 0,
};

/** What a bound command or a capability printed; nobody else's words count. */
function commandOf({ step }: Judged): { readonly exitCode: number | null; readonly output: string } | null {
  const kind = step?.node.executor?.kind;
  // Nobody did in this run what its document says was done.
  if (step === null || step.performed.ended === 'claimed' || (kind !== 'run' && kind !== 'sluice'))
    return null;
  return { exitCode: step.performed.exitCode, output: step.output };
}

function askedOf({ step, criteria }: Judged, path: string | null): Asked {
  const { command = '', description = null } = step?.node ?? {};
  const told = step?.told ?? '';
  return { command, description, criteria: criteria.filter((one) => !isProbe(one)), path, told };
}
