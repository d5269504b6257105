import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Cancel } from '../base/clock.ts';
import { badGateway, gatewayTimeout, unavailable } from './answers.ts';
import type { Answer, Passage } from './engine.ts';
import { connectMs, type ExchangeTools, originForm } from './exchange.ts';
import { requestHeaders, responseHeaders } from './forwarded-headers.ts';
import { rawAnswer } from './respond.ts';

/**
 * Passes an upgrade (WebSocket and others) through: the head goes to the instance, and after its 101 bytes flow both ways
 * until one side ends. Any other answer is passed on as it is. There is no idle limit after the 101.
 */
export function passUpgrade(
  { request, client, head }: { request: IncomingMessage; client: Duplex; head: Buffer },
  passage: Passage,
  tools: ExchangeTools,
): void {
  let told = false;
  let over = false;
  let upstreamSocket: Duplex | null = null;
  let cancel: Cancel | null = null;
  let status: number | null = null;
  const bytesBefore = client instanceof Socket ? client.bytesWritten : 0;

  const finish = () => {
    if (over) return;
    over = true;
    cancel?.();
    attempt.destroy();
    upstreamSocket?.destroy();
    passage.ended({ status, bytes: client instanceof Socket ? client.bytesWritten - bytesBefore : 0 });
  };
  const tell = (outcome: () => void) => {
    if (!told) outcome();
    told = true;
  };
  const answer = (answer: Answer) => {
    status = answer.status;
    if (client.writable) client.end(rawAnswer(answer, STATUS_CODES[answer.status] ?? ''));
    finish();
  };
  passage.onCut(() => {
    client.destroy();
    finish();
  });
  client.on('error', () => client.destroy());
  client.once('close', () => {
    tell(() => passage.abandoned());
    finish();
  });

  let attempt = send();
  cancel = tools.clock.after(passage.limits.upstreamHeadMs, () => {
    tell(() => passage.failed());
    answer(gatewayTimeout);
  });

  function send() {
    const { address } = passage;
    const headers = requestHeaders(request, address);
    headers.push('Connection', 'Upgrade', 'Upgrade', request.headers.upgrade ?? '');
    const upstream = tools.agents.request(address, true, {
      method: request.method ?? 'GET',
      path: originForm(request.url ?? '/'),
      headers,
    });
    let connected = false;
    upstream.on('socket', (socket: Socket) => {
      const cancelConnect = tools.clock.after(connectMs, () =>
        upstream.destroy(new Error('connecting takes too long')),
      );
      socket.once('close', cancelConnect);
      socket.once('connect', () => {
        cancelConnect();
        connected = true;
        if (over) return;
        if (!passage.confirm()) {
          told = true;
          answer(unavailable());
        } else if (passage.address !== address) {
          upstream.destroy();
          attempt = send();
        } else upstream.end();
      });
    });
    upstream.on('error', () => {
      if (over || told || upstream !== attempt) return;
      if (!connected && passage.refused()) {
        attempt = send();
        return;
      }
      if (connected) tell(() => passage.failed());
      told = true;
      answer(badGateway);
    });
    upstream.on('upgrade', (response, socket, first) => {
      cancel?.();
      tell(() => passage.answered(101));
      status = 101;
      upstreamSocket = socket;
      join(response, socket, first);
    });
    upstream.on('response', (response) => {
      cancel?.();
      status = response.statusCode ?? 502;
      const came = status;
      tell(() => passage.answered(came));
      client.write(headText(response, ['Connection', 'close']));
      response.on('error', () => client.destroy());
      response.pipe(client);
    });
    return upstream;
  }

  function join(response: IncomingMessage, socket: Duplex, first: Buffer): void {
    if (client.destroyed) {
      finish();
      return;
    }
    client.write(headText(response, ['Connection', 'Upgrade', 'Upgrade', response.headers.upgrade ?? '']));
    if (first.byteLength > 0) client.write(first);
    if (head.byteLength > 0) socket.write(head);
    socket.on('error', () => client.destroy());
    socket.once('close', () => {
      if (client.writableFinished) client.destroy();
      else client.end();
    });
    socket.pipe(client);
    client.pipe(socket);
  }

  function headText(response: IncomingMessage, extra: readonly string[]): string {
    const lines = [...responseHeaders(response, passage.added), ...extra];
    let text = `HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\n`;
    for (let i = 0; i < lines.length; i += 2) text += `${lines[i]}: ${lines[i + 1]}\r\n`;
    return `${text}\r\n`;
  }
}
