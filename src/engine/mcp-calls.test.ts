import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { isErrorFacts } from '../base/sluice-error.ts';
import type { Lease } from '../journal/journal.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { type McpCall, McpCalls, mcpStream } from './mcp-calls.ts';

const clock = { ...systemClock, now: () => 1_000 };
const call: McpCall = {
  client: 'claude-code',
  tool: 'release_status',
  about: { service: 'web' },
  failed: null,
};

async function opened(journal = new MemoryJournal()): Promise<{ journal: MemoryJournal; calls: McpCalls }> {
  const lease = await leaseOf(journal);
  return { journal, calls: new McpCalls({ journal, clock, lease }) };
}

async function leaseOf(journal: MemoryJournal, holder = 'one'): Promise<Lease> {
  const result = await journal.acquireLease('controller', holder, { now: 1_000, ttlMs: 10 });
  assert.equal(result.kind, 'acquired');
  return result.lease;
}

describe('calls of MCP clients', () => {
  it('are in the journal under the name of the client, with the user who opened the door', async () => {
    const { journal, calls } = await opened();
    await calls.record('ann', call);
    await calls.record('ann', { ...call, failed: 'not-entitled' });
    const events = await journal.read(mcpStream);
    assert.deepEqual(
      events.map(({ type, actor, at, data }) => ({ type, actor, at, data })),
      [
        {
          type: 'McpToolCalled',
          actor: 'mcp:claude-code',
          at: 1_000,
          data: { tool: 'release_status', about: { service: 'web' }, user: 'ann' },
        },
        {
          type: 'McpToolFailed',
          actor: 'mcp:claude-code',
          at: 1_000,
          data: { tool: 'release_status', about: { service: 'web' }, user: 'ann', code: 'not-entitled' },
        },
      ],
    );
  });

  it('that come at once are all recorded, also after those of an earlier controller', async () => {
    const { journal, calls } = await opened();
    await calls.record('ann', call);
    const again = await opened(journal);
    await Promise.all(Array.from({ length: 20 }, () => again.calls.record('ann', call)));
    assert.equal((await journal.read(mcpStream)).length, 21);
  });

  it('are refused by a controller that lost its lease, and a later one is told the same', async () => {
    const { journal, calls } = await opened();
    await journal.acquireLease('controller', 'two', { now: 5_000, ttlMs: 10 });
    for (let round = 0; round < 2; round += 1)
      await assert.rejects(calls.record('ann', call), hasCode('call-not-recorded'));
  });

  it('must name client and tool, in a text that fits', async () => {
    const { journal, calls } = await opened();
    const wrong = [
      { ...call, client: '' },
      { ...call, tool: 'x'.repeat(501) },
      { ...call, about: null },
      { ...call, about: { step: 3 } },
      { ...call, failed: undefined },
    ];
    for (const one of wrong)
      await assert.rejects(calls.record('ann', one as McpCall), hasCode('call-malformed'));
    assert.deepEqual(await journal.read(mcpStream), []);
  });
});

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => isErrorFacts(error) && error.code === code;
}
