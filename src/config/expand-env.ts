import { type Place, type Problem, problemAt } from './problem.ts';

const reference = /\$?\$\{env:([^}]*)\}/g;
const form = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Puts variables in for `${env:NAME}`; `${env:NAME:-text}` has a default, `$${env:NAME}` stays as it is with one `$`. A
 * variable that is not set is a problem. What the variable holds is not expanded again.
 */
export function expandEnv(
  text: string,
  options: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly at: Place;
    readonly path: string;
    readonly problems: Problem[];
  },
): { readonly value: string; readonly fromEnv?: boolean } {
  if (!text.includes('${env:')) return { value: text };
  const { env, at, path, problems } = options;
  const value = text.replace(reference, (whole: string, inside: string) => {
    if (whole.startsWith('$$')) return whole.slice(1);
    const [, name, otherwise] = form.exec(inside) ?? [];
    const found = name !== undefined && Object.hasOwn(env, name) ? env[name] : undefined;
    const result = found ?? otherwise;
    if (result !== undefined) return result;
    const message =
      name === undefined
        ? `"${whole}" is no reference to a variable.`
        : `The environment variable ${name} is not set.`;
    const remedy =
      name === undefined
        ? `Write \${env:NAME}, or \${env:NAME:-text} with a default.`
        : `Set ${name}, or write \${env:${name}:-text} with a default.`;
    problems.push(problemAt(at, { code: 'config-env', message, path, remedy }));
    return whole;
  });
  return value === text ? { value } : { value, fromEnv: true };
}
