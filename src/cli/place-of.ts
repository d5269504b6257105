import { findProject, findState, type StatePlace } from '../daemon/project-place.ts';

/** The project of the working directory, or of `--config`. Throws `project-missing`. */
export function placeOf(options: { readonly config?: string | undefined }): ReturnType<typeof findProject> {
  return findProject(process.cwd(), options.config === undefined ? {} : { file: options.config });
}

/** The same, where a state directory without sluice.yml is enough. Throws `project-missing`. */
export function stateOf(options: { readonly config?: string | undefined }): StatePlace {
  return findState(process.cwd(), options.config === undefined ? {} : { file: options.config });
}
