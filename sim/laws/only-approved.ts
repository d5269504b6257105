import type { Law, WorldView } from '../law.ts';

/** Law 6: nothing unapproved, unverified or with a digest other than the approved one ever receives a user's request. */
export function onlyApproved(): Law {
  /** What was found once holds for as long as the instance lives: its bytes do not change. */
  const judged = new Map<string, string | null>();
  return {
    name: '6: only what is approved',
    judge(fact, world) {
      if (fact.kind !== 'request') return null;
      const { instance, generation } = fact;
      const known = judged.get(instance);
      if (known !== undefined) return known;
      const found = judgeRelease(instance, generation, world);
      judged.set(instance, found);
      return found;
    },
  };
}

function judgeRelease(
  instance: Parameters<WorldView['running']>[0],
  generation: string,
  world: WorldView,
): string | null {
  const running = world.running(instance);
  const plan = world.ledger.plans.get(generation);
  if (running === null || plan === undefined)
    return `a request went to ${instance}, of which nothing is known`;
  const approved = world.approvedDigest(running.unit);
  if (approved === null) return `a request went to ${instance} of ${running.unit}, which QA did not approve`;
  if (running.digest !== approved)
    return `a request went to ${instance}, which runs ${running.digest} instead of ${approved}`;
  if (plan.release.artifact !== approved)
    return `${generation} was planned with ${plan.release.artifact} instead of ${approved}`;
  const given = world.ledger.approvals.get(generation) ?? new Set();
  const first = plan.steps.findIndex(({ type }) => type === 'setWeight');
  const missing = plan.steps
    .slice(0, first)
    .flatMap((step) => (step.type === 'approve' ? step.roles : []))
    .find((role) => !given.has(role));
  return missing === undefined
    ? null
    : `a request went to ${instance} before ${missing} approved ${generation}`;
}
