import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Cancel, Clock } from '../base/clock.ts';
import type { ProjectConfig } from '../config/config.ts';
import type { ControllerParts } from '../engine/controller-parts.ts';
import { readStories } from '../engine/read-stories.ts';
import { type DocumentNames, ReportIndex } from '../engine/report-index.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { memoryNotifier } from '../ports/notify/memory.ts';
import type { Channel } from '../ports/notify/port.ts';
import { deploymentReport } from '../report/deployment-report.ts';
import { MemoryWorld } from '../report/memory-world.ts';
import { planText } from '../report/plan-text.ts';
import type { RolloutStory, ToldEvent } from '../report/rollout-story.ts';
import { Outbox } from './outbox.ts';

const homes: string[] = [];
after(() => Promise.all(homes.map((home) => rm(home, { recursive: true, force: true }))));

/** Time that passes only when it is told to. */
class ManualClock implements Clock {
  #now = 1_000;
  #timers: { readonly at: number; readonly callback: () => void }[] = [];
  now(): number {
    return this.#now;
  }
  monotonicMs(): number {
    return this.#now;
  }
  after(delayMs: number, callback: () => void): Cancel {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }
  get waiting(): number {
    return this.#timers.length;
  }
  pass(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { callback } of due) callback();
  }
}

const channels: readonly Channel[] = [{ kind: 'webhook', url: 'http://127.0.0.1:1/x' }, { kind: 'terminal' }];

/** An outbox over a journal in memory, with a project in a directory of its own. */
class Bench {
  readonly clock = new ManualClock();
  readonly notifier = memoryNotifier();
  readonly journal = new MemoryJournal();
  readonly world = new MemoryWorld();
  readonly log: string[] = [];
  readonly root: string;
  #outbox: Outbox | null = null;
  #written = 0;

  private constructor(root: string) {
    this.root = root;
  }

  static async make(): Promise<Bench> {
    const root = await mkdtemp(join(tmpdir(), 'sluice-outbox-'));
    homes.push(root);
    return new Bench(root);
  }

  async open(contacts: ProjectConfig['contacts'] = { primary: 'ada', secondary: null }): Promise<void> {
    const config = {
      root: this.root,
      reports: '01-Projects/shop/Deployments',
      environments: [{ name: 'production', notices: channels }],
      workAssigner: { kind: 'folder', path: 'Inbox' },
      qaInbox: { kind: 'folder', path: 'QA/Inbox' },
      contacts,
    } as unknown as ProjectConfig;
    const parts = {
      stateDir: this.root,
      clock: this.clock,
      config: async () => config,
      journal: this.journal,
      notifier: this.notifier,
      log: (line: string) => void this.log.push(line),
    } as unknown as ControllerParts;
    const index = new ReportIndex(this.journal);
    const documents = async ({ rollout }: RolloutStory): Promise<DocumentNames> => {
      const name = await index.nameOf(rollout);
      return { name, report: join(config.reports, `Deploy-${name}.md`), plan: `plans/Plan-${name}.md` };
    };
    this.#outbox = new Outbox(parts, { documents, reports: index });
    await this.#outbox.open();
  }

  async close(): Promise<void> {
    await this.#outbox?.close();
    this.#outbox = null;
  }

