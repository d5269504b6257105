import type { EnvironmentConfig, ProjectConfig } from '../config/config.ts';
import { deployWindow } from '../policy/windows.ts';
import type { Channel } from '../ports/notify/port.ts';
import type { Paperwork } from '../rollout/paperwork.ts';

/** What the documents of a rollout that is asked for at `now` will tell of the configuration. */
export function paperworkOf(config: ProjectConfig, environment: EnvironmentConfig, now: number): Paperwork {
  const { project, reports, contacts } = config;
  const { primary, secondary } = contacts;
  return {
    project,
    reports,
    timeZone: environment.timeZone,
    window: deployWindow(environment.policy, now),
    channels: environment.notices.map(channelText),
    contacts: { primary: contactText(primary), secondary: contactText(secondary) },
  };
}

function contactText(contact: string | null): string | null {
  return contact !== null && /^https?:\/\//.test(contact)
    ? channelText({ kind: 'webhook', url: contact })
    : contact;
}

/** A channel as it may be written down: commands and addresses can hold secrets. */
function channelText(channel: Channel): string {
  switch (channel.kind) {
    case 'file':
      return channel.path === '' ? 'file notices.jsonl' : `file ${channel.path}`;
    case 'folder':
      return `folder ${channel.path}`;
    case 'webhook':
      return URL.canParse(channel.url) ? `webhook ${new URL(channel.url).host}` : 'webhook';
    default:
      return channel.kind;
  }
}
