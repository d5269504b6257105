import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseTargetId, type RolloutId, type UnitId } from '../base/ids.ts';
import { type NamedRollout, ReportNames } from './report-name.ts';

function names(
  ...rows: readonly (readonly [target: string, unit: string | null, rollback?: true])[]
): string[] {
  const given = new ReportNames();
  return rows.map(([target, unit, rollback], index) => {
    const rollout = `R-${index}` as RolloutId;
    return given.next({
      target: parseTargetId(target),
      rollout,
      unit: unit as UnitId | null,
      isRollback: rollback === true,
    });
  });
}

describe('the names of reports', () => {
  it('are plain for the first deployment of a unit, and have a suffix for each further one', () => {
    const rows = names(
      ['web@staging', 'U-42'],
      ['web@production', 'U-42'],
      ['web@production', 'U-42'],
      ['web@staging', 'U-42'],
      ['web@production', 'U-43'],
    );
    assert.deepEqual(rows, ['U-42', 'U-42-production', 'U-42-production-2', 'U-42-staging-2', 'U-43']);
  });

  it('say that a rollback is one, and name it by its service where no unit is known', () => {
    const rows = names(
      ['web@production', 'U-42'],
      ['web@production', 'U-42', true],
      ['web@production', null, true],
      ['web@production', null, true],
    );
    assert.deepEqual(rows, [
      'U-42',
      'U-42-production-rollback',
      'web-production-rollback',
      'web-production-rollback-2',
    ]);
  });

  it('keep services of one unit apart', () => {
    assert.deepEqual(names(['web@production', 'U-1'], ['api@production', 'U-1'], ['api@staging', 'U-1']), [
      'U-1',
      'U-1-api-production',
      'U-1-api-staging',
    ]);
  });

  it('never give one name twice, whatever units are called, and the same ones to a rebuild', () => {
    const units = fc.constantFrom('U-1', 'u-1', 'U-1-production', 'U-1-production-2', 'web', null);
    const targets = fc.constantFrom('web@staging', 'web@production', 'api@production');
    fc.assert(
      fc.property(fc.array(fc.tuple(targets, units, fc.boolean()), { maxLength: 25 }), (rows) => {
        const given = new ReportNames();
        const requests = rows.map(
          ([target, unit, isRollback], index): NamedRollout => ({
            target: parseTargetId(target),
            rollout: `R-${index}` as RolloutId,
            unit: unit as UnitId | null,
            isRollback,
          }),
        );
        const told = requests.map((request) => given.next(request));
        assert.equal(new Set(told.map((name) => name.toLowerCase())).size, told.length);
        const rebuilt = new ReportNames();
        assert.deepEqual(
          requests.map((request) => rebuilt.next(request)),
          told,
        );
      }),
    );
  });
});
