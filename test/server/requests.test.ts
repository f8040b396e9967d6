import { allocate, makeLan, request } from './lan.ts';
import { type Server, startServer } from './process.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer('memory:');
  await makeLan(server);
});
afterAll(() => server.stop());

test.each([
  [{ node: 'N1' }],
  [{ containerId: '-x' }],
  [{ containerId: 'a/b' }],
  [{ network: '' }],
  [{ ifname: 'a-name-too-long-for-it' }],
  [{ ifname: '..' }],
  [{ ifname: 'a b' }],
  [{ addresses: ['010.9.1.1'] }],
  [{ addresses: ['fe80::1%eth0'] }],
  [{ families: [] }],
  [{ families: ['ipv5'] }],
  [{ families: 'ipv4' }],
  [{ pod: { name: 'x' } }],
  [{ colour: 'red' }],
  [{ pod: { namespace: 'shop', name: 'web-0', labels: { 'two\nlines': 1 } } }],
])('a request with %j is 400', async (more) => {
  expect((await allocate(server, 'c1', more)).status).toBe(400);
});

const post = (raw: string | Uint8Array, headers: Record<string, string> = {}) =>
  server.call('POST', '/v1/allocations', undefined, {
    raw,
    headers: { 'content-type': 'application/json', ...headers },
  });

test.each([
  ['no JSON', '{"node":'],
  ['octets that are not UTF-8', Uint8Array.from([0x22, 0xff, 0x22])],
  ['UTF-8 with a byte-order mark', '\ufeff{}'],
  ['a bare text', '"x"'],
  ['null', 'null'],
  ['no body', ''],
  ['a prototype', '{"__proto__":{"node":"n1"}}'],
  ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
])('a body that is %s is 400 as problem+json', async (_, raw) => {
  const answer = await post(raw);
  expect(answer).toMatchObject({
    status: 400,
    body: { code: expect.stringMatching(/^INVALID_(JSON|REQUEST)$/) },
  });
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
});

test('a body over 1 MiB is 413, of another type 415', async () => {
  const large = JSON.stringify(request('c1', { pod: { namespace: 'n', name: 'x'.repeat(1024 * 1024) } }));
  expect(await post(large)).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } });
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
    expect(await post('{}', { 'content-type': type })).toMatchObject({
      status: 415,
      body: { code: 'MEDIA_TYPE_UNSUPPORTED' },
    });
  }
  const json = JSON.stringify(request('c415'));
  expect((await post(json, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(201);
});

test('a known path with another method is 405 with Allow, an unknown path 404', async () => {
  const known = await server.call('PATCH', '/v1/zones/real');
  expect(known).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } });
  expect(known.headers['allow']).toBe('DELETE, GET, HEAD, PUT');
  expect((await server.call('DELETE', '/v1/allocations')).headers['allow']).toBe('GET, HEAD, POST');
  for (const path of ['/v1/nope', '/v2/zones', '/v1/zones/real/more', '/v1/zones/']) {
    expect((await server.call('GET', path)).status).toBeGreaterThanOrEqual(400);
  }
  expect(await server.call('GET', '/v1/nope')).toMatchObject({
    status: 404,
    body: { code: 'ROUTE_UNKNOWN' },
  });
});

test('a field that is there twice is refused by its name, also deep inside', async () => {
  const twice = '{"zone":"real","cidr":"10.8.0.0/16","dns":{"search":["a"],"search":["b"]}}';
  const headers = { 'content-type': 'application/json' };
  expect(await server.call('PUT', '/v1/subnets/twice', undefined, { raw: twice, headers })).toMatchObject({
    status: 400,
    body: { code: 'INVALID_REQUEST', field: 'dns.search' },
  });
  expect(await post('{"node":"n1","node":"n2"}')).toMatchObject({ status: 400, body: { field: 'node' } });
  expect((await server.call('GET', '/v1/subnets/twice')).status).toBe(404);
});

test.each([
  ['/v1/zones?limit=1&limit=2', 'limit'],
  ['/v1/allocations?pod=shop/web-0&pod=shop/web-1', 'pod'],
])('GET %s is refused: %s is there more than once', async (path, field) => {
  const { status, body } = await server.call('GET', path);
  expect({ status, field: body.field, detail: body.detail }).toEqual({
    status: 400,
    field,
    detail: `querystring: "${field}" is there more than once`,
  });
});

