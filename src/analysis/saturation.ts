import type { MetricTest } from './metric-process.ts';

export const cpuPerRequest = 'CPU per request';
export const memoryPerInstance = 'memory per instance';

/**
 * What each arm uses of the machine: CPU ms per request, and resident MiB of an instance. The amounts keep differences
 * that matter to nobody, such as 20 MiB of a small service, from counting.
 */
export const saturationTests: readonly MetricTest[] = [
  saturation(cpuPerRequest, { ratio: 1.5, absolute: 1 }),
  saturation(memoryPerInstance, { ratio: 1.1, absolute: 64 }),
];

function saturation(name: string, margin: Pick<MetricTest, 'ratio' | 'absolute'>): MetricTest {
  return { name, kind: 'mean', direction: 'more-is-bad', ...margin, required: false, afterWarmup: true };
}
