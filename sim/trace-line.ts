import type { Fact } from './law.ts';

/** A fact as the trace of a seed shows it. */
export function lineOf(fact: Fact): string {
  switch (fact.kind) {
    case 'event': {
      const { type, version, data } = fact.event;
      return `event ${version} ${type} ${type === 'BatchRecorded' ? '' : JSON.stringify(data).slice(0, 240)}`;
    }
    case 'table': {
      const { fence, version, mode, stable, candidate, candidateWeight, mirror } = fact.table;
      const names = (list: typeof stable) => list.map(({ instance }) => instance).join(' ');
      const copies = mirror === undefined ? '' : ` copies ${mirror.share} [${names(mirror.backends)}]`;
      return `table ${fence}/${version} ${mode} ${candidateWeight} [${names(stable)}] [${names(candidate)}]${copies}`;
    }
    case 'observed':
      return `${fact.observation.id} is ${fact.observation.status} ${fact.observation.reason ?? ''}`;
    case 'command':
      return `command ${fact.run.id} ${fact.run.spec.run}`;
    default:
      return JSON.stringify(fact);
  }
}
