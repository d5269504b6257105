import { sleep, systemClock } from '../base/clock.ts';
import { isErrorFacts } from '../base/sluice-error.ts';
import type { ProjectPlace } from '../daemon/project-place.ts';
import { callController } from '../daemon/socket-client.ts';
import type { EngineApi, RolloutSummary, TargetStatus } from '../engine/api.ts';
import { stepText } from '../report/step-text.ts';
import { currentStep } from '../rollout/state.ts';
import type { Output } from './output.ts';
import { copiesText, evidenceText, share } from './status-text.ts';
import { waitsFor } from './waits-for.ts';
import { wrapped } from './wrapped.ts';

const lookMs = 200;
const evidenceEveryMs = 5_000;

/** Shows each step of a rollout until it ends; resolves with how it ended. A controller that was killed is started again. */
export async function followRollout(
  place: ProjectPlace,
  asked: { readonly service: string; readonly to: string; readonly rollout: string },
  output: Output,
): Promise<RolloutSummary> {
  const told = new Set<string>();
  let shownAt = 0;
  for (;;) {
    const [status] = await call(place, 'status', { service: asked.service, to: asked.to });
    for (const { type, text } of status === undefined ? [] : newsOf(status, asked.rollout)) {
      if (told.has(text)) continue;
      // Evidence moves all the time: a line now and then is enough.
      if (type === 'evidence' && systemClock.monotonicMs() < shownAt + evidenceEveryMs) continue;
      if (type === 'evidence') shownAt = systemClock.monotonicMs();
      told.add(text);
      output.say(text);
      if (output.json) output.answer({ type, rollout: asked.rollout, text: text.trim() }, '');
    }
    if (status?.state.rollout?.rollout !== asked.rollout) {
      const history = await call(place, 'history', { service: asked.service, to: asked.to });
      const found = history.find(({ rollout }) => rollout === asked.rollout);
      if (found !== undefined && found.endedAt !== null) return found;
    }
    await sleep(systemClock, lookMs);
  }
}

async function call<M extends 'status' | 'history'>(
  place: ProjectPlace,
  method: M,
  params: Parameters<EngineApi[M]>[0],
): Promise<Awaited<ReturnType<EngineApi[M]>>> {
  try {
    return await callController(place.stateDir, method, params);
  } catch (error) {
    if (!isErrorFacts(error) || error.code !== 'controller-unreachable') throw error;
    // Read only now: following a rollout seldom needs them.
    const { wasKilled } = await import('../daemon/was-killed.ts');
    if (!(await wasKilled(place.stateDir))) throw error;
    const { ensureController } = await import('../daemon/ensure-controller.ts');
    await ensureController(place);
    return callController(place.stateDir, method, params);
  }
}

interface News {
  readonly type: 'step' | 'evidence' | 'waits';
  readonly text: string;
}

function newsOf(status: TargetStatus, asked: string): readonly News[] {
  const line = lineOf(status, asked);
  if (line === '') return [];
  const news: News[] = [{ type: 'step', text: line }];
  const { rollout } = status.state;
  const judged = rollout?.phase === 'forward' && rollout.hadTraffic && status.evidence !== null;
  if (judged && status.evidence.candidate.requests > 0) {
    const { candidate, stable } = status.evidence;
    const bars = evidenceText(status.evidence);
    const errors = `errors: candidate ${share(candidate)}, stable ${share(stable)}`;
    news.push({ type: 'evidence', text: `      ${errors}${bars === null ? '' : `; ${bars}`}` });
  }
  const mirrors = rollout?.phase === 'forward' && currentStep(rollout)?.type === 'mirror';
  if (mirrors && status.evidence?.mirror !== undefined)
    news.push({ type: 'evidence', text: `      copies: ${copiesText(status.evidence.mirror)}` });
  const waiting = waitsFor(status);
  if (waiting !== null) {
    news.push({ type: 'waits', text: wrapped(waiting, { head: '    ! ', indent: '      ' }).join('\n') });
  }
  return news;
}

function lineOf({ state }: TargetStatus, asked: string): string {
  const { rollout } = state;
  if (rollout?.rollout !== asked) return '';
  if (rollout.phase === 'verifying') return '  verifying';
  const step = currentStep(rollout);
  const steps = rollout.phase === 'forward' ? rollout.plan.steps : rollout.plan.backSteps;
  const head = rollout.phase === 'forward' ? '→' : '←';
  return step === null ? '' : `  ${head} ${rollout.index + 1}/${steps.length} ${stepText(step)}`;
}
