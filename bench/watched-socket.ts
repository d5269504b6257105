import { once } from 'node:events';

const everyMs = 1_000;
/** A message that is not given back for so long is lost. */
const answerMs = 5_000;

/** A WebSocket that sends a message a second, and notes when it ended and what it missed. */
export class WatchedSocket {
  readonly #socket: WebSocket;
  readonly #timer: NodeJS.Timeout;
  #unanswered: number[] = [];
  /** Of the release that it met. */
  readonly release: string;
  /** By `performance.now()`; null while it is open. */
  endedAt: number | null = null;
  lostMessages = 0;

  private constructor(socket: WebSocket, release: string) {
    this.#socket = socket;
    this.release = release;
    socket.addEventListener('message', () => this.#unanswered.shift());
    socket.addEventListener('close', () => {
      this.endedAt = performance.now();
      clearInterval(this.#timer);
    });
    socket.addEventListener('error', () => {});
    this.#timer = setInterval(() => this.#send(), everyMs);
  }

  static async open(url: string): Promise<WatchedSocket> {
    const socket = new WebSocket(url.replace('http', 'ws'));
    const [first] = (await once(socket, 'message')) as [MessageEvent];
    return new WatchedSocket(socket, String(first.data));
  }

  end(): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  #send(): void {
    if (this.endedAt !== null) return;
    const now = performance.now();
    if (now - (this.#unanswered[0] ?? now) > answerMs) {
      this.lostMessages += 1;
      this.#unanswered = [];
    }
    this.#unanswered.push(now);
    this.#socket.send('still here?');
  }
}
