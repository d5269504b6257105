import { SluiceError } from '../base/sluice-error.ts';
import type { ProjectConfig } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Problem } from '../config/problem.ts';

/** The configuration, or `config-invalid` with every problem in its message and details. */
export async function readConfig(file: string): Promise<ProjectConfig> {
  const loaded = await loadConfig(file, { env: process.env });
  if (loaded.ok) return loaded.config;
  throw configInvalid(loaded.problems);
}

export function configInvalid(problems: readonly Problem[]): SluiceError {
  const lines = problems.map(
    ({ file: where, line, column, message, remedy }) =>
      `${where}:${line}:${column} ${message}\n    → ${remedy}`,
  );
  return new SluiceError({
    code: 'config-invalid',
    message: `sluice.yml has ${lines.length} ${lines.length === 1 ? 'problem' : 'problems'}:\n${lines.join('\n')}`,
    remedy: 'Mend them; `sluice config` checks the file again.',
    details: { problems },
  });
}
