import type { CommandSpec } from '../base/command-spec.ts';
import type { Affinity, MatchRule } from '../base/route-table.ts';

/** What a user writes under `strategy`, filled in. `compile-steps.ts` turns it into the steps of a plan. */
export type Strategy =
  | {
      readonly kind: 'canary';
      readonly steps: readonly StrategyStep[];
      /** Share kept on stable until the soak ends, per cent. Default 5. */
      readonly holdbackPercent: number;
    }
  | {
      readonly kind: 'blue-green';
      /** Steps between the smoke test on the preview and the switch; default none. */
      readonly steps: readonly StrategyStep[];
    }
  | {
      readonly kind: 'rolling';
      /** Instances replaced at once. Default 1. */
      readonly batch: number;
      /** Watched after each batch. */
      readonly bakeMs: number;
    }
  | {
      readonly kind: 'ab';
      readonly match: readonly MatchRule[];
      /** Share of unmatched requests, per cent. Default 50 without rules, 0 with. */
      readonly weightPercent: number;
      readonly affinity: Affinity;
      readonly durationMs: number;
      /** Name of a metric, or `errors`. */
      readonly goal: string;
    }
  | { readonly kind: 'recreate' };

/** Every kind there is, in the order in which people are shown them. */
export const strategyKinds = [
  'canary',
  'blue-green',
  'rolling',
  'ab',
  'recreate',
] as const satisfies readonly Strategy['kind'][];

export type StrategyKind = Strategy['kind'];

/** One entry as users write it. */
export type StrategyStep =
  | {
      /** Copies of users' safe requests are tried on the candidate before the first user meets it. */
      readonly type: 'mirror';
      /** Of the safe requests, above 0 … 100. */
      readonly sharePercent: number;
      readonly bakeMs: number;
      /** Until then it goes on while there is doubt; then the low-traffic policy decides. */
      readonly deadlineMs: number;
    }
  | { readonly type: 'setWeight'; readonly weightPercent: number }
  | {
      readonly type: 'analyze';
      /** At least this long, however safe it looks. */
      readonly bakeMs: number;
      /** Then inconclusive, and the low-traffic policy decides. */
      readonly deadlineMs: number;
    }
  | {
      readonly type: 'pause';
      /** Null: until somebody resumes or promotes. */
      readonly durationMs: number | null;
    }
  | { readonly type: 'approve'; readonly roles: readonly string[] }
  | { readonly type: 'run'; readonly label: string; readonly command: CommandSpec };

/** What an `analyze` step does when its deadline passes without a verdict. */
export type LowTrafficPolicy =
  /** Goes on waiting. */
  | 'wait'
  /** Extends by the same time once, then asks. */
  | 'extend'
  /** Waits for a person with the right to promote. */
  | 'ask'
  /** Promotes when health and smoke hold. */
  | 'promote-on-health'
  /** Takes the candidate back. */
  | 'refuse';
