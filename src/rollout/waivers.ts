/** What may be set aside, by whom it is recorded with the request. */
export interface Waivers {
  /** Why it goes on although these incidents are open. */
  readonly incidents?: { readonly ids: readonly string[]; readonly reason: string };
  /** A migration without a way down was accepted. */
  readonly irreversible?: boolean;
}
