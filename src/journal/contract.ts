import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { chainHash, genesisHash } from './hash-chain.ts';
import type { Journal, JournalEvent, NewEvent } from './journal.ts';

/** Makes one event for a test. */
export function eventOf(type: string, data: unknown = {}): NewEvent {
  return { type, data, at: 1_000, actor: 'ann' };
}

/** What every journal keeps to. `open` gives a new, empty one; the suite closes it. */
export function journalContract(name: string, open: () => Promise<Journal>): void {
  describe(`${name} as a journal`, () => {
    const opened: Journal[] = [];
    const fresh = async (): Promise<Journal> => {
      const journal = await open();
      opened.push(journal);
      return journal;
    };
    after(() => Promise.all(opened.map((journal) => journal.close())));
    appending(fresh);
    reading(fresh);
    leasing(fresh);
  });
}

type Open = () => Promise<Journal>;

function appending(open: Open): void {
  it('numbers events within the stream and over the whole journal, and chains their hashes', async () => {
    const journal = await open();
    await journal.append('a', 0, [eventOf('one'), eventOf('two')]);
    await journal.append('b', 0, [eventOf('three')]);
    const all = await journal.readAll({ after: 0, limit: 10 });
    assert.deepEqual(
      all.map(({ stream, version, sequence, type }) => [stream, version, sequence, type]),
      [
        ['a', 1, 1, 'one'],
        ['a', 2, 2, 'two'],
        ['b', 1, 3, 'three'],
      ],
    );
    let previous: string = genesisHash;
    for (const event of all) {
      assert.equal(event.hash, chainHash(previous, event));
      previous = event.hash;
    }
    assert.deepEqual(await journal.head(), { sequence: 3, hash: previous });
    assert.deepEqual(await journal.verify(), []);
  });

  it('refuses an append at another version, and says which one is there', async () => {
    const journal = await open();
    await journal.append('a', 0, [eventOf('one')]);
    assert.deepEqual(await journal.append('a', 0, [eventOf('late')]), {
      kind: 'version-conflict',
      actualVersion: 1,
    });
    assert.deepEqual(await journal.append('b', 3, [eventOf('early')]), {
      kind: 'version-conflict',
      actualVersion: 0,
    });
    assert.equal((await journal.readAll({ after: 0, limit: 9 })).length, 1);
  });

  it('lets exactly one of many simultaneous writers win', async () => {
    const journal = await open();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) => journal.append('a', 0, [eventOf(`w${n}`)])),
    );
    assert.equal(results.filter(({ kind }) => kind === 'appended').length, 1);
    assert.equal(results.filter(({ kind }) => kind === 'version-conflict').length, 19);
  });

  it('appends all events of one call or none, when one of them cannot be written as JSON', async () => {
    const journal = await open();
    await assert.rejects(journal.append('a', 0, [eventOf('good'), eventOf('bad', { n: 1n })]), TypeError);
    await assert.rejects(journal.append('a', 0, [{ ...eventOf('bad'), at: Number.NaN }]), {
      code: 'invariant-broken',
    });
    assert.deepEqual(await journal.read('a'), []);
    assert.equal(await journal.head(), null);
  });

  it('takes an append of no events as one that changes nothing', async () => {
    const journal = await open();
    assert.deepEqual(await journal.append('a', 0, []), { kind: 'appended', events: [] });
    assert.deepEqual(await journal.streams(), []);
  });

  it('tells listeners of events in order and after they can be read, until they leave', async () => {
    const journal = await open();
    const seen: JournalEvent[] = [];
    const leave = journal.subscribe((event) => seen.push(event));
    await Promise.all([
      journal.append('a', 0, [eventOf('one'), eventOf('two')]),
      journal.append('b', 0, [eventOf('three')]),
    ]);
    assert.deepEqual(seen, await journal.readAll({ after: 0, limit: 10 }));
    leave();
    await journal.append('b', 1, [eventOf('unheard')]);
    assert.equal(seen.length, 3);
  });
}

