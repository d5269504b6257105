import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chance } from './counted-world.ts';
import { mirrorVerdict, observeMirror, startMirror } from './mirror.ts';
import { defaultAnalysisSettings } from './settings.ts';

const settings = { ...defaultAnalysisSettings, alpha: 0.005 };

/** Share of runs of three minutes that fail, and how many copies those took, with 200 requests a second of which a tenth is copied. */
function runs(
  count: number,
  rates: { readonly stable: number; readonly candidate: number; readonly shared?: number },
) {
  const random = chance(7);
  const took: number[] = [];
  for (let run = 0; run < count; run += 1) {
    let state = startMirror();
    for (let atMs = 0; atMs < 180_000; atMs += 1_000) {
      const [candidate, stable] = [
        { requests: 20, bad: 0 },
        { requests: 200, bad: 0 },
      ];
      for (let i = 0; i < 200; i += 1) {
        // What fails for everybody fails for the copy of the same request, too.
        const broken = random() < (rates.shared ?? 0);
        if (broken || random() < rates.stable) stable.bad += 1;
        if (i < 20 && (broken || random() < rates.candidate)) candidate.bad += 1;
      }
      state = observeMirror(state, { atMs, candidate, stable }, settings);
      if (mirrorVerdict(state, settings).kind !== 'failed') continue;
      took.push(state.candidate.requests);
      break;
    }
  }
  return { share: took.length / count, median: took.sort((a, b) => a - b)[took.length >> 1] ?? 0 };
}

describe('the test of copies', () => {
  it('fails an equal candidate in fewer runs than its share of alpha allows', () => {
    assert.ok(runs(400, { stable: 0.01, candidate: 0.01 }).share <= 0.01);
    assert.ok(runs(200, { stable: 0.0, candidate: 0.0, shared: 0.02 }).share <= 0.01);
  });

  it('fails a worse one after a few copies', () => {
    const worse = runs(60, { stable: 0.01, candidate: 0.2 });
    assert.equal(worse.share, 1);
    assert.ok(worse.median <= 60, `${worse.median} copies`);
    assert.equal(runs(30, { stable: 0.01, candidate: 0.05 }).share, 1);
  });

  it('does not act on what is too small to matter', () => {
    let state = startMirror();
    const counts = { candidate: { requests: 10, bad: 2 }, stable: { requests: 10_000, bad: 0 } };
    state = observeMirror(state, { atMs: 0, ...counts }, settings);
    assert.equal(mirrorVerdict(state, settings).kind, 'unharmed', 'two bad ones are chance');
  });
});