  /** Writes what the world told since the last time, and waits until the outbox has passed it. */
  async tell(): Promise<void> {
    const fresh = this.world.events.slice(this.#written);
    this.#written = this.world.events.length;
    const entries = fresh.map(({ type, when, actor, sequence: _, ...data }: ToldEvent) => ({
      type,
      data,
      at: when,
      actor,
    }));
    const version = this.#written - fresh.length;
    const last = fresh.findLast(({ type }) => toldTypes.has(type))?.sequence ?? 0;
    await this.journal.append('target/web@production', version, entries);
    await this.until(async () => Number(await this.read('outbox-cursor').catch(() => '0')) >= last);
  }

  read(path: string): Promise<string> {
    return readFile(join(this.root, path), 'utf8');
  }

  /** Turns of the event loop until it holds; virtual time stands still meanwhile. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    const limit = performance.now() + 10_000;
    while (!(await holds())) {
      assert.ok(performance.now() < limit, `it never held; told: ${this.log.join('\n')}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  kinds(channel: Channel['kind']): readonly string[] {
    return this.notifier.delivered
      .filter((one) => one.channel.kind === channel)
      .map(({ notice }) => notice.kind);
  }
}

const toldTypes = new Set([
  'RolloutRequested',
  'GoingBackStarted',
  'RolloutEnded',
  'IncidentOpened',
  'Escalated',
]);
const folder = '01-Projects/shop/Deployments';

describe('the outbox', () => {
  it('writes report and plan as the journal tells them, and tells of start, decision and end', async () => {
    const bench = await Bench.make();
    await bench.open();
    bench.world.deploy({ unit: 'U-40', version: '1.0.0' });
    const story = bench.world.deploy({ unit: 'U-42', version: '1.2.0', badShare: 0.03 });
    await bench.tell();
    await bench.close();
    assert.deepEqual((await readdir(join(bench.root, folder))).sort(), ['Deploy-U-40.md', 'Deploy-U-42.md']);
    const rebuilt = (await readStories(bench.journal, story.target)).at(-1) as RolloutStory;
    assert.equal(await bench.read(`${folder}/Deploy-U-42.md`), deploymentReport(rebuilt));
    assert.ok(story.plan !== null);
    const plan = planText(story.plan, story.gates, bench.world.paperwork);
    assert.equal(await bench.read('plans/Plan-U-42.md'), plan);
    assert.deepEqual(bench.kinds('terminal'), [
      ...['start', 'decision', 'end'],
      ...['start', 'decision', 'decision', 'decision', 'end'],
    ]);
    assert.deepEqual(bench.kinds('folder'), ['bug-report']);
  });

  it('calls people with a document, on every channel and at contacts that are addresses', async () => {
    const bench = await Bench.make();
    await bench.open({ primary: 'http://127.0.0.1:1/pager', secondary: 'ada' });
    bench.world.deploy({ unit: 'U-40', version: '1.0.0' });
    bench.world.deploy({ unit: 'U-42', version: '1.2.0', badShare: 0.03, restored: false });
    await bench.tell();
    await bench.close();
    const called = bench.notifier.delivered.filter(({ notice }) => notice.kind === 'escalation');
    assert.deepEqual(
      called.map(({ channel }) => (channel.kind === 'webhook' ? channel.url : channel.kind)).sort(),
      ['http://127.0.0.1:1/pager', 'http://127.0.0.1:1/x', 'terminal'],
    );
    const [file] = (await readdir(join(bench.root, folder))).filter((name) => name.startsWith('Escalation-'));
    assert.match(file ?? '', /^Escalation-U-42-not-restored-\d+\.md$/);
    assert.equal(await bench.read(`${folder}/${file}`), called[0]?.notice.body);
  });

  it('calls people for what is found after a success, with the incident it opened', async () => {
    const bench = await Bench.make();
    await bench.open();
    bench.world.deploy({ unit: 'U-40', version: '1.0.0' });
    bench.world.now += 60_000;
    bench.world.tell({ type: 'OpenIncident', signal: 'integrity', title: 'orders are lost' }, 'eve');
    await bench.tell();
    await bench.close();
    const called = bench.notifier.delivered.find(({ notice }) => notice.kind === 'escalation');
    assert.match(called?.notice.body ?? '', /\*\*Unit ID:\*\* U-40/);
    assert.match(called?.notice.body ?? '', /Opened the incident INC-R-1-integrity/);
  });

  it('gives the work assigner what failed before users met it', async () => {
    const bench = await Bench.make();
    await bench.open();
    bench.world.deploy({ unit: 'U-40', version: '1.0.0' });
    bench.world.deploy({ unit: 'U-44', version: '1.4.0', smoke: false });
    await bench.tell();
    await bench.close();
    const items = bench.notifier.delivered.filter(({ notice }) => notice.kind === 'bug-report');
    assert.deepEqual(
      items.map(({ channel, notice }) => [channel, notice.id]),
      [[{ kind: 'folder', path: 'Inbox' }, 'BUG-R-2']],
    );
  });

  it('returns a unit to QA when its approval is what keeps it out', async () => {
    const bench = await Bench.make();
    await bench.open();
    const gate = {
      gate: 'qa-fresh',
      holds: false,
      onFailure: 'block',
      required: 'x',
      observed: '40 days',
      remedy: '',
    } as const;
    bench.world.deploy({ unit: 'U-43', version: '1.3.0', gates: [gate] });
    await bench.tell();
    await bench.close();
    const returned = bench.notifier.delivered.filter(({ notice }) => notice.kind === 'qa-return');
    assert.deepEqual(
      returned.map(({ channel, notice }) => [channel, notice.id]),
      [[{ kind: 'folder', path: 'QA/Inbox' }, 'QA-Return-U-43-R-1']],
    );
  });

  it('repeats nothing after a restart', async () => {
    const bench = await Bench.make();
    await bench.open();
    bench.world.deploy({ unit: 'U-40', version: '1.0.0' });
    await bench.tell();
    await bench.close();
    const before = bench.notifier.delivered.length;
    await bench.open();
    bench.world.deploy({ unit: 'U-41', version: '1.1.0' });
    await bench.tell();
    await bench.close();
    const later = bench.notifier.delivered.slice(before);
    assert.ok(later.length > 0);
    assert.deepEqual(
      later.filter(({ notice }) => notice.title.includes('1.0.0')),
      [],
    );
  });

  it('does not read again after a restart what it had long passed by', async () => {
    const bench = await Bench.make();
    const entry = { type: 'StepStarted', data: {}, at: 1, actor: 'ann' };
    await bench.journal.append('workflow/W-1', 0, Array(1_100).fill(entry));
    await bench.open();
    await bench.until(async () => Number(await bench.read('outbox-cursor').catch(() => '0')) >= 1_000);
    await bench.close();
    const from: number[] = [];
    const readAll = bench.journal.readAll.bind(bench.journal);
    bench.journal.readAll = (range) => {
      from.push(range.after);
      return readAll(range);
    };
    await bench.open();
    await bench.close();
    assert.ok(from.length > 0 && from.every((sequence) => sequence >= 1_000), from.join(' '));
  });

  it('tries again what did not arrive, in order, while the others get theirs, and over a restart', async () => {
    const bench = await Bench.make();
    bench.notifier.broken.add('webhook');
    await bench.open();
    bench.world.deploy({ unit: 'U-40', version: '1.0.0' });
    await bench.tell();
    assert.deepEqual(bench.kinds('terminal'), ['start', 'decision', 'end']);
    assert.deepEqual(bench.kinds('webhook'), []);
    await bench.close();
    assert.equal(bench.clock.waiting, 0);
    bench.notifier.broken.clear();
    await bench.open();
    await bench.until(() => bench.clock.waiting > 0);
    bench.clock.pass(2_000);
    await bench.until(() => bench.kinds('webhook').length === 3);
    await bench.close();
    assert.deepEqual(bench.kinds('webhook'), ['start', 'decision', 'end']);
    assert.equal((await bench.read('outbox-waiting.json')).trim(), '[]');
  });

  it('gives up after six hours and writes that into the journal, without addresses', async () => {
    const bench = await Bench.make();
    bench.notifier.broken.add('webhook');
    await bench.open();
    bench.world.deploy({ unit: 'U-40', version: '1.0.0' });
    await bench.tell();
    for (let given = 0; given < 3; given = (await bench.journal.read('outbox')).length) {
      await bench.until(() => bench.clock.waiting > 0);
      bench.clock.pass(7 * 3_600_000);
      await bench.until(
        async () => bench.clock.waiting > 0 || (await bench.journal.read('outbox')).length === 3,
      );
    }
    await bench.close();
    const given = await bench.journal.read('outbox');
    assert.deepEqual(
      given.map(({ type }) => type),
      ['DeliveryGivenUp', 'DeliveryGivenUp', 'DeliveryGivenUp'],
    );
    assert.match(JSON.stringify(given[0]?.data), /start-R-1-1 to a webhook/);
    assert.doesNotMatch(JSON.stringify(given), /127\.0\.0\.1:1\/x/);
  });

  it('writes a report as soon as its folder can be written', async () => {
    const bench = await Bench.make();
    await writeFile(join(bench.root, '01-Projects'), 'a file where a folder should be');
    await bench.open();
    bench.world.deploy({ unit: 'U-40', version: '1.0.0' });
    await bench.tell();
    assert.deepEqual(bench.kinds('terminal'), ['start', 'decision', 'end']);
    await rm(join(bench.root, '01-Projects'));
    bench.clock.pass(2_000);
    await bench.until(() =>
      readdir(join(bench.root, folder)).then(
        (names) => names.length === 1,
        () => false,
      ),
    );
    await bench.close();
  });
});
