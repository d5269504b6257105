import { isErrorFacts } from '../../src/base/sluice-error.ts';
import type { QaLookup } from '../../src/ports/qa/port.ts';
import { currentStep } from '../../src/rollout/state.ts';
import type { Plant } from './plant.ts';
import { afterUnansweredAppend, withStates } from './planted-core.ts';

/** Bugs that let users meet what nobody approved. */
export const againstOnlyApproved: readonly Plant[] = [
  {
    law: 6,
    name: 'any-report-approves',
    bug: 'A report counts as an approval, whatever its status says.',
    wire: (parts) => ({
      ...parts,
      qa: { find: async (unit) => approving(await parts.qa.find(unit)) },
    }),
  },
  {
    law: 6,
    name: 'runs-what-is-unpacked-already',
    bug: 'The directory of the earlier instance is taken instead of unpacking the artifact again.',
    wire(parts) {
      let unpacked: string | null = null;
      return {
        ...parts,
        artifacts: {
          ...parts.artifacts,
          async materialise(digest, instance) {
            unpacked ??= await parts.artifacts.materialise(digest, instance);
            return unpacked;
          },
          release: async () => {},
        },
      };
    },
  },
  {
    law: 6,
    name: 'approvals-are-assumed',
    bug: 'Whoever asks for a rollout approves it for every role.',
    wire: (parts) =>
      withStates(parts, (state, event) => {
        const { rollout } = state;
        if (event.type !== 'RolloutPlanned' || rollout === null || rollout.phase === 'verifying')
          return state;
        const roles = rollout.plan.steps.flatMap((step) => (step.type === 'approve' ? step.roles : []));
        return {
          ...state,
          rollout: { ...rollout, approvals: roles.map((role) => ({ role, by: rollout.by })) },
        };
      }),
  },
  {
    law: 6,
    name: 'no-answer-means-unpacked',
    bug: 'When the artifact store does not answer, the directory that it unpacked last is taken.',
    onlyAt: 'artifacts.materialise',
    wire(parts) {
      let last: string | null = null;
      return {
        ...parts,
        artifacts: {
          ...parts.artifacts,
          async materialise(digest, instance) {
            try {
              last = await parts.artifacts.materialise(digest, instance);
            } catch (error) {
              if (last === null || !isErrorFacts(error) || error.code !== 'simulated-fault') throw error;
            }
            return last;
          },
        },
      };
    },
  },
  {
    law: 6,
    name: 'approved-by-restarting',
    bug: 'A step that waits for an approval is not waited for again by a controller that takes over just then.',
    onlyAt: 'the append of StepStarted for the step that waits for an approval',
    wire: (parts) =>
      afterUnansweredAppend(parts, 'StepStarted', (state) => {
        const step = currentStep(state.rollout);
        const { rollout } = state;
        if (step?.type !== 'approve' || rollout === null || rollout.phase === 'verifying') return state;
        const approvals = step.roles.map((role) => ({ role, by: 'controller' }));
        return { ...state, rollout: { ...rollout, approvals } };
      }),
  },
];

function approving(found: QaLookup): QaLookup {
  if (found.kind !== 'found') return found;
  const frontmatter = { ...found.report.frontmatter, status: 'approved' };
  return { ...found, report: { ...found.report, frontmatter } };
}
