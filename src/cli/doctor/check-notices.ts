import { join, resolve } from 'node:path';
import { unreachable } from '../../base/invariant.ts';
import type { ProjectConfig } from '../../config/config.ts';
import type { Channel } from '../../ports/notify/port.ts';
import { type Check, fail, ok } from './check.ts';
import { programProblem } from './find-program.ts';
import { writingProblem } from './writing-problem.ts';

/** Whether notices and documents could be delivered. Nothing is sent. */
export async function checkNotices(config: ProjectConfig, stateDir: string): Promise<readonly Check[]> {
  const { root, environments, workAssigner, qaInbox, reports } = config;
  const channels: readonly (readonly [string, Channel])[] = [
    ...environments.flatMap(({ name, notices }) => notices.map((one) => [`notices ${name}`, one] as const)),
    ['work assigner', workAssigner],
    ['qa inbox', qaInbox],
    ['reports', { kind: 'folder', path: reports }],
  ];
  return Promise.all(channels.map(([name, channel]) => checkChannel(name, channel, { root, stateDir })));
}

async function checkChannel(
  name: string,
  channel: Channel,
  { root, stateDir }: { readonly root: string; readonly stateDir: string },
): Promise<Check> {
  switch (channel.kind) {
    case 'terminal':
      return ok(name, 'the terminal of the controller, else controller.log');
    case 'file': {
      const path = channel.path === '' ? join(stateDir, 'notices.jsonl') : resolve(root, channel.path);
      return told(name, path, await writingProblem(path, 'file'));
    }
    case 'folder': {
      const path = resolve(root, channel.path || 'Inbox');
      return told(name, path, await writingProblem(path, 'folder'));
    }
    case 'command': {
      const problem = await programProblem(channel.run, root);
      // The command itself may hold a secret.
      if (problem === null) return ok(name, 'a command, whose program is there');
      return fail(name, 'its command names a program that is not there', 'Install it, or mend the command.');
    }
    case 'webhook':
      return URL.canParse(channel.url)
        ? ok(name, `a webhook of ${new URL(channel.url).host}; nothing was sent`)
        : fail(name, 'its webhook is no URL', 'Write https://host/path.');
    default:
      return unreachable(channel);
  }
}

function told(name: string, path: string, problem: string | null): Check {
  if (problem === null) return ok(name, `${path} can be written`);
  return fail(name, problem, 'Let the user who runs the controller write there, or choose another place.');
}
