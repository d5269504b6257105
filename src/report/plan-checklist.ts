import type { Target, UnitId } from '../base/ids.ts';
import type { GateResult } from '../rollout/gate.ts';
import type { Paperwork } from '../rollout/paperwork.ts';
import type { RolloutPlan } from '../rollout/plan.ts';
import { clip, code, inline } from './markdown.ts';

/** What the checklist is about; the plan is null when a gate blocks it. */
export interface ChecklistSubject {
  readonly unit: UnitId | null;
  readonly target: Target;
  readonly plan: RolloutPlan | null;
}

const waysBack = ['restorable', 'rollback-tested', 'kept', 'migration-reversible'];
const named = ['artifact', 'environment-healthy', ...waysBack];

/** The operator's five entries, ticked by what the gates observed, and then every other gate. */
export function checklist(
  gates: readonly GateResult[],
  { channels }: Paperwork,
  subject: ChecklistSubject,
): readonly string[] {
  const pick = (wanted: (name: string) => boolean) => gates.filter(({ gate }) => wanted(gate));
  const others = pick((name) => !name.startsWith('qa-') && !named.includes(name));
  return [
    ...entry(
      'QA report approved',
      qaLink(subject),
      pick((name) => name.startsWith('qa-')),
    ),
    ...entry(
      'Artifacts verified',
      artifactText(subject),
      pick((name) => name === 'artifact'),
    ),
    ...entry(
      'Environment healthy',
      healthCommand(subject),
      pick((name) => name === 'environment-healthy'),
    ),
    ...entry(
      'Rollback tested',
      rollbackCommand(subject),
      pick((name) => waysBack.includes(name)),
      subject.plan?.previous && !gates.some(({ gate }) => gate === 'rollback-tested')
        ? '; not rehearsed'
        : '',
    ),
    `- [${channels.length > 0 ? 'x' : ' '}] Stakeholders notified: ${channels.length > 0 ? `${inline(channels.join(', '))}, at start, decision and end` : 'nobody, as no `notices` are configured'}`,
    ...others.flatMap((gate) => entry(inline(gate.required), '', [gate])),
  ];
}

/** Ticked when something was observed and all of it holds; what does not hold stands below with its remedy. */
function entry(title: string, subject: string, gates: readonly GateResult[], note = ''): readonly string[] {
  const ok = gates.length > 0 && gates.every(({ holds }) => holds);
  const seen = gates.map(({ observed }) => inline(clip(observed, 160))).join('; ') || 'not looked at';
  return [
    `- [${ok ? 'x' : ' '}] ${title}${subject === '' ? '' : `: ${subject}`} (${seen}${note})`,
    ...gates
      .filter(({ holds }) => !holds)
      .map(({ gate, required, remedy, onFailure }) => {
        const weight = onFailure === 'warn' ? 'warns only' : 'blocks';
        return `  - ${inline(gate)} ${weight}; required: ${inline(required)}${remedy === '' ? '' : `. ${inline(remedy)}`}`;
      }),
  ];
}

function qaLink({ unit, plan }: ChecklistSubject): string {
  if (unit !== null) return `[[QA/QA-Report-${unit}]]`;
  return plan?.kind === 'rollback' ? 'as it was when the release was brought in' : 'no unit';
}

function artifactText({ plan }: ChecklistSubject): string {
  return plan === null ? '' : `${inline(plan.release.version)}, ${plan.release.artifact}`;
}

function healthCommand({ plan }: ChecklistSubject): string {
  if (plan === null) return '';
  const scheme = plan.edge?.tls === undefined ? 'http' : 'https';
  return code(`curl -f ${scheme}://${plan.routing.listen}${plan.release.run.health.path}`);
}

function rollbackCommand({ plan, target: { service, environment } }: ChecklistSubject): string {
  return plan?.previous ? code(`sluice rollback ${service} --to ${environment}`) : 'there is no way back';
}
