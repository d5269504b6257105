import type { Plant } from './plant.ts';
import { afterUnansweredBatch, withCommands, withStates } from './planted-core.ts';

/** Bugs that judge by copies that never were, or by none. */
export const againstCopiesAreJudged: readonly Plant[] = [
  {
    law: 9,
    name: 'copies-count-as-requests',
    bug: 'What copies met stands among the requests of the candidate.',
    wire: (parts) =>
      withCommands(parts, (command, { rollout }) => {
        if (command.type !== 'RecordBatch' || !command.batch?.mirror || rollout === null) return command;
        const { batch } = command;
        const counts = { ...command.batch.mirror.candidate, clientErrors: 0, latency: [], abandoned: [] };
        const copies = { instance: `${rollout.rollout}-1`, arm: 'candidate' as const, ...counts };
        return { ...command, batch: { ...batch, instances: [...batch.instances, copies] } };
      }),
  },
  {
    law: 9,
    name: 'forgives-copies',
    bug: 'A copy that failed counts as one that was skipped.',
    wire: (parts) => ({
      ...parts,
      traffic: {
        ...parts.traffic,
        async counts(target) {
          const counts = await parts.traffic.counts(target);
          const mirror = (counts.mirror ?? []).map((one) => {
            const { requests, bad } = one.candidate;
            const candidate = { requests: requests - bad, bad: 0 };
            return { ...one, candidate, skipped: one.skipped + bad };
          });
          return { ...counts, mirror };
        },
      },
    }),
  },
  {
    law: 9,
    name: 'judges-copies-one-by-one',
    bug: 'What copies showed is forgotten with each batch.',
    wire: (parts) =>
      withStates(parts, (state, event) => {
        const { rollout } = state;
        if (event.type !== 'BatchRecorded' || rollout === null || rollout.phase === 'verifying') return state;
        const { mirror: _, ...evidence } = rollout.evidence;
        return { ...state, rollout: { ...rollout, evidence } };
      }),
  },
  {
    law: 9,
    name: 'copies-counted-from-the-start',
    bug: 'Where the counts of copies stood is kept in memory, and a restart counts all of them again.',
    onlyAt: 'the append of BatchRecorded',
    wire: (parts) => afterUnansweredBatch(parts, ({ mirror: _, ...cursor }) => cursor),
  },
];
