import type { CommandSpec } from '../base/command-spec.ts';

export interface Migration {
  readonly up: CommandSpec;
  /** Null: there is no way down. */
  readonly down: CommandSpec | null;
  /** Stable works on both schemas; required wherever both versions run at once. */
  readonly compatible: boolean;
  /** `down` loses nothing that was written since `up`: only then may it run by itself. */
  readonly lossless: boolean;
}
