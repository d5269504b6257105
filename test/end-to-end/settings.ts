/** A sluice.yml with short times for one service and production. */
export function settings(
  port: number | undefined,
  {
    strategy = 'blue-green',
    replicas = 1,
    service = '',
    environment = '',
    start = 'node server.js',
    startDeadline = '4s',
  }: {
    readonly strategy?: string;
    readonly replicas?: number;
    readonly service?: string;
    readonly environment?: string;
    readonly start?: string;
    readonly startDeadline?: string;
  } = {},
): string {
  return `project: shop
services:
  web:
    start: ${start}
    health: { path: /healthz, interval: 200ms, timeout: 300ms, successes: 2 }
    ready: { path: /readyz, interval: 100ms, timeout: 300ms, successes: 2 }
    startDeadline: ${startDeadline}
    drainDeadline: 3s
${indented(service, 4)}
environments:
  production:
    listen: 127.0.0.1:${port}
    replicas: ${replicas}
    lowTraffic: promote-on-health
    soak: 500ms
    rollbackWindow: 2s
    analysis: { warmup: 1s, block: 1s }
    notices: []
    strategy: ${strategy}
${indented(environment, 4)}
`;
}

function indented(text: string, by: number): string {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ' '.repeat(by) + line)
    .join('\n');
}
