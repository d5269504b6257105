import type { ControllerParts } from '../../src/engine/controller-parts.ts';
import type { LeaseResult } from '../../src/journal/journal.ts';
import type { Life } from '../life.ts';
import type { World } from '../world.ts';

/** Where a plant is put. */
export interface PlantPlace {
  readonly world: World;
  /** The run of the controller that gets the bug. */
  readonly life: Life;
}

/**
 * A bug that somebody could have written, put between the controller and the world. The product holds none of them: a plant
 * shows that the law which it breaks would be noticed.
 */
export interface Plant {
  readonly law: number;
  /** Kebab-case, one of its kind. */
  readonly name: string;
  /** The bug, as a reviewer would tell it. */
  readonly bug: string;
  /** The only await at which a crash or a lost reply lets it show; left out: it shows without either. */
  readonly onlyAt?: string;
  /** What the controller is given instead of its parts. */
  readonly wire?: (parts: ControllerParts, place: PlantPlace) => ControllerParts;
  /** What the controller's process is told about its lease; `given` was told to the one before it. */
  readonly lease?: (result: LeaseResult, given: number) => LeaseResult;
}
