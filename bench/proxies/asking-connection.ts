import { connect, type Socket } from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');
/** All connections read into one buffer: what came is counted and never kept. */
const buffer = Buffer.allocUnsafeSlow(256 * 1024);
const mostHeadBytes = 16 * 1024;

/** A kept connection with one request at a time. Looks at the status and the length of each answer, and at nothing else. */
export class AskingConnection {
  #socket: Socket;
  #request: Buffer;
  #bodyBytes: number;
  #told: (good: boolean) => void;
  /** Bytes of the answer that are still to come; null while there is no head. */
  #left: number | null = null;
  #partHead: Buffer | null = null;
  #good = false;

  /** `told` is called once for each request; false also for a connection that breaks, which asks no more. */
  constructor(port: number, bodyBytes: number, told: (good: boolean) => void) {
    this.#bodyBytes = bodyBytes;
    this.#told = told;
    this.#request = requestText(port, bodyBytes);
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer,
        callback: (length) => {
          this.#read(buffer.subarray(0, length));
          return true;
        },
      },
    });
    this.#socket.on('error', () => {}).on('close', () => this.#told(false));
  }

  ask(): void {
    this.#socket.write(this.#request);
  }

  close(): void {
    this.#socket.removeAllListeners('close').destroy();
  }

  #read(bytes: Buffer): void {
    const left = this.#left === null ? this.#readHead(bytes) : this.#left - bytes.length;
    this.#left = left;
    if (left === null || left > 0) return;
    // More than was announced belongs to nobody's answer.
    if (left < 0) this.#good = false;
    this.#left = null;
    this.#told(this.#good);
  }

  #readHead(bytes: Buffer): number | null {
    const head = this.#partHead === null ? bytes : Buffer.concat([this.#partHead, bytes]);
    const end = head.indexOf(headEnd);
    this.#partHead = end < 0 ? Buffer.from(head) : null;
    if (end < 0) {
      if (head.length > mostHeadBytes) this.#socket.destroy();
      return null;
    }
    // `HTTP/1.1 200`
    this.#good = head[9] === 50 && head[10] === 48 && head[11] === 48;
    return end + headEnd.length + this.#bodyBytes - head.length;
  }
}

/** As a browser asks. */
function requestText(port: number, bodyBytes: number): Buffer {
  const lines = [
    `GET /${bodyBytes} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'Accept-Language: en-US,en;q=0.5',
    'Accept-Encoding: gzip, deflate, br',
    'Cookie: session=2f9a6c1e8b7d4053; theme=dark',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
