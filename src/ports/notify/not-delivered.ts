import { SluiceError } from '../../base/sluice-error.ts';
import type { Channel, Notice } from './port.ts';

/** The error of a notice that did not arrive. `reason` must hold no secret: no command line, no URL beyond its host. */
export function notDelivered(notice: Notice, channel: Channel, reason: string, cause?: unknown): SluiceError {
  return new SluiceError({
    code: 'notice-not-delivered',
    message: `The notice ${notice.id} ("${oneLine(notice.title)}") did not reach its ${channel.kind}: ${reason}.`,
    remedy: remedies[channel.kind],
    details: { notice: notice.id, channel: channel.kind },
    cause,
  });
}

/** Text of a title for one line of a terminal: control characters, escape sequences and line ends become spaces. */
export function oneLine(text: string): string {
  return text
    .replace(/\x1b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim();
}

const remedies: Readonly<Record<Channel['kind'], string>> = {
  terminal: 'Sluice tries again; check that the terminal still takes output.',
  file: 'Sluice tries again; check the path of the notice file in sluice.yml, its permissions and the disk.',
  command: 'Sluice tries again; run the command of this notice in sluice.yml by hand to see what it wants.',
  webhook: 'Sluice tries again; check the URL of this notice in sluice.yml and that its receiver is up.',
  folder: 'Sluice tries again; check the path of the inbox in sluice.yml, its permissions and the disk.',
};
