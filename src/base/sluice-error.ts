/** What a `SluiceError` is made from. */
export interface SluiceErrorInit {
  /** Stable kebab-case code; callers match on it, never on the class, because errors cross processes. */
  readonly code: string;
  /** What was wrong and where, with the values. */
  readonly message: string;
  /** One sentence the reader can act on. */
  readonly remedy: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An unexpected or unusable situation, told so that a person can act on it. */
export class SluiceError extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(init: SluiceErrorInit) {
    super(init.message, init.cause === undefined ? {} : { cause: init.cause });
    this.name = 'SluiceError';
    this.code = init.code;
    this.remedy = init.remedy;
    this.details = init.details ?? {};
  }
}

/** The shape an error has when it crosses a process border. */
export interface ErrorFacts {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** True for a SluiceError or for anything that has its shape. */
export function isErrorFacts(value: unknown): value is ErrorFacts {
  if (typeof value !== 'object' || value === null) return false;
  const { code, message, remedy } = value as Record<string, unknown>;
  return typeof code === 'string' && typeof message === 'string' && typeof remedy === 'string';
}

/** Facts of any thrown value. What is no SluiceError gets the code `disk-full` where that was why, else `unexpected`. */
export function errorFacts(thrown: unknown): ErrorFacts {
  if (isErrorFacts(thrown)) {
    const { code, message, remedy, details } = thrown;
    return details === undefined ? { code, message, remedy } : { code, message, remedy, details };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof Error && 'code' in thrown && /^(ENOSPC|EDQUOT)$/.test(String(thrown.code))) {
    return {
      code: 'disk-full',
      message: `There is no room left on the disk: ${message}.`,
      remedy: 'Free some space where the state directory lies, then do it again.',
    };
  }
  return {
    code: 'unexpected',
    message,
    remedy:
      'This is a defect of Sluice or of the machine it runs on; `sluice doctor` collects what a report needs.',
  };
}
