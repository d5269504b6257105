import { formatDuration } from '../base/duration.ts';
import type { Ending } from '../rollout/ending.ts';
import { stepText } from './plan-text.ts';
import type { RolloutStory, ToldEvent } from './rollout-story.ts';

/** The words of the report's `status`. */
export function statusWord(
  story: Pick<RolloutStory, 'ending' | 'events'>,
): 'success' | 'rolled_back' | 'failed' {
  const hadTraffic = story.events.some((event) => event.type === 'GoingBackStarted' && event.hadTraffic);
  const words: Record<Ending, 'success' | 'rolled_back' | 'failed'> = {
    succeeded: 'success',
    'rolled-back': 'rolled_back',
    aborted: hadTraffic ? 'rolled_back' : 'failed',
    failed: 'failed',
    refused: 'failed',
  };
  return words[story.ending ?? 'failed'];
}

/** The written report of a rollout that ended. Only its events go in: the same events give the same bytes. */
export function deploymentReport(story: RolloutStory): string {
  const { plan, unit, rollout, by, startedAt, endedAt, reason } = story;
  const status = statusWord(story);
  const release = plan?.release;
  return [
    '---',
    `unit_id: ${unit ?? ''}`,
    `status: ${status}`,
    `ending: ${story.ending ?? 'running'}`,
    `rollout: ${rollout}`,
    `service: ${release?.service ?? ''}`,
    `environment: ${plan?.target.environment ?? ''}`,
    `version: ${JSON.stringify(release?.version ?? '')}`,
    `artifact: ${release?.artifact ?? ''}`,
    `commit: ${release?.commit ?? ''}`,
    `requested_by: ${JSON.stringify(by)}`,
    `started_at: ${iso(startedAt)}`,
    `ended_at: ${endedAt === null ? '' : iso(endedAt)}`,
    '---',
    '',
    `# Deployment report: ${release?.service ?? rollout} ${release?.version ?? ''} ${status}`,
    '',
    '## Summary',
    '',
    summary(story),
    ...(reason === null ? [] : ['', `Reason (${reason.code}, by ${reason.by}): ${reason.message}`]),
    '',
    '## Pre-deployment verification',
    '',
    '| gate | required | observed | holds |',
    '| --- | --- | --- | --- |',
    ...story.gates.map((gate) => row(gate.gate, gate.required, gate.observed, gate.holds ? 'yes' : 'no')),
    '',
    '## What happened',
    '',
    '| time | what | by |',
    '| --- | --- | --- |',
    ...story.events.flatMap((event) => told(event, story)),
    '',
    '## Success criteria',
    '',
    ...criteria(story),
    '',
    '## Incidents',
    '',
    ...incidents(story),
    '',
  ].join('\n');
}

function summary({ plan, startedAt, endedAt, ending }: RolloutStory): string {
  const took =
    endedAt === null ? 'is still going on' : `took ${formatDuration(Math.max(0, endedAt - startedAt))}`;
  if (plan === null) return `The rollout was never planned; it ${took} and ended ${ending ?? 'not yet'}.`;
  const before = plan.previous === null ? 'as the first release' : `over ${plan.previous.version}`;
  return `${plan.release.version} went to ${plan.target.environment} ${before} by ${plan.strategy.kind}; it ${took} and ended ${ending ?? 'not yet'}.`;
}

function told(event: ToldEvent, { plan, events }: RolloutStory): readonly string[] {
  const line = (what: string) => [row(iso(event.when), what, event.actor)];
  switch (event.type) {
    case 'RolloutRequested':
      return line('requested');
    case 'RolloutPlanned':
      return line('verified and planned');
    case 'StepStarted': {
      const back = events.some(
        (one) => one.type === 'GoingBackStarted' && events.indexOf(one) < events.indexOf(event),
      );
      const step = (back ? plan?.backSteps : plan?.steps)?.[event.index];
      return step === undefined
        ? []
        : line(`${back ? 'back ' : ''}step ${event.index + 1}: ${stepText(step)}`);
    }
    case 'StepCompleted':
      return line(`done: ${event.how}`);
    case 'ApprovalGiven':
      return line(`approved as ${event.role}${event.comment === '' ? '' : `: ${event.comment}`}`);
    case 'StepPromotedByHand':
      return line(`gone on by hand: ${event.reason}`);
    case 'RolloutPaused':
      return line('paused');
    case 'RolloutResumed':
      return line('resumed');
    case 'VerdictReached':
      return line(`verdict ${event.ok ? 'successful' : 'failed'}: ${event.observed}`);
    case 'GoingBackStarted':
      return line(`going back: ${event.reason.message}`);
    case 'RoutesAcknowledged':
      return line(`routes ${event.version} in force`);
    case 'ReleasePromoted':
      return line(`${event.release.version} is stable`);
    case 'EvidencePreserved':
      return line('evidence kept');
    case 'RestorationVerified':
      return line(`restored: ${event.holds ? 'yes' : 'no'} (${event.observed})`);
    case 'RolloutEnded':
      return line(`ended: ${event.ending}`);
    default:
      return [];
  }
}

/** The operator's seven criteria, each with how it was verified. */
function criteria(story: RolloutStory): readonly string[] {
  const { events, gates, plan } = story;
  const gate = (prefix: string) => {
    const found = gates.filter((one) => one.gate.startsWith(prefix));
    return {
      ok: found.length > 0 && found.every(({ holds }) => holds),
      how: found.map(({ observed }) => observed).join('; '),
    };
  };
  const commands = events.flatMap((event) => (event.type === 'CommandFinished' ? [event] : []));
  const verdicts = events.flatMap((event) => (event.type === 'VerdictReached' ? [event] : []));
  const restored = events.findLast((event) => event.type === 'RestorationVerified');
  const succeeded = story.ending === 'succeeded';
  const qa = gate('qa-');
  return [
    check(qa.ok, 'QA approved exactly this artifact', qa.how || 'not asked'),
    check(
      plan !== null,
      'The plan was written before anything ran',
      plan === null ? 'no plan' : `${plan.steps.length} steps, ${plan.backSteps.length} back`,
    ),
    check(succeeded, 'Every deployment step completed', `ended ${story.ending ?? 'not yet'}`),
    check(
      commands.every(({ ok }) => ok) && plan !== null,
      'Health and smoke passed',
      `${commands.filter(({ ok }) => ok).length} of ${commands.length} commands ended with exit code 0`,
    ),
    check(
      verdicts.every(({ ok }) => ok) && succeeded,
      'Users were not harmed',
      verdicts.at(-1)?.observed ?? 'no analysis step',
    ),
    check(
      succeeded || restored?.type !== 'RestorationVerified' || restored.holds,
      'Service is at its old level',
      succeeded
        ? 'the new version is stable'
        : restored?.type === 'RestorationVerified'
          ? restored.observed
          : 'users never met the candidate',
    ),
    check(true, 'The report was written', 'this file, from the journal'),
  ];
}

function incidents({ events }: RolloutStory): readonly string[] {
  const opened = events.flatMap((event) =>
    event.type === 'IncidentOpened' ? [`- ${event.incident} (${event.severity}): ${event.title}`] : [],
  );
  return opened.length === 0 ? ['None.'] : opened;
}

function check(ok: boolean, what: string, how: string): string {
  return `- [${ok ? 'x' : ' '}] ${what}: ${oneLine(how)}`;
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => oneLine(cell).replaceAll('|', '\\|')).join(' | ')} |`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
