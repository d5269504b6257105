import { loadConfig } from '../config/load-config.ts';
import { keepSettings, keptSettings, type RouterSettings } from '../router/router-settings.ts';
import type { ProjectPlace } from './project-place.ts';

/** What `sluice.yml` asks of the router; where that cannot be read, what is kept: the commands complain. */
export async function settingsOf({ file, stateDir }: ProjectPlace): Promise<RouterSettings> {
  const loaded = await loadConfig(file, { env: process.env });
  return (loaded.ok ? loaded.config.router : undefined) ?? (await keptSettings(stateDir));
}

/** Writes down what `sluice.yml` asks of the router, for each that starts from now on. */
export async function keepRouterSettings(place: ProjectPlace): Promise<void> {
  await keepSettings(place.stateDir, await settingsOf(place));
}
