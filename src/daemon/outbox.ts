import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseTargetId } from '../base/ids.ts';
import type { ProjectConfig } from '../config/config.ts';
import { replaceFile } from '../disk/replace-file.ts';
import type { Controller } from '../engine/controller.ts';
import type { ControllerParts } from '../engine/controller-parts.ts';
import type { JournalEvent } from '../journal/journal.ts';
import type { Channel, Notice } from '../ports/notify/port.ts';
import { deploymentReport } from '../report/deployment-report.ts';
import type { RolloutStory } from '../report/rollout-story.ts';

const retryMs = 2_000;

/**
 * What the world is told of events: notices, reports, bug reports, returns to QA. It follows the journal with a cursor on
 * disk, so a crash repeats at most the last delivery and loses none.
 */
export class Outbox {
  readonly #parts: ControllerParts;
  readonly #controller: Controller;
  readonly #path: string;
  #cursor = 0;
  #closed = false;
  #wake: () => void = () => {};
  #done: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => {};

  constructor(parts: ControllerParts, controller: Controller) {
    this.#parts = parts;
    this.#controller = controller;
    this.#path = join(parts.stateDir, 'outbox-cursor');
  }

  async open(): Promise<void> {
    const text = await readFile(this.#path, 'utf8').catch(() => '0');
    this.#cursor = Number.parseInt(text, 10) || 0;
    this.#unsubscribe = this.#parts.journal.subscribe(() => this.#wake());
    this.#done = this.#follow();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    this.#wake();
    await this.#done;
  }

  async #follow(): Promise<void> {
    while (!this.#closed) {
      const woken = new Promise<void>((wake) => {
        this.#wake = wake;
      });
      try {
        const events = await this.#parts.journal.readAll({ after: this.#cursor, limit: 100 });
        for (const event of events) await this.#deliver(event);
        if (events.length === 0) await woken;
      } catch (error) {
        this.#parts.log(`outbox: ${error instanceof Error ? error.message : String(error)}`);
        const cancel = this.#parts.clock.after(retryMs, () => this.#wake());
        await woken;
        cancel();
      }
    }
  }

  async #deliver(event: JournalEvent): Promise<void> {
    if (this.#closed) return;
    if (event.stream.startsWith('target/') && told.has(event.type)) {
      const target = parseTargetId(event.stream.slice('target/'.length));
      const config = await this.#parts.config();
      const stories = await this.#controller.stories(target);
      const story = stories.findLast(({ startedAt }) => startedAt <= event.at);
      if (story !== undefined) await this.#tell(event, story, { config, target: target.environment });
    }
    this.#cursor = event.sequence;
    await replaceFile(this.#path, `${event.sequence}\n`);
  }

  async #tell(
    event: JournalEvent,
    story: RolloutStory,
    { config, target }: { readonly config: ProjectConfig; readonly target: string },
  ): Promise<void> {
    const channels = config.environments.find(({ name }) => name === target)?.notices ?? [];
    if (event.type === 'RolloutEnded') {
      await this.#writeReport(story);
      if (story.ending === 'refused') await this.#send(noticeOf(event, story, 'qa-return'), [config.qaInbox]);
    }
    if (event.type === 'IncidentOpened') {
      await this.#send(noticeOf(event, story, 'bug-report'), [config.workAssigner]);
    }
    await this.#send(noticeOf(event, story, kinds[event.type] ?? 'decision'), channels);
  }

  async #send(notice: Notice, channels: readonly Channel[]): Promise<void> {
    for (const channel of channels) {
      try {
        await this.#parts.notifier.deliver(notice, channel);
      } catch (error) {
        // One receiver that is away must not hold up the rest; what it missed is in the journal.
        this.#parts.log(`notice ${notice.id}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  async #writeReport(story: RolloutStory): Promise<void> {
    const path = await this.#controller.reportPath(story);
    await mkdir(dirname(path), { recursive: true });
    await replaceFile(path, deploymentReport(story));
  }
}

const kinds: Readonly<Record<string, Notice['kind']>> = {
  RolloutRequested: 'start',
  GoingBackStarted: 'decision',
  RolloutEnded: 'end',
  IncidentOpened: 'escalation',
};

const told: ReadonlySet<string> = new Set(Object.keys(kinds));

function noticeOf(event: JournalEvent, story: RolloutStory, kind: Notice['kind']): Notice {
  const what = {
    start: 'was requested',
    decision: 'is going back',
    end: `ended ${story.ending ?? ''}`,
    escalation: 'needs a person',
    'bug-report': 'was taken back',
    'qa-return': 'was refused',
  }[kind];
  const { rollout, unit, reason, plan } = story;
  const title = `${plan?.release.service ?? ''} ${plan?.release.version ?? ''} (${rollout}) ${what}`.trim();
  const severity = kind === 'bug-report' ? 'high' : 'info';
  return {
    id: `${kind}-${rollout}-${event.sequence}`,
    kind,
    at: event.at,
    title,
    body: [
      '---',
      `type: ${kind}`,
      `severity: ${severity}`,
      `unit_id: ${unit ?? ''}`,
      `rollout: ${rollout}`,
      `created: ${new Date(event.at).toISOString()}`,
      '---',
      '',
      `# ${title}`,
      '',
      reason === null ? 'No reason was recorded.' : `${reason.message} (${reason.code}, by ${reason.by})`,
      '',
      ...story.gates
        .filter(({ holds }) => !holds)
        .map(
          ({ gate, required, observed, remedy }) =>
            `- ${gate}: ${observed}; required: ${required}. ${remedy}`,
        ),
      '',
      kind === 'bug-report' ? deploymentReport(story) : '',
    ].join('\n'),
    facts: { rollout, unit, event: event.type, ...(event.data as object) },
  };
}
