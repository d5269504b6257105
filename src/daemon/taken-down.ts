/** What came of taking everything down. */
export interface TakenDown {
  /** Ids of the instances that were stopped. */
  readonly stopped: readonly string[];
  /** False when nothing at all was running. */
  readonly ran: boolean;
}
