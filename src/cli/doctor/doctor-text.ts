import { wrapped } from '../wrapped.ts';
import type { Check } from './check.ts';

const words = { ok: 'OK  ', warn: 'WARN', fail: 'FAIL' } as const;

/** One paragraph a check, within 80 columns. */
export function doctorText(version: string, checks: readonly Check[]): string {
  const count = (status: Check['status']) => checks.filter((one) => one.status === status).length;
  const width = Math.min(20, Math.max(...checks.map(({ name }) => name.length)));
  const lines = checks.flatMap(({ status, name, found, remedy }) => {
    const head = `${words[status]}  ${name.padEnd(width)}  `;
    const indent = ' '.repeat(8 + width);
    return [
      ...wrapped(found, { head, indent }),
      ...(remedy === null ? [] : wrapped(remedy, { head: `${indent}→ `, indent: `${indent}  ` })),
    ];
  });
  return [
    ...lines,
    '',
    `Sluice ${version}: ${count('ok')} well, ${count('warn')} to look at, ${count('fail')} failed.`,
  ].join('\n');
}
