import { digestOfJson } from '../base/digest.ts';
import type { GateResult } from '../rollout/gate.ts';
import type { TargetState } from '../rollout/state.ts';

/** The gates as they are when all is well. */
export function goodGates(
  { stable }: TargetState,
  { unit, version }: { readonly unit: string; readonly version: string },
): readonly GateResult[] {
  const held = (gate: string, required: string, observed: string): GateResult => ({
    gate,
    holds: true,
    onFailure: 'block',
    required,
    observed,
    remedy: '',
  });
  const digest = digestOfJson(version);
  return [
    held('qa-unit', `unit_id: ${unit}`, `QA/QA-Report-${unit}.md says ${unit}`),
    held('qa-approved', 'status: approved', 'status: approved, written by quinn'),
    held('qa-artifact', `an approval of ${digest}`, `artifact: ${digest}`),
    held('artifact', `the bytes of ${digest}`, '12 files, 48213 bytes, unchanged'),
    held('window', 'an open deployment window and no freeze', 'inside a window'),
    held('capacity', 'room for 2 more instances', '7.1 GiB free'),
    held(
      'environment-healthy',
      'every stable instance ready',
      stable === null ? 'first release' : '2 of 2 ready',
    ),
    stable === null
      ? {
          ...held('restorable', 'a previous version that can be restored', 'a first release has no way back'),
          holds: false,
          onFailure: 'warn',
          remedy: 'Health and smoke judge it; failing it shows the maintenance page.',
        }
      : held(
          'restorable',
          'a previous version that can be restored',
          `${stable.release.version}, its artifact unchanged`,
        ),
  ];
}
