import { dirname, join, resolve } from 'node:path';
import { isErrorFacts } from '../base/sluice-error.ts';
import { findState, type ProjectPlace } from './project-place.ts';

/**
 * Where workflows run: the project, as `findProject` finds it; else the nearest `.sluice`, or the folder itself, because a
 * document needs no sluice.yml. `file` may not be there then.
 */
export function workPlace(from: string, options: { readonly file?: string } = {}): ProjectPlace {
  try {
    const { root, file, stateDir } = findState(from, options);
    return { root, file: file ?? join(root, 'sluice.yml'), stateDir };
  } catch (error) {
    if (options.file !== undefined || !isErrorFacts(error) || error.code !== 'project-missing') throw error;
    const stateDir = process.env.SLUICE_STATE_DIR ?? join(resolve(from), '.sluice');
    const root = process.env.SLUICE_STATE_DIR === undefined ? dirname(stateDir) : resolve(from);
    return { root, file: join(root, 'sluice.yml'), stateDir };
  }
}
