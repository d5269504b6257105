import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../disk/replace-file.ts';
import { defaultEngine, engineNames } from './create-engine.ts';
import type { EngineName } from './engine.ts';

/** What a router is told before it starts. It does not read `sluice.yml`: it must start whatever became of that. */
export interface RouterSettings {
  readonly engine: EngineName;
}

const defaultSettings: RouterSettings = { engine: defaultEngine };

const fileName = 'router-settings.json';

/** Kept until the next call, for each router that starts in this state directory. Rejects with the error of the file system. */
export async function keepSettings(stateDir: string, { engine }: RouterSettings): Promise<void> {
  await replaceFile(join(stateDir, fileName), `${JSON.stringify({ engine })}\n`);
}

/** The kept ones; the default where there are none, or none that can be read. */
export async function keptSettings(stateDir: string): Promise<RouterSettings> {
  let text: string;
  try {
    text = await readFile(join(stateDir, fileName), 'utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return defaultSettings;
    throw error;
  }
  const engine = engineNames.find((name) => text.includes(`"engine":"${name}"`));
  return engine === undefined ? defaultSettings : { engine };
}
