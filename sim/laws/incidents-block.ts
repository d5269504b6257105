import type { RolloutEvent } from '../../src/rollout/event.ts';
import type { Law } from '../law.ts';

/** Law 8: after a rollback nothing is rolled out until the incident is resolved, or somebody entitled overrides it. */
export function incidentsBlock(): Law {
  return {
    name: '8: incidents block',
    judge(fact, { ledger, overridden }) {
      if (fact.kind !== 'event') return null;
      const event = { type: fact.event.type, ...(fact.event.data as object) } as RolloutEvent;
      if (event.type === 'RolloutEnded' && event.ending === 'rolled-back') {
        return ledger.openIncidents.size > 0 ? null : 'a rollout was taken back and no incident is open';
      }
      if (event.type !== 'RolloutRequested' || event.backTo !== undefined) return null;
      if (ledger.openIncidents.size === 0 || overridden.has(event.rollout)) return null;
      return `${event.rollout} began while ${[...ledger.openIncidents].join(', ')} is open`;
    },
  };
}
