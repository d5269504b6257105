import { corpus } from './corpus.ts';
import type { Case } from './message.ts';
import { pick, randomOf } from './random.ts';

const requestLines = [
  'GET / HTTP/1.1',
  'GET /a/b?c=d HTTP/1.1',
  'POST /orders HTTP/1.1',
  'PUT /x HTTP/1.1',
  'HEAD /h HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'GET http://shop.test/p?q HTTP/1.1',
  'GET / HTTP/1.0',
  'DELETE /%7e;p=1|{}"<>^`\\ HTTP/1.1',
  'CONNECT shop.test:443 HTTP/1.1',
  'GET /#f HTTP/1.1',
  'M-SEARCH * HTTP/1.1',
  'PATCH /p HTTP/1.1',
];
const statusLines = [
  'HTTP/1.1 200 OK',
  'HTTP/1.1 204 ',
  'HTTP/1.1 304',
  'HTTP/1.0 200 Fine',
  'HTTP/1.1 100 Continue',
  'HTTP/1.1 103 Early Hints',
  'HTTP/1.1 101 Switching Protocols',
  'HTTP/1.1 500 Caf\xe9',
  'HTTP/1.1 999 \t',
  'HTTP/2.0 200 OK',
];
/** Fields that frame, route or close; well-formed ones first, then what smuggling is made of. */
const fields = [
  'Host: shop.test',
  'Host: shop.test:8080',
  'Host: [::1]:80',
  'Content-Length: 5',
  'Content-Length: 0',
  'Transfer-Encoding: chunked',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: x-hop, close',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Expect: 100-continue',
  'Cookie: a=b; c=d',
  'X-Empty:',
  'X-Text: caf\xe9 \t x',
  'Keep-Alive: timeout=5',
  'Host:shop.test ',
  'Content-Length: 05',
  'Content-Length: +5',
  'Content-Length: 5, 5',
  'Content-Length: 0x5',
  'Content-Length: 5 5',
  'Content-Length: 18446744073709551616',
  'Content-Length:',
  'Content-Length : 5',
  'Transfer-Encoding: Chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: \x0bchunked',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding: chunked\t',
  'Transfer\x00Encoding: chunked',
  'Transfer_Encoding: chunked',
  ' Transfer-Encoding: chunked',
  'X: y\r\n Transfer-Encoding: chunked',
  'X: y\nTransfer-Encoding: chunked',
  'X: y\rTransfer-Encoding: chunked',
  ': no name',
  'No colon',
];
const bodies = [
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  '5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n',
  '5;a=b;c="d e"\r\nhello\r\n0;last\r\n\r\n',
  'A\r\n0123456789\r\n00\r\n\r\n',
  '1\r\nx\r\n4\r\ndata\r\n0\r\nA: b\r\nC: d\r\n\r\n',
  '5 \r\nhello\r\n0\r\n\r\n',
  '5;\nhello\r\n0\r\n\r\n',
  '5\nhello\n0\n\n',
  '0x5\r\nhello\r\n0\r\n\r\n',
  '-1\r\nhello\r\n0\r\n\r\n',
  'fffffffffffffffff\r\nhello',
  '5\r\nhello0\r\n\r\n',
  '0\r\nContent-Length: 5\r\n\r\n',
  '0\r\n\r\n0\r\n\r\n',
  '0\r\nHost: evil.test\r\n\r\n',
  '5;a = b\r\nhello\r\n0\r\n\r\n',
];
/** Bytes that parsers disagree on. */
const odd = '\r\n\0\t :;,=/"\\#%*+-.0159aAfFxX\x0b\x0c\x1f\x7f\x80\x85\xa0\xff'.split('');

/** The case of a number: well-formed messages with a few faults in most of them. The same number, the same case. */
export function caseOf(number: number): Case {
  const random = randomOf(number * 2_654_435_761);
  const kind = random() < 0.6 ? 'request' : 'response';
  const kept = random() < 0.2 ? pick(random, corpus) : null;
  let text = kept?.kind === kind ? kept.bytes : '';
  for (let left = 1 + Math.floor(random() * 3); left > 0; left -= 1) text += messageOf(random, kind);
  const faults = random() < 0.4 ? 0 : Math.floor(random() * random() * 6) + 1;
  for (let left = faults; left > 0; left -= 1) text = withFault(random, text);
  return { kind, method: random() < 0.1 ? 'HEAD' : 'GET', bytes: Buffer.from(text, 'latin1') };
}

function messageOf(random: () => number, kind: 'request' | 'response'): string {
  const lines = [pick(random, kind === 'request' ? requestLines : statusLines)];
  if (kind === 'request' && random() < 0.9) lines.push('Host: shop.test');
  const wellFormed = random() < 0.5;
  for (let left = Math.floor(random() * 4); left > 0; left -= 1) {
    lines.push(pick(random, wellFormed ? fields.slice(3, 16) : fields));
  }
  const head = lines.join('\r\n').toLowerCase();
  const framed = /\r\ntransfer-encoding: chunked/.test(head)
    ? pick(random, bodies.slice(2))
    : /\r\ncontent-length: 5/.test(head)
      ? 'hello'
      : '';
  const body = random() < 0.9 ? framed : pick(random, bodies);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

function withFault(random: () => number, text: string): string {
  const at = Math.floor(random() * (text.length + 1));
  const to = Math.min(text.length, at + 1 + Math.floor(random() * random() * 12));
  switch (Math.floor(random() * 6)) {
    case 0:
      return text.slice(0, at) + text.slice(to);
    case 1:
      return text.slice(0, at) + pick(random, odd) + text.slice(at);
    case 2:
      return text.slice(0, at) + pick(random, odd) + text.slice(at + 1);
    case 3:
      return text.slice(0, to) + text.slice(at);
    case 4: {
      const line = text.indexOf('\r\n', at) + 2;
      return (
        text.slice(0, line) + pick(random, fields) + pick(random, ['\r\n', '\n', '\r', '']) + text.slice(line)
      );
    }
    default:
      return text.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + text.slice(at + 1);
  }
}
