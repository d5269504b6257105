import { resolve } from 'node:path';
import { parseUnitId, type Target, targetId } from '../base/ids.ts';
import { SluiceError } from '../base/sluice-error.ts';
import { compareRules, comparisonText } from '../report/compare-rules.ts';
import { deploymentReport } from '../report/deployment-report.ts';
import { blockedPlanText, planText } from '../report/plan-text.ts';
import { remedyOf } from '../report/remedy.ts';
import { measuredFacts } from '../report/report-facts.ts';
import type { RolloutStory } from '../report/rollout-story.ts';
import { usersMet } from '../report/users-met.ts';
import { verdictOn } from '../rollout/evidence.ts';
import { verdictOnCopies } from '../rollout/mirrored.ts';
import type { Rollout, TargetState } from '../rollout/state.ts';
import type { Running } from '../rollout/step-progress.ts';
import type { EngineApi, EvidenceStatus, RolloutSummary, TargetStatus } from './api.ts';
import { type Asking, type Params, paperworkFor } from './asking.ts';
import { openIncidents } from './open-incidents.ts';
import { readStories } from './read-stories.ts';
import type { DocumentNames } from './report-index.ts';
import { verifyUnit } from './verify-requested.ts';
import { waiversOf } from './waivers-of.ts';

/** What people are shown. Nothing here changes anything. */
export class Views
  implements Pick<EngineApi, 'plan' | 'status' | 'history' | 'report' | 'logs' | 'incidents'>
{
  readonly #asking: Asking;
  readonly #documents: (story: RolloutStory) => Promise<DocumentNames>;

  constructor({
    documents,
    ...asking
  }: Asking & { readonly documents: (story: RolloutStory) => Promise<DocumentNames> }) {
    this.#asking = asking;
    this.#documents = documents;
  }

  async plan(params: Params<'plan'>): ReturnType<EngineApi['plan']> {
    const { parts, loops, newRollout } = this.#asking;
    const { state } = await loops.asked(params);
    const { target } = state;
    const unit = parseUnitId(params.unit);
    const paperwork = await paperworkFor(parts, target);
    const asked = { rollout: newRollout(), unit, waivers: waiversOf(params, []) };
    const { gates, plan } = await verifyUnit(parts, state, asked);
    const text =
      plan === null ? blockedPlanText(gates, paperwork, { unit, target }) : planText(plan, gates, paperwork);
    return { gates, plan, text };
  }

  async status(params: Params<'status'>): Promise<readonly TargetStatus[]> {
    return this.#asking.loops.matching(params).map(({ state }) => statusOf(state));
  }

  /** No further than the state: who reads that a rollout ended can ask for the next one. */
  async history(params: Params<'history'>): Promise<readonly RolloutSummary[]> {
    const { parts, loops } = this.#asking;
    const lists = await Promise.all(
      loops.matching(params).map(async ({ state: { target, version: limit } }) => {
        const stories = await readStories(parts.journal, target, { limit });
        return stories.map((story) => summaryOf(story, target));
      }),
    );
    return lists.flat().sort((a, b) => b.startedAt - a.startedAt);
  }

  async report(params: Params<'report'>): ReturnType<EngineApi['report']> {
    const story = await this.#newest(params);
    const { root } = await this.#asking.parts.config();
    const path = story.endedAt === null ? null : resolve(root, (await this.#documents(story)).report);
    const { rollout, plan: planned, gates, paperwork } = story;
    const plan = planned === null || paperwork === null ? null : planText(planned, gates, paperwork);
    const compared = params.compare === true ? { compared: compareRules(story) ?? [] } : {};
    const text = params.compare === true ? comparisonText(story) : deploymentReport(story);
    return { rollout, path, text, plan, facts: measuredFacts(story), ...compared };
  }

  async #newest(params: Params<'report'>): Promise<RolloutStory> {
    const { parts, loops } = this.#asking;
    const found: RolloutStory[] = [];
    for (const { state } of loops.matching(params)) {
      found.push(...(await readStories(parts.journal, state.target)));
    }
    const { rollout: wanted } = params;
    const story = found
      .filter(({ rollout, unit }) => wanted === undefined || rollout === wanted || unit === wanted)
      .sort((a, b) => a.startedAt - b.startedAt)
      .at(-1);
    if (story !== undefined) return story;
    throw new SluiceError({
      code: 'rollout-unknown',
      message: `There is no rollout ${wanted ?? (params.service === undefined ? 'here yet' : `of ${params.service}`)}.`,
      remedy: '`sluice history` lists them.',
    });
  }

  async logs(params: Params<'logs'>): ReturnType<EngineApi['logs']> {
    const { parts, loops } = this.#asking;
    const { state } = await loops.asked(params);
    const bytes = params.bytes ?? 16_384;
    return Promise.all(
      Object.values(state.instances).map(async ({ id }) => ({
        instance: id,
        text: await parts.runtime.logs(id, { bytes }),
      })),
    );
  }

  async incidents(_params: Params<'incidents'>): ReturnType<EngineApi['incidents']> {
    return openIncidents(this.#asking.loops);
  }
}

function statusOf(state: TargetState): TargetStatus {
  const { rollout } = state;
  const target = targetId(state.target);
  if (rollout === null || rollout.phase === 'verifying') return { target, state, evidence: null };
  const { candidate, stable, analysis } = rollout.evidence;
  const verdict = verdictOn(rollout.evidence, rollout.plan);
  const evidence = { candidate, stable, cursor: null, analysis: { problem: analysis.problem } };
  const shown = { ...rollout, evidence } as unknown as Rollout;
  const users = usersMet(candidate);
  return {
    target,
    state: { ...state, rollout: shown },
    evidence: { rollout: rollout.rollout, candidate, stable, users, verdict, ...mirrorOf(rollout) },
  };
}

function mirrorOf({ evidence, plan }: Running): Pick<EvidenceStatus, 'mirror'> {
  if (evidence.mirror === undefined) return {};
  const { skipped, routes } = evidence.mirror.seen;
  return { mirror: { ...verdictOnCopies(evidence, plan), skipped, routes } };
}

function summaryOf(story: RolloutStory, target: Target): RolloutSummary {
  const { rollout, unit, by, startedAt, endedAt, plan, ending, reason } = story;
  return {
    rollout,
    target: targetId(target),
    unit,
    version: plan?.release.version ?? null,
    by,
    startedAt,
    endedAt,
    ending: ending ?? 'running',
    reason: reason?.message ?? null,
    code: reason?.code ?? null,
    remedy: remedyOf(story),
  };
}
