/** The five occasions on which a person is called at once. */
export type Occasion =
  /** Users get nothing from this service. */
  | 'outage'
  /** A step of going back did not work. */
  | 'rollback-failed'
  | 'vulnerability'
  | 'data-integrity'
  /** Not back at its old level within the agreed time. */
  | 'not-restored';

export interface Escalation {
  readonly occasion: Occasion;
  readonly severity: 'critical' | 'high';
  /** One or two sentences. */
  readonly issue: string;
}
