/** How a rollout ended. `failed`: it never had traffic. `aborted`: a person ended it. */
export type Ending = 'succeeded' | 'refused' | 'failed' | 'aborted' | 'rolled-back';

/** Why a rollout went back or was refused: a stable code, and a sentence with the values. */
export interface Reason {
  readonly code: string;
  readonly message: string;
  /** `controller`, or the person. */
  readonly by: string;
}
