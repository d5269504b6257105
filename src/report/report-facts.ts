import { replayEvidence } from './replayed-evidence.ts';
import type { RolloutStory } from './rollout-story.ts';
import { type StatusWord, statusWord } from './status-word.ts';
import { type UsersMet, usersMet } from './users-met.ts';

/** The report's figures for programs; times are wall clock, ms. */
export interface ReportFacts {
  readonly status: StatusWord;
  /** `running` until it ended. */
  readonly ending: string;
  readonly unit: string | null;
  readonly service: string;
  readonly environment: string;
  readonly version: string | null;
  readonly artifact: string | null;
  readonly startedAt: number;
  /** When it was decided to go back; null when it was not. */
  readonly decidedBackAt: number | null;
  readonly reason: string | null;
  readonly endedAt: number | null;
}

/** The facts of a report that was asked for. */
export interface MeasuredFacts extends ReportFacts {
  /** What users met of the candidate until it was stable or it was decided to go back; null when nothing was measured. */
  readonly users: UsersMet | null;
}

/** Replays what was measured. */
export function measuredFacts(story: RolloutStory): MeasuredFacts {
  const candidate = replayEvidence(story)?.evidence.candidate;
  return { ...reportFacts(story), users: candidate === undefined ? null : usersMet(candidate) };
}

export function reportFacts(story: RolloutStory): ReportFacts {
  const { ending, unit, target, release, startedAt, endedAt, reason, events } = story;
  return {
    status: statusWord(story),
    ending: ending ?? 'running',
    unit,
    service: target.service,
    environment: target.environment,
    version: release?.version ?? null,
    artifact: release?.artifact ?? null,
    startedAt,
    decidedBackAt: events.find(({ type }) => type === 'GoingBackStarted')?.when ?? null,
    reason: reason?.message ?? null,
    endedAt,
  };
}
