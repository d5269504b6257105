import { isErrorFacts } from '../base/sluice-error.ts';
import { ensureController } from '../daemon/ensure-controller.ts';
import type { ProjectPlace } from '../daemon/project-place.ts';
import { callController } from '../daemon/socket-client.ts';
import type { EngineApi, Method } from '../engine/api.ts';
import type { AskController } from './tool.ts';

/** Asks the project's controller, and starts one where none runs. */
export function controllerOf(place: ProjectPlace): AskController {
  return (method, params) => reach(place, method, params);
}

async function reach<M extends Method>(
  place: ProjectPlace,
  method: M,
  params: Parameters<EngineApi[M]>[0],
): Promise<Awaited<ReturnType<EngineApi[M]>>> {
  try {
    return await callController(place.stateDir, method, params);
  } catch (error) {
    // A call that was sent may have been carried out, and is not made twice.
    if (!isErrorFacts(error) || error.details?.sent !== false) throw error;
  }
  await ensureController(place);
  return callController(place.stateDir, method, params);
}
