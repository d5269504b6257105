import type { TrafficCounts } from '../../src/base/counts.ts';
import type { Plant } from './plant.ts';
import { afterUnansweredBatch, withCommands, withEvents } from './planted-core.ts';

/** Bugs that promote on what was not measured. */
export const againstFreshMeasurements: readonly Plant[] = [
  {
    law: 9,
    name: 'counts-twice',
    bug: 'Each batch holds the requests of the candidate twice.',
    wire: (parts) =>
      withCommands(parts, (command) => {
        if (command.type !== 'RecordBatch' || command.batch === null) return command;
        const { batch } = command;
        const instances = batch.instances.map((one) => ({ ...one, requests: 2 * one.requests }));
        return { ...command, batch: { ...batch, instances } };
      }),
  },
  {
    law: 9,
    name: 'nothing-seen-is-fine',
    bug: 'An analysis that saw too little by its deadline is successful.',
    wire: (parts) =>
      withEvents(parts, (event) =>
        event.type === 'PersonAsked'
          ? [event, { type: 'VerdictReached', ok: true, observed: event.observed }]
          : [event],
      ),
  },
  {
    law: 9,
    name: 'verdict-without-a-measurement',
    bug: 'A step that analyses is over when it begins.',
    wire: (parts) =>
      withEvents(parts, (event, _, { rollout }) => {
        const plan = rollout?.phase === 'forward' ? rollout.plan : null;
        return event.type === 'StepStarted' && plan?.steps[event.index]?.type === 'analyze'
          ? [event, { type: 'VerdictReached', ok: true, observed: 'assumed' }]
          : [event];
      }),
  },
  {
    law: 9,
    name: 'no-answer-is-the-usual-figure',
    bug: 'A source outside the router that has nothing to tell is taken to say what it usually says.',
    wire: (parts) => ({
      ...parts,
      metrics: {
        async measure(source, options) {
          const told = await parts.metrics.measure(source, options);
          return told.kind === 'value' ? told : { kind: 'value', value: 10, measuredAt: options.at };
        },
      },
    }),
  },
  {
    law: 9,
    name: 'old-counts-for-none',
    bug: 'When the router does not answer, its last counts stand for new ones.',
    onlyAt: 'traffic.counts',
    wire(parts) {
      let last: TrafficCounts | null = null;
      return {
        ...parts,
        traffic: {
          ...parts.traffic,
          async counts(target) {
            try {
              last = await parts.traffic.counts(target);
            } catch (error) {
              if (last === null) throw error;
            }
            return last as TrafficCounts;
          },
        },
      };
    },
  },
  {
    law: 9,
    name: 'cursor-kept-in-memory',
    bug: 'How far was counted is moved on after the batch was appended, and a restart counts everything again.',
    onlyAt: 'the append of BatchRecorded',
    wire: (parts) => afterUnansweredBatch(parts, (cursor) => ({ ...cursor, instances: {} })),
  },
];
