import type { Clock } from '../../base/clock.ts';
import { httpExchange } from './http-exchange.ts';
import { jsonAt } from './json-path.ts';
import type { MetricSource, Metrics } from './port.ts';
import { measurementOf, type Reading, readText, readValue } from './reading.ts';
import { excerpt, hostOf } from './redact.ts';
import { type ShellRunner, shellRunner } from './shell-command.ts';

/**
 * Measurements by commands and from HTTP JSON sources. A source that cannot be read is an `error` with its reason; it
 * never rejects. In a URL, `{SLUICE_ARM}` and the other names of `env` stand for their values.
 *
 * @param options.runner runs the commands; default: a shell.
 */
export function openExternalMetrics(options: {
  readonly clock: Clock;
  readonly runner?: ShellRunner;
}): Metrics {
  const { clock, runner = shellRunner(clock) } = options;
  return {
    async measure(source, { env, maxAgeMs, at }) {
      const started = clock.monotonicMs();
      const reading =
        source.kind === 'command' ? await byCommand(runner, source, env) : await byHttp(clock, source, env);
      // Wall clocks jump; how long the answer took does not.
      return measurementOf(reading, { answeredAt: at + (clock.monotonicMs() - started), maxAgeMs });
    },
  };
}

type Env = Readonly<Record<string, string>>;
type Source<K extends MetricSource['kind']> = Extract<MetricSource, { kind: K }>;

async function byCommand(runner: ShellRunner, source: Source<'command'>, env: Env): Promise<Reading> {
  const { run, timeoutMs } = source;
  const { exitCode, timedOut, stdout, stderr } = await runner({ run, env, timeoutMs });
  if (timedOut) return nonsense(`the command gave no answer within ${timeoutMs} ms`);
  if (exitCode === 0) return readText(stdout);
  const said = excerpt(stderr.trim() || stdout);
  const ended =
    exitCode === null ? 'was ended by a signal or could not start' : `ended with exit code ${exitCode}`;
  return nonsense(`the command ${ended}${said === '' ? '' : `: ${said}`}`);
}

async function byHttp(clock: Clock, source: Source<'http'>, env: Env): Promise<Reading> {
  const url = urlOf(source.url, env);
  if (typeof url === 'string') return nonsense(url);
  const { timeoutMs, path } = source;
  const headers = { accept: 'application/json' };
  const answer = await httpExchange(clock, { url, method: 'GET', headers, timeoutMs });
  const from = hostOf(url);
  if (answer.kind === 'failed') return nonsense(`${from}: ${answer.reason}`);
  if (answer.status >= 300 && answer.status < 400) {
    return nonsense(`${from} answered ${answer.status}, and redirects are not followed`);
  }
  if (answer.status !== 200) return nonsense(`${from} answered ${answer.status}: ${excerpt(answer.text)}`);
  const json = parse(answer.text);
  if (json === undefined) return nonsense(`${from} answered "${excerpt(answer.text)}", which is not JSON`);
  const { value, key, parent } = jsonAt(json, path);
  if (value === undefined)
    return nonsense(`${from} answered JSON without "${path}": ${excerpt(answer.text)}`);
  // A path that ends at `value` must not lose the time that stands beside it.
  return readValue(key === 'value' && !Array.isArray(parent) ? parent : value);
}

/** The reason instead, when it is no URL that can be asked. */
function urlOf(template: string, env: Env): URL | string {
  const missing: string[] = [];
  const filled = template.replace(/\$?\{(SLUICE_[A-Z0-9_]+)\}/g, (_, name: string) => {
    if (!Object.hasOwn(env, name)) missing.push(name);
    return encodeURIComponent(env[name] ?? '');
  });
  if (missing.length > 0)
    return `the URL asks for ${missing.join(', ')}, which this measurement does not have`;
  const url = URL.canParse(filled) ? new URL(filled) : null;
  if (url !== null && ['http:', 'https:'].includes(url.protocol)) return url;
  return 'the URL of the source is not an http or https URL';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller tells what it was instead.
    return undefined;
  }
}

function nonsense(reason: string): Reading {
  return { kind: 'nonsense', reason };
}
