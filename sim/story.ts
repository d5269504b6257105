import type { JournalEvent } from '../src/journal/journal.ts';
import type { RolloutEvent } from '../src/rollout/event.ts';
import type { Fact } from './law.ts';
import type { Ledger } from './ledger.ts';

/** Tells what happens as somebody would who stood beside it: no measurements, no bookkeeping, and short names of rollouts. */
export class Story {
  readonly #ledger: Ledger;
  readonly #names = new Map<string, string>();

  /** `ledger`: as folded up to what is told. */
  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** A sentence; null where there is nothing to tell. */
  tell(fact: Fact): string | null {
    const sentence = this.#sentence(fact);
    return sentence === null ? null : this.named(sentence);
  }

  /** The text with `R-1` for the first rollout, `R-2` for the second. */
  named(text: string): string {
    return text.replace(/R-[0-9a-z]{8,}/g, (id) => {
      const name = this.#names.get(id) ?? `R-${this.#names.size + 1}`;
      this.#names.set(id, name);
      return name;
    });
  }

  #sentence(fact: Fact): string | null {
    switch (fact.kind) {
      case 'event':
        return this.#event(fact.event);
      case 'table':
        return tableIn(fact);
      case 'router-lost':
        return fact.forgot ? 'the router dies, and its tables with it' : 'the router dies';
      case 'ensure':
        return `${fact.instance} is to run`;
      case 'stop':
        return `${fact.instance} is told to stop`;
      case 'observed':
        return `${fact.observation.id} is ${fact.observation.status}`;
      case 'command':
        return `${fact.run.spec.run} is run`;
      default:
        return null;
    }
  }

  #event({ type, data }: JournalEvent): string | null {
    const event = { type, ...(data as object) } as RolloutEvent;
    switch (event.type) {
      case 'RolloutRequested':
        return `${event.rollout} begins: ${event.backTo === undefined ? event.unit : `back to ${event.backTo}`}, asked for by ${event.by}`;
      case 'RolloutQueued':
        return `${event.rollout} waits in the queue`;
      case 'RolloutPlanned':
        return `${event.plan.rollout} has a plan: ${event.plan.strategy.kind}, ${event.plan.replicas} instances`;
      case 'StepStarted':
        return this.#step();
      case 'RolloutPaused':
        return `${event.by} pauses it`;
      case 'RolloutResumed':
        return `${event.by} resumes it`;
      case 'ApprovalGiven':
        return `${event.by} approves it as ${event.role}`;
      case 'VerdictReached':
        return `the verdict is ${event.ok ? 'good' : 'bad'}`;
      case 'GoingBackStarted':
        return `${this.#ledger.rollout?.id} goes back: ${event.reason.message.split('. ')[0]}`;
      case 'ReleasePromoted':
        return `${event.rollout} is stable now`;
      case 'RolloutEnded':
        return `the rollout ends ${event.ending}`;
      case 'IncidentOpened':
        return `incident ${event.incident} is opened`;
      case 'IncidentResolved':
        return `incident ${event.incident} is resolved`;
      case 'StandbyAdopted':
        return `${event.rollout} takes over what ${event.from} kept warm`;
      case 'InstanceRetired':
        return `${event.instance} is retired`;
      default:
        return null;
    }
  }

  #step(): string | null {
    const step = this.#ledger.step();
    const { rollout } = this.#ledger;
    if (step === null || rollout === null) return null;
    const what = step.type === 'setWeight' ? `weight ${step.weightPercent} %` : step.type;
    return `${rollout.id} comes to a step ${rollout.phase === 'back' ? 'back' : 'forward'}: ${what}`;
  }
}

function tableIn({ table, before }: Extract<Fact, { kind: 'table' }>): string {
  if (table.mode !== 'serve') return `the router has table ${table.version}: ${table.mode}`;
  const names = (side: typeof table.stable) => side.map(({ instance }) => instance).join(' and ') || 'nobody';
  const share = `${table.candidateWeight / 100} % to ${names(table.candidate)}, the rest to ${names(table.stable)}`;
  const { mirror } = table;
  const copies =
    mirror === undefined ? '' : `, copies of ${mirror.share / 100} % to ${names(mirror.backends)}`;
  return `the router has table ${table.version}${before === null ? '' : ` after ${before.version}`}: ${share}${copies}`;
}
