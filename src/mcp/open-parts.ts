import { systemClock } from '../base/clock.ts';
import type { ProjectPlace } from '../daemon/project-place.ts';
import { version } from '../daemon/version.ts';
import { controllerOf } from './controller.ts';
import type { McpParts } from './tool.ts';
import { WorkspaceDocuments } from './workspace-documents.ts';

/** What stands behind the door of a project. `workspace`: absolute path of the folder whose documents agents may read. */
export function openParts(place: ProjectPlace, workspace: string): McpParts {
  return {
    ask: controllerOf(place),
    documents: new WorkspaceDocuments(workspace, Object.keys(process.env)),
    clock: systemClock,
    version,
    log: (line) => void process.stderr.write(`${line}\n`),
  };
}
