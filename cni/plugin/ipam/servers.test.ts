import type { HttpRequest } from '../../http/http.ts';
import { Servers } from './servers.ts';

const call = { method: 'GET', path: '/v1/x' } as const;
const problem = (code: string) => JSON.stringify({ detail: 'so it is', code });
type Reply = { status: number; body?: string } | Error;

function asked(replies: Record<string, Reply>, timeoutMs = 3000) {
  const requests: HttpRequest[] = [];
  let clock = 0;
  const send = async (request: HttpRequest) => {
    requests.push(request);
    const reply = replies[new URL(request.url).host];
    if (reply === undefined) {
      clock += request.timeoutMs;
      throw Object.assign(new Error('timed out'), { name: 'TimeoutError' });
    }
    if (reply instanceof Error) {
      throw reply;
    }
    return { body: '', ...reply };
  };
  const config = {
    urls: ['http://a', 'http://b'],
    credentials: () => ({ token: 'secret' }),
    timeoutMs,
    requestId: 'add-c1-1',
  };
  return { servers: new Servers(config, send, () => clock), requests };
}

test('the first server answers, with the token', async () => {
  const { servers, requests } = asked({ a: { status: 200, body: '{"hello":1}' } });
  await expect(servers.call(call)).resolves.toMatchObject({ body: '{"hello":1}' });
  expect(requests).toMatchObject([
    { url: 'http://a/v1/x', token: 'secret', id: 'add-c1-1', timeoutMs: 1500 },
  ]);
});

test.each([
  undefined,
  new Error('ECONNREFUSED'),
  { status: 503, body: problem('STORE_UNAVAILABLE') },
  { status: 503, body: problem('NOT_LEADING') },
  { status: 307 },
  { status: 404, body: '<html>' },
  { status: 200, body: '<html>' },
  { status: 200, body: '' },
])('after %j the next one is asked', async (first) => {
  const { servers, requests } = asked({ ...(first && { a: first }), b: { status: 204 } });
  await expect(servers.call(call)).resolves.toMatchObject({ status: 204 });
  expect(requests).toHaveLength(2);
});

test('all of them together take no longer than the time-out, and are not asked a second time', async () => {
  const { servers, requests } = asked({}, 1000);
  await expect(servers.call(call)).rejects.toMatchObject({
    code: 'IPAM_AWAY',
    message:
      'no IPAM server answered: http://a: silent for 500 ms; http://b: silent for 500 ms [request add-c1-1]',
  });
  await expect(servers.call(call)).rejects.toMatchObject({ code: 'IPAM_AWAY' });
  expect(requests).toHaveLength(2);
});

test('the server that answered is asked first from then on: a silent one costs its share but once', async () => {
  const { servers, requests } = asked({ b: { status: 204 } }, 1000);
  for (let round = 0; round < 20; round++) {
    await servers.call(call);
  }
  expect(requests.filter(({ url }) => url.startsWith('http://a'))).toHaveLength(1);
});

test.each([
  [409, 'RANGE_EXHAUSTED', 'IPAM_NONE_FREE'],
  [409, 'RESERVATION_HELD', 'IPAM_NONE_FREE'],
  [409, 'RESERVATION_EXHAUSTED', 'IPAM_NONE_FREE'],
  [409, 'ADDRESS_WARM', 'IPAM_NONE_FREE'],
  [409, 'RESERVATION_NOT_OF_NODE', 'IPAM_REFUSED'],
  [409, 'ADDRESS_IN_USE', 'IPAM_REFUSED'],
  [401, 'TOKEN_MISSING', 'IPAM_UNAUTHORIZED'],
  [403, 'ROLE_INSUFFICIENT', 'IPAM_UNAUTHORIZED'],
  [400, 'INVALID_REQUEST', 'IPAM_REFUSED'],
])('HTTP %d %s becomes %s, with the server’s own words', async (status, code, expected) => {
  const { servers, requests } = asked({ a: { status, body: problem(code) } });
  await expect(servers.call(call)).rejects.toMatchObject({
    code: expected,
    message: `the IPAM server says: so it is (${code}) [request add-c1-1]`,
  });
  expect(requests).toHaveLength(1);
});

test.each([
  { status: 404, body: '<html>' },
  { status: 307, body: '' },
  { status: 400, body: '{}' },
  { status: 200, body: '[]' },
])('%j is no IPAM server’s, and where nobody else answers that is what is said', async (answer) => {
  await expect(asked({ a: answer }).servers.call(call)).rejects.toMatchObject({
    code: 'IPAM_ANSWER_UNREADABLE',
    message: expect.stringMatching(
      /^no IPAM server answered: http:\/\/a: HTTP \d+ with.*; http:\/\/b: silent/,
    ),
  });
});
