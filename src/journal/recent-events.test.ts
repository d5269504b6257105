import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalEvent } from './journal.ts';
import { RecentEvents } from './recent-events.ts';

function event(sequence: number): JournalEvent {
  const hash = `hash ${sequence}`;
  return { stream: 's', version: sequence, sequence, type: 'T', data: {}, at: 0, actor: 'ada', hash };
}

function written(from: number, to: number): RecentEvents {
  const recent = new RecentEvents();
  for (let sequence = from; sequence <= to; sequence += 1) recent.add([event(sequence)]);
  return recent;
}

const numbers = (events: readonly JournalEvent[] | null) => events?.map(({ sequence }) => sequence) ?? null;

test('what comes after an event that is known is given without the table', () => {
  const recent = written(11, 15);
  assert.deepEqual(numbers(recent.after(12, 2, event(15))), [13, 14]);
  assert.deepEqual(numbers(recent.after(10, 100, event(15))), [11, 12, 13, 14, 15]);
  assert.deepEqual(numbers(recent.after(15, 100, event(15))), []);
});

test('what is older than the first that is known is left to the table', () => {
  assert.equal(written(11, 15).after(9, 100, event(15)), null);
  assert.equal(new RecentEvents().after(0, 100, event(1)), null);
  assert.equal(written(1, 5_000).after(1, 100, event(5_000)), null);
});

test('nothing is given while the journal ends with what another process wrote', () => {
  const recent = written(11, 15);
  assert.equal(recent.after(12, 100, event(16)), null);
  assert.equal(recent.after(12, 100, { sequence: 15, hash: 'another' }), null);
  recent.add([event(17)]);
  assert.equal(recent.after(12, 100, event(17)), null);
  assert.deepEqual(numbers(recent.after(16, 100, event(17))), [17]);
});
