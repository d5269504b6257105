/** Where a notice or a document goes. */
export type Channel =
  | { readonly kind: 'terminal' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'command'; readonly run: string }
  | { readonly kind: 'webhook'; readonly url: string }
  /** A folder of markdown files, one an item: the work assigner's inbox by default. */
  | { readonly kind: 'folder'; readonly path: string };

export interface Notice {
  /** Delivered at least once; receivers may drop a repeated id. */
  readonly id: string;
  readonly kind: 'start' | 'decision' | 'end' | 'escalation' | 'bug-report' | 'qa-return';
  /** Wall clock of the event it tells of. */
  readonly at: number;
  readonly title: string;
  /** Markdown; with frontmatter for bug reports and returns to QA. */
  readonly body: string;
  /** The facts as JSON, for commands (standard input) and webhooks. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Notifier {
  /** Rejects when it could not be delivered; the outbox tries again with backoff. */
  deliver(notice: Notice, channel: Channel): Promise<void>;
}
