import { AnswerFault } from './answer-fault.ts';
import { AnswerReader, type RawAnswer } from './answer-reader.ts';

const octets = (text: string) => Uint8Array.from(text, (sign) => sign.charCodeAt(0));
const text = (body: Uint8Array) => String.fromCharCode(...body);

/** Reads an answer that comes in pieces of this size, and then ends or not. */
function read(raw: string, size = raw.length, isEnded = false): RawAnswer | undefined {
  const reader = new AnswerReader();
  const all = octets(raw);
  let isWhole = false;
  for (let at = 0; at < all.length; at += size) {
    isWhole = reader.push(all.slice(at, at + size));
  }
  if (isEnded) {
    reader.end();
    isWhole = true;
  }
  return isWhole ? reader.answer() : undefined;
}

const head = 'HTTP/1.1 200 OK\r\n';
const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`;

test.each([
  ['a length', `${head}Content-Length: 5\r\n\r\nhello`, 200, 'hello', true],
  ['no body', 'HTTP/1.1 204 No Content\r\nx: y\r\n\r\n', 204, '', true],
  ['no reason', 'HTTP/1.1 503\r\ncontent-length:\t0 \r\n\r\n', 503, '', true],
  ['a wish to close', `${head}Connection: x, Close\r\nContent-Length: 1\r\n\r\n1`, 200, '1', false],
  ['an old version', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', 200, 'ok', false],
  ['the same length twice', `${head}Content-Length: 1\r\ncontent-length: 1\r\n\r\n1`, 200, '1', true],
  [
    'an interim answer before',
    `HTTP/1.1 100 Continue\r\nx: y\r\n\r\n${head}Content-Length: 1\r\n\r\n1`,
    200,
    '1',
    true,
  ],
  ['chunks', `${chunked}5\r\nhello\r\n00A ; a="b"\r\n, you all!\r\n0\r\n\r\n`, 200, 'hello, you all!', true],
  ['chunks with a trailer', `${chunked}1\r\nx\r\n0\r\nDigest: y\r\n\r\n`, 200, 'x', true],
  ['something behind it', `${head}Content-Length: 1\r\n\r\n1HTTP/1.1 200 OK\r\n`, 200, '1', false],
  ['a body that there can’t be', 'HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n', 204, '', false],
])('an answer with %s, whole and octet by octet', (_what, raw, status, body, isKept) => {
  for (const size of [raw.length, 1, 7]) {
    const answer = read(raw, size);
    expect(answer && { ...answer, body: text(answer.body) }).toEqual({ status, body, isKept });
  }
});

test('without a length the end of the connection is the end of the answer', () => {
  expect(read(`${head}\r\nhello`)).toBeUndefined();
  expect(text(read(`${head}\r\nhello`, 3, true)?.body ?? octets(''))).toBe('hello');
});

test.each([
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['another version', 'HTTP/2 200 OK\r\n\r\n'],
  ['blank lines first', `\r\n${head}\r\n`],
  ['a status that is none', 'HTTP/1.1 20x OK\r\n\r\n'],
  ['a status beyond all', 'HTTP/1.1 999 OK\r\n\r\n'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['a change of protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ['a bare line feed', 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n'],
  ['a bare carriage return', `${head}x: a\rb\r\n\r\n`],
  ['a NUL', `${head}x: a\0\r\n\r\n`],
  ['a folded field', `${head}x: a\r\n b\r\n\r\n`],
  ['a blank before the colon', `${head}Content-Length : 1\r\n\r\n1`],
  ['a field without a name', `${head}: 1\r\n\r\n`],
  ['a line without a colon', `${head}hello\r\n\r\n`],
  ['two lengths', `${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n11`],
  ['a list of lengths', `${head}Content-Length: 1, 1\r\n\r\n1`],
  ['a negative length', `${head}Content-Length: -1\r\n\r\n`],
  ['a length with a sign', `${head}Content-Length: +1\r\n\r\n1`],
  ['a hexadecimal length', `${head}Content-Length: 0x1\r\n\r\n1`],
  ['a length behind a blank that is none to HTTP', `${head}Content-Length: \u00a01\r\n\r\n1`],
  ['an endless length', `${head}Content-Length: 99999999999999999999\r\n\r\n`],
  ['more than we take', `${head}Content-Length: 16777217\r\n\r\n1`],
  ['an empty length', `${head}Content-Length:\r\n\r\n`],
  ['length and chunks', `${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`],
  ['an unknown coding', `${head}Transfer-Encoding: gzip, chunked\r\n\r\n`],
  ['chunks twice', `${head}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`],
  ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a compressed body', `${head}Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\n1`],
  ['a chunk without a size', `${chunked}\r\nx`],
  ['a chunk’s size with a prefix', `${chunked}0x1\r\nx\r\n0\r\n\r\n`],
  ['an endless chunk', `${chunked}fffffffff\r\n`],
  ['a chunk longer than we take', `${chunked}ffffffff\r\nx`],
  ['a chunk longer than it says', `${chunked}1\r\nxy\r\n0\r\n\r\n`],
  ['a bad trailer', `${chunked}0\r\nhello\r\n\r\n`],
  ['a head without an end', `${head}${'x: y\r\n'.repeat(3000)}`],
  ['a line without an end', `${head}x: ${'y'.repeat(17_000)}`],
])('%s is refused, whole and octet by octet', (_what, raw) => {
  expect(() => read(raw)).toThrow(AnswerFault);
  expect(() => read(raw, 1)).toThrow(AnswerFault);
});

test.each([
  '',
  'HTTP/1.1 2',
  head,
  `${head}Content-Length: 2\r\n\r\n1`,
  chunked,
  `${chunked}1\r\nx\r\n0\r\n`,
])('an end of the connection after %j is too early', (raw) => {
  expect(() => read(raw, 1, true)).toThrow(AnswerFault);
});

test('what was sent may be used again by the sender', () => {
  const reader = new AnswerReader();
  const buffer = octets(`${head}Content-Length: 4\r\n\r\nab`);
  reader.push(buffer);
  buffer.fill(0);
  reader.push(octets('cd'));
  expect(text(reader.answer().body)).toBe('abcd');
});

/** A generator of chance that is the same every time. */
function* chance(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

test('20,000 damaged answers are read alike however they are cut, or refused: never more, never anything else', () => {
  const samples = [
    `${head}Content-Length: 12\r\nX-A: b\r\n\r\n{"id":"abc"}`,
    `${chunked}3\r\nabc\r\nc;x\r\n{"id":"abcd"}\r\n0\r\na: b\r\n\r\n`,
    `HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 409 Conflict\r\nConnection: close\r\n\r\nabc`,
  ];
  const signs = '\r\n :;,0123456789abcdefHTP/.\0\t\x7f\u00ff';
  const random = chance(7);
  const next = (bound: number) => Math.floor((random.next().value ?? 0) * bound);
  const outcome = (raw: string, size: number) => {
    try {
      const answer = read(raw, size, true);
      return answer && `${answer.status} ${text(answer.body)}`;
    } catch (error) {
      expect(error).toBeInstanceOf(AnswerFault);
      return 'refused';
    }
  };
  const seen = new Map<string, number>();
  for (let round = 0; round < 20_000; round++) {
    let raw = samples[next(samples.length)] ?? '';
    for (let damage = next(4); damage > 0; damage--) {
      const at = next(raw.length);
      const sign = signs[next(signs.length)] ?? '';
      raw = raw.slice(0, at) + [sign, '', sign + raw.slice(at, at + 3)][next(3)] + raw.slice(at + 1);
    }
    const whole = outcome(raw, raw.length);
    expect([raw, outcome(raw, 1 + next(9))]).toEqual([raw, whole]);
    const kind = whole === 'refused' ? whole : 'taken';
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
  }
  // Both come often, or this would prove nothing.
  expect(Math.min(seen.get('refused') ?? 0, seen.get('taken') ?? 0)).toBeGreaterThan(2000);
});
