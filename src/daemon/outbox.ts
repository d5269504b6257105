import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../disk/replace-file.ts';
import type { Controller } from '../engine/controller.ts';
import type { ControllerParts } from '../engine/controller-parts.ts';
import { toldOf } from '../engine/read-stories.ts';
import type { JournalEvent } from '../journal/journal.ts';
import type { RolloutStory, ToldEvent } from '../report/rollout-story.ts';
import { deliveriesOf, toldTypes } from './deliveries.ts';
import { attempt, type Delivery, deliveryText } from './delivery.ts';
import { recordGivenUp } from './given-up.ts';
import { RetryQueue } from './retry-queue.ts';

const retryMs = 2_000;
const page = 100;
/** A start passes by so many events at most that tell nobody anything: reading them costs more than they are worth. */
const mostPassed = 500;

/**
 * What the world is told of events: plans, reports, escalations, notices, bug reports, returns to QA. It follows the journal
 * with a cursor on disk, so a crash repeats at most the deliveries of the last event and loses none. What does not arrive
 * waits in a queue of its own and holds up nothing else.
 */
export class Outbox {
  readonly #parts: ControllerParts;
  readonly #controller: Pick<Controller, 'documents' | 'reports'>;
  readonly #path: string;
  readonly #retries: RetryQueue;
  #cursor = 0;
  /** What the disk knows of it. */
  #kept = 0;
  #closed = false;
  #wake: () => void = () => {};
  #done: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => {};

  constructor(parts: ControllerParts, controller: Pick<Controller, 'documents' | 'reports'>) {
    const { stateDir, clock, log, notifier, journal } = parts;
    this.#parts = parts;
    this.#controller = controller;
    this.#path = join(stateDir, 'outbox-cursor');
    this.#retries = new RetryQueue({
      path: join(stateDir, 'outbox-waiting.json'),
      clock,
      log,
      attempt: (delivery) => attempt(delivery, notifier),
      givenUp: async (delivery, facts) => {
        log(`outbox: ${deliveryText(delivery)} was given up: ${facts.error}`);
        await recordGivenUp(journal, delivery, { ...facts, at: clock.now() });
      },
    });
  }

  async open(): Promise<void> {
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '0';
      throw error;
    });
    this.#cursor = Number.parseInt(text, 10) || 0;
    this.#kept = this.#cursor;
    await this.#retries.open();
    this.#unsubscribe = this.#parts.journal.subscribe(() => this.#wake());
    this.#done = this.#follow();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    this.#wake();
    await this.#done;
    await this.#retries.close();
  }

  async #follow(): Promise<void> {
    while (!this.#closed) {
      const woken = new Promise<void>((wake) => {
        this.#wake = wake;
      });
      try {
        const events = await this.#parts.journal.readAll({ after: this.#cursor, limit: page });
        for (const event of events) await this.#pass(event);
        if (events.length === 0) await woken;
        // Reading waits for nothing: without this, catching up on a day of batches would hold up every rollout.
        else if (events.length === page) await new Promise(setImmediate);
      } catch (error) {
        this.#parts.log(`outbox: ${error instanceof Error ? error.message : String(error)}`);
        const cancel = this.#parts.clock.after(retryMs, () => this.#wake());
        await woken;
        cancel();
      }
    }
  }

  /** The cursor moves on disk where somebody was told something, and now and then: passing by an event again tells nobody anything. */
  async #pass(event: JournalEvent): Promise<void> {
    if (this.#closed) return;
    const told = event.stream.startsWith('target/') && toldTypes.has(event.type);
    const deliveries = told ? await this.#deliveriesOf(event) : [];
    if (deliveries.length > 0) {
      // Documents are there before anybody is told of them; receivers do not wait for one another.
      for (const delivery of deliveries.filter(({ kind }) => kind === 'file')) await this.#deliver(delivery);
      const notices = deliveries.filter(({ kind }) => kind === 'notice');
      await Promise.all(notices.map((delivery) => this.#deliver(delivery)));
    }
    this.#cursor = event.sequence;
    if (deliveries.length === 0 && this.#cursor - this.#kept < mostPassed) return;
    await replaceFile(this.#path, `${event.sequence}\n`);
    this.#kept = this.#cursor;
  }

  async #deliver(delivery: Delivery): Promise<void> {
    if (this.#retries.isWaiting(delivery)) return this.#retries.add(delivery, 0);
    try {
      await attempt(delivery, this.#parts.notifier);
    } catch (error) {
      this.#parts.log(`outbox: ${error instanceof Error ? error.message : String(error)}`);
      await this.#retries.add(delivery, 1);
    }
  }

  async #deliveriesOf(event: JournalEvent): Promise<readonly Delivery[]> {
    const { journal } = this.#parts;
    const told = toldOf(event);
    const [before] = await journal.readAll({ after: event.sequence - 2, limit: 1 });
    const opened = incidentBefore(told, before);
    const about = opened?.rollout ?? ('rollout' in told ? told.rollout : null);
    const { reports } = this.#controller;
    const story = about === null ? await reports.storyAt(event) : await reports.story(about);
    if (story === null) return [];
    const incident = opened?.incident ?? openedBy(story, told);
    const [config, links] = await Promise.all([this.#parts.config(), this.#controller.documents(story)]);
    return deliveriesOf(told, { config, story, links, incident });
  }
}

/** A signal after the end calls people right after the incident that it opened, without a rollout that has the floor. */
function incidentBefore(
  told: ToldEvent,
  before: JournalEvent | undefined,
): Pick<Extract<ToldEvent, { type: 'IncidentOpened' }>, 'rollout' | 'incident'> | null {
  if (told.type !== 'Escalated' || told.rollout !== null || before === undefined) return null;
  const event = toldOf(before);
  return event.type === 'IncidentOpened' && event.sequence === told.sequence - 1 ? event : null;
}

function openedBy({ events }: RolloutStory, { sequence }: ToldEvent): string | null {
  const opened = events.findLast((event) => event.type === 'IncidentOpened' && event.sequence <= sequence);
  return opened?.type === 'IncidentOpened' ? opened.incident : null;
}
