import { connect } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { askStatus } from './ask-status.ts';
import { parseHostPort } from './host-port.ts';

/** `refused`: nobody listens. `bad`: anything but an answer from 200 to 299 in time. */
export type ProbeResult = 'good' | 'bad' | 'refused';

/** One health request on a connection of its own. */
export function probeHealth(
  clock: Clock,
  {
    address,
    path,
    timeoutMs,
  }: { readonly address: string; readonly path: string; readonly timeoutMs: number },
): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const { host, port } = parseHostPort(address);
    const end = (result: ProbeResult) => {
      cancel();
      stop();
      resolve(result);
    };
    const stop = askStatus({ host, port, path, userAgent: 'sluice-router' }, (answer) => {
      if (typeof answer === 'number') end(answer >= 200 && answer < 300 ? 'good' : 'bad');
      else end(isRefusal(answer) ? 'refused' : 'bad');
    });
    const cancel = clock.after(timeoutMs, () => end('bad'));
  });
}

/** Whether anybody listens at all. Costs an instance one connection that is closed at once. */
export function probeListening(clock: Clock, address: string): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect(parseHostPort(address));
    const end = (result: ProbeResult) => {
      cancel();
      socket.destroy();
      resolve(result);
    };
    const cancel = clock.after(1_000, () => end('bad'));
    socket.once('connect', () => end('good'));
    socket.on('error', (error) => end(isRefusal(error) ? 'refused' : 'bad'));
  });
}

function isRefusal(error: Error & { code?: string }): boolean {
  return error.code === 'ECONNREFUSED';
}
