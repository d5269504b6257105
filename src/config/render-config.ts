import { stringify } from 'yaml';
import type { DetectedProject } from './detect-project.ts';

/** The `sluice.yml` that `sluice init` writes. It loads without problems. */
export function renderConfig(detected: DetectedProject): string {
  const { project, service, start, smoke, migrateUp, migrateDown } = detected;
  const web = {
    start,
    health: '/healthz',
    ready: '/readyz',
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
    '# Every key, unit and default: docs/configuration.md. `sluice config` prints what is in force.',
    stringify({ project, services: { [service]: web }, environments }, { lineWidth: 0 }).trimEnd(),
    '',
  ].join('\n');
}
