import { metricsContract } from './contract.ts';
import { memoryMetrics } from './memory.ts';

metricsContract('the memory metrics', async () => {
  const metrics = memoryMetrics();
  return {
    metrics,
    async source(text) {
      metrics.answers.set('ask', () =>
        text === null ? { kind: 'failure', reason: 'down' } : { kind: 'text', text },
      );
      return { kind: 'command', run: 'ask', timeoutMs: 1_000 };
    },
  };
});
