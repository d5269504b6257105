/** One question that `sluice doctor` asked: what was found, and what to do when it is not well. */
export interface Check {
  /** `journal`, `listen production` … */
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** Null when all is well. */
  readonly remedy: string | null;
}

export const ok = (name: string, found: string): Check => ({ name, status: 'ok', found, remedy: null });
export const warn = (name: string, found: string, remedy: string): Check => ({
  name,
  status: 'warn',
  found,
  remedy,
});
export const fail = (name: string, found: string, remedy: string): Check => ({
  name,
  status: 'fail',
  found,
  remedy,
});
