import { lstat, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Clock, systemClock } from '../../base/clock.ts';
import { unreachable } from '../../base/invariant.ts';
import { isErrorFacts } from '../../base/sluice-error.ts';
import { replaceFile } from '../../disk/replace-file.ts';
import { httpExchange } from '../metrics/http-exchange.ts';
import { excerpt, hostOf } from '../metrics/redact.ts';
import { shellRunner } from '../metrics/shell-command.ts';
import { appendLine } from './append-line.ts';
import { itemFileName, itemText } from './folder-item.ts';
import { notDelivered, oneLine } from './not-delivered.ts';
import type { Channel, Notice, Notifier } from './port.ts';

export interface NotifierOptions {
  /** The project: relative paths of channels and the directory of commands are taken from here. */
  readonly root: string;
  /** A file channel without a path is `notices.jsonl` in it. */
  readonly stateDir: string;
  /** Takes one line without its end; what it throws is a failed delivery. */
  readonly terminal: (line: string) => void;
  /** Default: the system's; measures the two timeouts. */
  readonly clock?: Clock;
  /** Default 30 s. */
  readonly commandTimeoutMs?: number;
  /** Default 10 s. */
  readonly webhookTimeoutMs?: number;
}

/**
 * Delivers notices: one line to the terminal; one line of JSON, fsynced, to a file; facts on standard input of a command
 * that also gets SLUICE_NOTICE_ID, _KIND and _TITLE; a POST of the JSON to a webhook; a markdown file named by the id into
 * a folder (`Inbox` when its path is empty), where a file that is already there is left alone. Rejects with
 * `notice-not-delivered`, whose text holds no command line and nothing of a URL but its host.
 */
export function openNotifier(options: NotifierOptions): Notifier {
  const clock = options.clock ?? systemClock;
  const parts: Parts = { ...options, clock, shell: shellRunner(clock), files: inOrder() };
  return {
    async deliver(notice, channel) {
      try {
        const failure = await send(parts, notice, channel);
        if (failure !== null) throw notDelivered(notice, channel, failure);
      } catch (error) {
        throw isErrorFacts(error) ? error : notDelivered(notice, channel, reasonOf(error), error);
      }
    },
  };
}

interface Parts extends NotifierOptions {
  readonly clock: Clock;
  readonly shell: ReturnType<typeof shellRunner>;
  /** Writes to files one after the other. */
  readonly files: (work: () => Promise<void>) => Promise<void>;
}

/** Null when it arrived, else why not. */
async function send(parts: Parts, notice: Notice, channel: Channel): Promise<string | null> {
  switch (channel.kind) {
    case 'terminal':
      parts.terminal(`${notice.kind}: ${oneLine(notice.title)}`);
      return null;
    case 'file': {
      const path =
        channel.path === '' ? join(parts.stateDir, 'notices.jsonl') : resolve(parts.root, channel.path);
      await parts.files(() => appendLine(path, noticeJson(notice)));
      return null;
    }
    case 'command':
      return runCommand(parts, notice, channel.run);
    case 'webhook':
      return post(parts, notice, channel.url);
    case 'folder':
      await parts.files(() => putItem(resolve(parts.root, channel.path || 'Inbox'), notice));
      return null;
    default:
      return unreachable(channel);
  }
}

async function runCommand(parts: Parts, notice: Notice, run: string): Promise<string | null> {
  const timeoutMs = parts.commandTimeoutMs ?? 30_000;
  const env = {
    SLUICE_NOTICE_ID: notice.id,
    SLUICE_NOTICE_KIND: notice.kind,
    SLUICE_NOTICE_TITLE: oneLine(notice.title),
  };
  const input = JSON.stringify(notice.facts);
  const ended = await parts.shell({ run, env, input, timeoutMs, directory: parts.root });
  if (ended.timedOut) return `the command did not end within ${timeoutMs} ms`;
  if (ended.exitCode === 0) return null;
  const said = excerpt(ended.stderr.trim() || ended.stdout);
  const how =
    ended.exitCode === null
      ? 'was ended by a signal or could not start'
      : `ended with exit code ${ended.exitCode}`;
  return `the command ${how}${said === '' ? '' : ` and said: ${said}`}`;
}

async function post(parts: Parts, notice: Notice, address: string): Promise<string | null> {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    return 'its URL is not an http or https URL';
  const answer = await httpExchange(parts.clock, {
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': encodeURIComponent(notice.id) },
    body: noticeJson(notice),
    timeoutMs: parts.webhookTimeoutMs ?? 10_000,
  });
  if (answer.kind === 'failed') return `${hostOf(url)}: ${answer.reason}`;
  return answer.status >= 200 && answer.status < 300 ? null : `${hostOf(url)} answered ${answer.status}`;
}

/** Once there, an item belongs to whoever works on it: a repeated delivery changes nothing. */
async function putItem(folder: string, notice: Notice): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, itemFileName(notice.id));
  const there = await lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  if (!there) await replaceFile(path, itemText(notice), { mode: 0o644 });
}

/** `text` stands for the title where chat systems look for it. */
function noticeJson({ id, kind, at, title, body, facts }: Notice): string {
  return JSON.stringify({ id, kind, at, title, text: title, body, facts });
}

function reasonOf(error: unknown): string {
  return excerpt(error instanceof Error ? error.message : String(error));
}

function inOrder(): Parts['files'] {
  let last: Promise<void> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    // The caller gets the rejection from `next`; the queue only needs to know that it ended.
    last = next.catch(() => undefined);
    return next;
  };
}
