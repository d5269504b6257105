import { findProject } from '../daemon/project-place.ts';

/** The project of the working directory, or of `--config`. Throws `project-missing`. */
export function placeOf(options: { readonly config?: string | undefined }): ReturnType<typeof findProject> {
  return findProject(process.cwd(), options.config === undefined ? {} : { file: options.config });
}
