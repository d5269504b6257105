/**
 * What the written documents tell beside the steps. Recorded with the request of a rollout, so that every document can be
 * rebuilt from the journal alone, whatever the configuration says later.
 */
export interface Paperwork {
  readonly project: string;
  /** Folder of the reports as it is configured: relative to the project, or absolute. */
  readonly reports: string;
  /** IANA name; the documents' times are its wall clock. */
  readonly timeZone: string;
  /** The window that is open, or the next one; null when no window restricts it. An end is null when none is in sight. */
  readonly window: { readonly from: number | null; readonly to: number | null } | null;
  /** Where notices go, in words without secrets: `terminal`, `webhook chat.example.com`. */
  readonly channels: readonly string[];
  readonly contacts: { readonly primary: string | null; readonly secondary: string | null };
}
