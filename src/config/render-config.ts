import { stringify } from 'yaml';
import type { DetectedProject } from './detect-project.ts';

/** The `sluice.yml` that `sluice init` writes. It loads without problems. */
export function renderConfig(detected: DetectedProject): string {
  const { project, service, start, health, ready, smoke, migrateUp, migrateDown } = detected;
  const web = {
    start,
    health,
    ...(ready === health ? {} : { ready }),
    ...(smoke === null ? {} : { smoke }),
    ...(migrateUp === null
      ? {}
      : { migrate: { up: migrateUp, ...(migrateDown === null ? {} : { down: migrateDown }) } }),
  };
  const environments = {
    staging: { listen: '127.0.0.1:8081', strategy: 'blue-green' },
    production: { listen: '127.0.0.1:8080', replicas: 2, strategy: 'canary', approvals: ['release-manager'] },
  };
  return [
    '# Every key: docs/configuration.md. What is in force: `sluice config`.',
    ...detected.doubts.map((doubt) => `# To look at: ${doubt}.`),
    stringify({ project, services: { [service]: web }, environments }, { lineWidth: 0 }).trimEnd(),
    '',
  ].join('\n');
}
