import type { MetricSource, Metrics } from './port.ts';
import { measurementOf, type Reading, readText } from './reading.ts';

/** What a source answers: the text it would print, or that it fails. */
export type MemoryAnswer =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'failure'; readonly reason: string };

/** `Metrics` without processes and network; `answers` are keyed by the command or URL. */
export interface MemoryMetrics extends Metrics {
  readonly answers: Map<string, (env: Readonly<Record<string, string>>) => MemoryAnswer>;
}

export function memoryMetrics(): MemoryMetrics {
  const answers: MemoryMetrics['answers'] = new Map();
  return {
    answers,
    async measure(source, { env, maxAgeMs, at }) {
      const answer = answers.get(keyOf(source))?.(env) ?? { kind: 'failure', reason: 'no such source' };
      const reading: Reading =
        answer.kind === 'text' ? readText(answer.text) : { kind: 'nonsense', reason: answer.reason };
      return measurementOf(reading, { answeredAt: at, maxAgeMs });
    },
  };
}

function keyOf(source: MetricSource): string {
  return source.kind === 'command' ? source.run : source.url;
}
