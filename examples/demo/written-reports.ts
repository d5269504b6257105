import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SluiceCommand } from './sluice-command.ts';

const folder = '01-Projects/shop/Deployments';

/** Paths of the deployment reports; the one of production is asked for by hand where none was written yet. */
export async function writtenReports(
  root: string,
  sluice: SluiceCommand,
  rollouts: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const directory = join(root, folder);
  const there = existsSync(directory)
    ? (await readdir(directory)).filter((name) => /^Deploy-.*\.md$/.test(name))
    : [];
  if (there.length > 0) return there.sort().map((name) => join(directory, name));
  await mkdir(directory, { recursive: true });
  const paths: string[] = [];
  for (const [name, rollout] of rollouts) {
    const { text = '' } = await report(sluice, rollout);
    const path = join(directory, `Deploy-${name}.md`);
    await writeFile(path, text);
    paths.push(path);
  }
  return paths;
}

/** What Sluice's own report of a rollout says: when it was decided to take it back, ms, and whom stable answered instead. */
export async function reported(
  sluice: SluiceCommand,
  rollout: string,
): Promise<{ readonly decidedAt: number | null; readonly shielded: number | null }> {
  const { facts } = await report(sluice, rollout);
  return { decidedAt: facts?.decidedBackAt ?? null, shielded: facts?.users?.shielded ?? null };
}

/** Leaves what people may want to read, and removes the rest. */
export async function keepReports(root: string): Promise<void> {
  const kept = existsSync(join(root, '01-Projects'));
  if (!kept) return rm(root, { recursive: true, force: true, maxRetries: 5 });
  for (const name of await readdir(root)) {
    if (name !== '01-Projects') await rm(join(root, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Report {
  readonly text?: string;
  readonly facts?: {
    readonly decidedBackAt: number | null;
    readonly users?: { readonly shielded: number } | null;
  };
}

async function report(sluice: SluiceCommand, rollout: string): Promise<Report> {
  return (await sluice.json(['report', 'web', '--to', 'production', '--rollout', rollout])) as Report;
}
