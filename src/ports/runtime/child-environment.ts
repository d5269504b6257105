import { SluiceError } from '../../base/sluice-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a child may see of the controller's environment; all else could be a secret. */
const inherited = ['PATH', 'HOME', 'LANG', 'TMPDIR'];

/**
 * The environment of a child: the allow-list, then `given`; `secretNames` are handed on from the controller. Throws
 * `secret-env-missing` with all names that are not set.
 */
export function childEnvironment(
  own: Environment,
  given: Readonly<Record<string, string>>,
  secretNames: readonly string[] = [],
): Record<string, string> {
  const missing = secretNames.filter((name) => own[name] === undefined);
  if (missing.length > 0) {
    throw new SluiceError({
      code: 'secret-env-missing',
      message: `The environment of the controller lacks ${missing.join(', ')}.`,
      remedy: 'Set the variables that `secretEnv` names where the controller is started, and start it again.',
    });
  }
  const passed = [...inherited, ...secretNames].flatMap((name) => {
    const value = own[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), ...given };
}
