import { canonicalJson } from '../../src/base/canonical-json.ts';
import type { Law } from '../law.ts';

/** Law 10: two controllers never act on one environment; a lease with a fencing number guards the journal and the router. */
export function fencedController(): Law {
  let newest = 0;
  return {
    name: '10: one controller',
    judge(fact, { ledger }) {
      if (fact.kind === 'lease') {
        if (fact.fence <= newest) return `the lease was given out again under fence ${fact.fence}`;
        newest = fact.fence;
      }
      if (fact.kind === 'event' && fact.fence !== newest) {
        return `event ${fact.event.version} was written under fence ${fact.fence}, and ${newest} holds the lease`;
      }
      if (fact.kind !== 'table') return null;
      const { table, before } = fact;
      if (before !== null && before.fence > table.fence)
        return `table ${table.version} of fence ${table.fence} took the place of fence ${before.fence}`;
      const { fence: _, ...routes } = table;
      const asked = ledger.routes.get(table.version);
      if (asked !== undefined && canonicalJson(asked) === canonicalJson(routes)) return null;
      return `table ${table.version} is in force, and the journal does not say so`;
    },
  };
}