function reading(open: Open): void {
  it('reads from after a version and up to a limit', async () => {
    const journal = await open();
    const types = ['one', 'two', 'three', 'four'];
    await journal.append('b', 0, [eventOf('other')]);
    await journal.append(
      'a',
      0,
      types.map((type) => eventOf(type)),
    );
    const names = (events: readonly JournalEvent[]) => events.map(({ type }) => type);
    assert.deepEqual(names(await journal.read('a', { after: 1, limit: 2 })), ['two', 'three']);
    assert.deepEqual(names(await journal.read('a', { after: 4 })), []);
    assert.deepEqual(names(await journal.readAll({ after: 3, limit: 1 })), ['three']);
    assert.deepEqual(await journal.streams(), ['b', 'a']);
    assert.deepEqual(await journal.read('none'), []);
    // Of the events in the range those of the types, not so many of the types.
    assert.deepEqual(names(await journal.read('a', { types: ['three', 'one'] })), ['one', 'three']);
    assert.deepEqual(names(await journal.read('a', { after: 1, limit: 1, types: ['one', 'three'] })), []);
    assert.deepEqual(names(await journal.readAll({ after: 0, limit: 9, types: ['two'] })), ['two']);
    assert.deepEqual(names(await journal.readAll({ after: 0, limit: 1, types: ['two'] })), []);
    assert.deepEqual(await journal.readAll({ after: 0, limit: 9, types: [] }), []);
  });

  it('gives back any JSON and any text as it was appended', async () => {
    const journal = await open();
    const text = fc.string({ unit: 'binary' });
    const anything = fc.record({ type: text, actor: text, data: fc.jsonValue(), at: fc.nat() });
    let version = 0;
    await fc.assert(
      fc.asyncProperty(anything, async (event) => {
        const result = await journal.append('a\0ü', version, [event]);
        const [read] = await journal.read('a\0ü', { after: version });
        assert.deepEqual(result, { kind: 'appended', events: [read] });
        version += 1;
        const { type, actor, data, at } = read as JournalEvent;
        assert.deepEqual(
          { type, actor, data, at },
          { ...event, data: JSON.parse(JSON.stringify(event.data)) },
        );
      }),
      { numRuns: 40 },
    );
    assert.deepEqual(await journal.verify(), []);
  });

  it('keeps the newest snapshot of a stream', async () => {
    const journal = await open();
    assert.equal(await journal.loadSnapshot('a'), null);
    await journal.saveSnapshot({ stream: 'a', version: 1, schema: 1, state: { n: 1 } });
    const newest = { stream: 'a', version: 2, schema: 1, state: { n: [2] } };
    await journal.saveSnapshot(newest);
    assert.deepEqual(await journal.loadSnapshot('a'), newest);
  });
}

function leasing(open: Open): void {
  it('gives a lease to one holder at a time, and a higher fence to the next', async () => {
    const journal = await open();
    const first = await journal.acquireLease('loop', 'p1', { now: 0, ttlMs: 10 });
    assert.deepEqual(first, {
      kind: 'acquired',
      lease: { name: 'loop', holder: 'p1', fence: 1, expiresAt: 10 },
    });
    const other = await journal.acquireLease('loop', 'p2', { now: 9, ttlMs: 10 });
    assert.deepEqual(other, { kind: 'held', lease: first.lease });
    const longer = await journal.acquireLease('loop', 'p1', { now: 9, ttlMs: 10 });
    assert.deepEqual(longer.lease, { ...first.lease, expiresAt: 19 });
    const next = await journal.acquireLease('loop', 'p2', { now: 19, ttlMs: 10 });
    assert.equal(next.lease.fence, 2);
  });

  it('gives a fence above one that was seen elsewhere, and extends what is held as it is', async () => {
    const journal = await open();
    const first = await journal.acquireLease('loop', 'p1', { now: 0, ttlMs: 10, above: 7 });
    assert.equal(first.lease.fence, 8);
    const longer = await journal.acquireLease('loop', 'p1', { now: 9, ttlMs: 10, above: 20 });
    assert.equal(longer.lease.fence, 8);
    const next = await journal.acquireLease('loop', 'p2', { now: 19, ttlMs: 10, above: 3 });
    assert.equal(next.lease.fence, 9);
  });

  it('fences off whoever acts under an old lease', async () => {
    const journal = await open();
    const old = await journal.acquireLease('loop', 'p1', { now: 0, ttlMs: 10 });
    assert.equal((await journal.append('a', 0, [eventOf('one')], { lease: old.lease })).kind, 'appended');
    await journal.acquireLease('loop', 'p2', { now: 10, ttlMs: 10 });
    assert.deepEqual(await journal.append('a', 1, [eventOf('two')], { lease: old.lease }), {
      kind: 'fenced',
      holder: 'p2',
    });
    assert.deepEqual(await journal.append('a', 1, [eventOf('two')], { lease: { name: 'other', fence: 1 } }), {
      kind: 'fenced',
      holder: 'nobody',
    });
  });

  it('frees a released lease at once, and never gives its fence again', async () => {
    const journal = await open();
    const { lease } = await journal.acquireLease('loop', 'p1', { now: 0, ttlMs: 1_000 });
    await journal.releaseLease({ name: 'loop', fence: lease.fence + 1 });
    assert.equal((await journal.acquireLease('loop', 'p2', { now: 1, ttlMs: 10 })).kind, 'held');
    await journal.releaseLease(lease);
    const next = await journal.acquireLease('loop', 'p2', { now: 1, ttlMs: 10 });
    assert.deepEqual([next.kind, next.lease.fence], ['acquired', 2]);
  });
}