test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])(
  '%s on a path that ends in a verb is 405 with Allow: POST, whatever stands before the verb',
  async (method) => {
    for (const name of ['10.9.1.1:', 'fd00::1:', 'x:', '10.9.1.1%3a']) {
      const answer = await server.call(method, `/v1/addresses/${name}conflict?limit=1`);
      expect([name, answer.status, answer.headers['allow']]).toEqual([name, 405, 'POST']);
    }
  },
);

test('an IPv6 address that ends like a word is no verb', async () => {
  expect((await server.call('GET', '/v1/addresses/fd00::face')).status).toBe(404);
});

test('HEAD answers as GET does, without a body; OPTIONS tells the methods', async () => {
  const got = await server.call('GET', '/v1/zones/real');
  const head = await server.call('HEAD', '/v1/zones/real');
  expect({ status: head.status, etag: head.headers['etag'], text: head.text }).toEqual({
    status: 200,
    etag: got.headers['etag'],
    text: '',
  });
  expect(head.headers['content-length']).toBe(got.headers['content-length']);
  expect(await server.call('OPTIONS', '/v1/zones/real')).toMatchObject({
    status: 405,
    headers: { allow: 'DELETE, GET, HEAD, PUT' },
  });
});

test.each([
  ['/v1//zones', 404],
  ['//v1/zones', 404],
  ['/v1/zones/', 400],
  ['/v1/zones//usage', 404],
  ['/V1/zones', 404],
  ['/v1/zones;limit=1', 404],
  ['/v1/zones/a%00b', 400],
  [`/v1/zones/${'a'.repeat(254)}`, 400],
  [`/v1/zones/${'a'.repeat(1025)}`, 400],
  [`/v1/zones/${'a'.repeat(12_000)}`, 400],
  [`/v1/zones/${'a'.repeat(20_000)}`, 431],
])('GET %s is %d as problem+json', async (path, status) => {
  const answer = await server.call('GET', path);
  expect([answer.status, answer.body?.status]).toEqual([status, status]);
});

test.each([
  '/v1/zones/%ff',
  '/v1/zones/%',
  '/v1/addresses/10.9.0.1%20',
  '/v1/zones/a%2fb',
  '/v1/addresses/::1%25eth0',
])('GET %s is 4xx as problem+json', async (path) => {
  const { status, body } = await server.call('GET', path);
  expect(status).toBe(400);
  expect(body).toMatchObject({ status, code: expect.any(String), type: expect.any(String) });
});

test('the page links the description of the API, which is OpenAPI 3.1 and has every call', async () => {
  expect((await server.call('GET', '/')).text).toContain('href="/openapi.json"');
  const { body } = await server.call('GET', '/openapi.json');
  expect(body.openapi).toMatch(/^3\.1\./);
  expect(Object.keys(body.paths)).toEqual(
    expect.arrayContaining([
      '/v1/zones/{zone}',
      '/v1/zones',
      '/v1/subnets/{subnet}/map',
      '/v1/subnets/{subnet}/usage',
      '/v1/allocations',
      '/v1/allocations/{network}/{containerId}/{ifname}',
      '/v1/addresses/{ip}',
      '/healthz',
      '/readyz',
    ]),
  );
});

test('an edit is logged with caller and request id, a probe or an allocation is not', async () => {
  const id = 'edit-of-the-day';
  const answer = await server.call(
    'PUT',
    '/v1/zones/real',
    { type: 'macvlan' },
    { headers: { 'x-request-id': id } },
  );
  expect(answer.headers['x-request-id']).toBe(id);
  await server.call('GET', '/readyz');
  await allocate(server, 'logged');
  const lines = server.stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.find(({ request }) => request === id)).toMatchObject({
    level: 'info',
    caller: 'admin',
    method: 'PUT',
    url: '/v1/zones/real',
    status: 200,
  });
  expect(lines.filter(({ url }) => /readyz|allocations/.test(url ?? ''))).toEqual([]);
});

test.each([
  ['PUT', '/v1/zones/real?dryRun=true', { type: 'overlay' }],
  ['DELETE', '/v1/nodes/n1?dryRun=true', undefined],
  ['GET', '/v1/subnets/lan/usage?dryRun=true', undefined],
  ['POST', '/v1/allocations?dryRun=true', request('c1')],
])('%s %s is 400 and does nothing: the call does not know that query', async (method, path, body) => {
  expect(await server.call(method, path, body)).toMatchObject({
    status: 400,
    body: { code: 'INVALID_REQUEST', field: 'dryRun' },
  });
});
