import { difference, nodeAccepts } from './compare.ts';
import { caseOf } from './generate.ts';
import type { Case } from './message.ts';
import { ownReading } from './own-reading.ts';
import { randomOf } from './random.ts';

export interface FuzzResult {
  readonly cases: number;
  /** Messages that were accepted here, and so by llhttp. */
  readonly accepted: number;
  /** Messages refused here, by problem; and how many of them llhttp accepts. */
  readonly refused: Readonly<Record<string, { readonly here: number; readonly onlyHere: number }>>;
  readonly differences: readonly { readonly number: number; readonly what: string; readonly text: string }[];
}

const mostDifferences = 20;

/** Compares the cases `from` … `from + cases - 1`; stops at the twentieth difference. */
export function runFuzz(from: number, cases: number): FuzzResult {
  const refused: Record<string, { here: number; onlyHere: number }> = {};
  const differences: { number: number; what: string; text: string }[] = [];
  let accepted = 0;
  let done = 0;
  for (; done < cases && differences.length < mostDifferences; done += 1) {
    const number = from + done;
    const one = caseOf(number);
    const random = randomOf(number);
    const pieces = number % 2 === 0 ? () => one.bytes.length : () => 1 + Math.floor(random() * 8);
    const reading = ownReading(one, pieces);
    const what = difference(one, reading);
    if (what !== null) differences.push({ number, what, text: one.bytes.toString('latin1') });
    accepted += reading.messages.filter(({ end }) => end !== null).length;
    if (reading.refused !== null)
      countRefusal(refused, one, reading.refused, startOfRefused(reading.messages));
  }
  return { cases: done, accepted, refused, differences };
}

function startOfRefused(
  messages: readonly { readonly start: number; readonly end: number | null }[],
): number {
  const last = messages.at(-1);
  return last === undefined ? 0 : (last.end ?? last.start);
}

function countRefusal(
  refused: Record<string, { here: number; onlyHere: number }>,
  one: Case,
  problem: string,
  start: number,
): void {
  refused[problem] ??= { here: 0, onlyHere: 0 };
  refused[problem].here += 1;
  if (nodeAccepts(one, start)) refused[problem].onlyHere += 1;
}
