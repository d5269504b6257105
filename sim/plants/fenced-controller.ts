import type { Plant } from './plant.ts';
import { withJournal } from './planted-core.ts';

/** Bugs that let two controllers act at once. */
export const againstFencedController: readonly Plant[] = [
  {
    law: 10,
    name: 'acts-before-it-writes',
    bug: 'A table is changed on its way to the router, after it was written down.',
    wire: (parts) => ({
      ...parts,
      traffic: {
        ...parts.traffic,
        apply: (table) => parts.traffic.apply({ ...table, pathPrefix: '/new' }),
      },
    }),
  },
  {
    law: 10,
    name: 'writes-without-its-lease',
    bug: 'An append that another controller fenced off is written without the fence.',
    wire: (parts) =>
      withJournal(parts, {
        async append(stream, version, events, options) {
          const result = await parts.journal.append(stream, version, events, options);
          return result.kind === 'fenced' ? parts.journal.append(stream, version, events) : result;
        },
      }),
  },
  {
    law: 10,
    name: 'lease-keeps-its-fence',
    bug: 'A lease that changes hands keeps its number.',
    lease: (result, given) =>
      result.kind === 'acquired' && given > 0
        ? { ...result, lease: { ...result.lease, fence: given } }
        : result,
  },
  {
    law: 10,
    name: 'tries-again-under-the-next-version',
    bug: 'A table that nobody acknowledged is sent again under the next version, so that the router takes it.',
    onlyAt: 'traffic.apply',
    wire: (parts) => ({
      ...parts,
      traffic: {
        ...parts.traffic,
        apply: (table) =>
          parts.traffic
            .apply(table)
            .catch(() => parts.traffic.apply({ ...table, version: table.version + 1 })),
      },
    }),
  },
];
