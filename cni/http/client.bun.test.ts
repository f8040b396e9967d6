import { afterAll, beforeAll, expect, test } from 'bun:test';
import { HttpClient } from './client.bun.ts';
import type { HttpRequest } from './http.ts';

/** The client stops the thread while it waits, so that the server is a process of its own. */
const server = Bun.spawn([process.execPath, new URL('./testing/raw-server.ts', import.meta.url).pathname], {
  stdout: 'pipe',
});
const lines: string[] = [];
let url = '';

beforeAll(async () => {
  void (async () => {
    for await (const text of server.stdout.pipeThrough(new TextDecoderStream())) {
      lines.push(...text.split('\n').filter((line) => line !== ''));
    }
  })();
  await until(() => lines.length > 0);
  url = `http://127.0.0.1:${lines.shift()}`;
});

afterAll(() => server.kill());

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await Bun.sleep(1);
  }
}

function get(path: string, client = new HttpClient(), change: Partial<HttpRequest> = {}) {
  return client.send({ method: 'GET', url: `${url}${path}`, timeoutMs: 2000, ...change });
}

test('an answer, a request’s own words, a large answer', async () => {
  expect(await get('/ok')).toEqual({ status: 200, body: 'ok' });
  const { body } = await get('/echo', new HttpClient(), { method: 'POST', body: '{"a":"ü"}', token: 'abc' });
  expect(body).toStartWith('POST /echo HTTP/1.1\r\nHost: 127.0.0.1:');
  expect(body).toEndWith('\r\n\r\n{"a":"ü"}');
  expect((await get('/large')).body).toHaveLength(500_000);
});

test('a redirect is an answer: nobody else is told the token', async () => {
  expect(await get('/moved', new HttpClient(), { token: 'secret' })).toEqual({ status: 307, body: '' });
});

/** How many connections the server has had: its lines come in order, after that of an answer. */
async function connections(client: HttpClient): Promise<number> {
  await get('/ok-and-close', client);
  await until(() => lines.includes('closed'));
  const count = lines.filter((line) => line === 'connected').length;
  lines.length = 0;
  return count;
}

test('an approach connects before there is a request', async () => {
  await connections(new HttpClient());
  const client = new HttpClient();
  client.approach({ url });
  await until(() => lines.includes('connected'));
  expect(await get('/ok', client)).toEqual({ status: 200, body: 'ok' });
  expect(await connections(client)).toBe(1);
});

test('what can’t be approached is left to the request', () => {
  for (const other of [
    'https://127.0.0.1:1',
    'http://127.0.0.1:1',
    'http://nowhere.invalid:1',
    'http://[::ffff:0:1]',
  ]) {
    expect(() => new HttpClient().approach({ url: other })).not.toThrow();
  }
});

test('requests share a connection, which may have been begun beforehand', async () => {
  await connections(new HttpClient());
  const client = new HttpClient();
  client.approach({ url });
  for (let round = 0; round < 5; round++) {
    await get('/ok', client);
  }
  expect(await connections(client)).toBe(1);
});

test('a connection that the server closes, or resets at the next request, is replaced', async () => {
  const client = new HttpClient();
  for (const path of ['/ok-and-close', '/ok-and-reset-next', '/ok']) {
    expect(await get(path, client)).toEqual({ status: 200, body: 'ok' });
  }
  lines.length = 0;
  await get('/ok-and-close', client);
  await until(() => lines.includes('closed'));
  expect(await get('/ok', client)).toEqual({ status: 200, body: 'ok' });
});

test('what comes behind an answer is nobody’s answer', async () => {
  const client = new HttpClient();
  expect((await get('/ok-and-more', client)).body).toBe('ok');
  expect((await get('/ok', client)).body).toBe('ok');
});

test.each(['/silent', '/dribble', '/interim'])('%s ends with the time that was given', async (path) => {
  const began = performance.now();
  await expect(get(path, new HttpClient(), { timeoutMs: 60 })).rejects.toMatchObject({
    name: 'TimeoutError',
  });
  expect(performance.now() - began).toBeGreaterThan(55);
});

test.each([
  ['/hang-up', 'the answer is missing: the connection was closed'],
  ['/cut', 'the answer is cut short'],
  ['/garbage', 'the answer does not begin as one of HTTP/1.1'],
  ['/reset', 'could not receive: ECONNRESET'],
])('%s is an error in words', async (path, message) => {
  await expect(get(path)).rejects.toMatchObject({ message });
});

test('nobody listens: ECONNREFUSED, with and without an approach', async () => {
  const nobody = 'http://127.0.0.1:1';
  const client = new HttpClient();
  const request = { method: 'GET', url: `${nobody}/x`, timeoutMs: 1000 } as const;
  await expect(client.send(request)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  client.approach({ url: nobody });
  await expect(client.send(request)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a name is looked up', async () => {
  const named = url.replace('127.0.0.1', 'localhost');
  const request = { method: 'GET', url: `${named}/ok`, timeoutMs: 2000 } as const;
  expect(await new HttpClient().send(request)).toEqual({ status: 200, body: 'ok' });
});

test('no connection is left behind', async () => {
  const { readdirSync } = await import('node:fs');
  const count = () => readdirSync('/proc/self/fd').length;
  const before = count();
  for (const path of ['/hang-up', '/garbage', '/cut', '/reset']) {
    await get(path).catch(() => undefined);
  }
  const client = new HttpClient();
  for (let round = 0; round < 10; round++) {
    client.approach({ url });
    await get('/ok', client);
  }
  expect(count()).toBeLessThanOrEqual(before + 1);
});
