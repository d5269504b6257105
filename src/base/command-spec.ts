/** A command of the user's, run by a shell in the directory of the artifact. */
export interface CommandSpec {
  readonly run: string;
  /** Default 60 s. The command is ended with its whole process group when it passes. */
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
}
