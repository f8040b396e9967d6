import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocate, makeLan, request } from './lan.ts';
import { type CallOptions, newFolder, type Server, startServer } from './process.ts';

const folder = newFolder();
afterAll(() => folder.remove());

let server: Server;
beforeEach(async () => {
  server = await startServer('memory:');
});
afterEach(() => server.stop());

const batch = (body: unknown, options?: CallOptions, at = server) =>
  at.call('POST', '/v1/allocations:batch', body, options);
const withKey = (key: string, token?: string): CallOptions => ({
  headers: { 'idempotency-key': key },
  ...(token === undefined ? {} : { token }),
});
const attachment = (containerId: string) => ({ network: 'realip', containerId, ifname: 'eth0' });
const many = (count: number, name = 'b') => Array.from({ length: count }, (_, i) => request(`${name}${i}`));

async function commitsOf(at: Server): Promise<number> {
  const { text } = await at.call('GET', '/metrics');
  return Number(/^realip_ipam_commit_duration_seconds_count (\d+)$/m.exec(text)?.[1] ?? 0);
}

test('a batch releases first, then allocates, and answers item by item in order', async () => {
  await makeLan(server, { start: '10.9.1.1', end: '10.9.1.2', cooldownSeconds: 0 });
  const { body: first } = await allocate(server, 'c1');
  await allocate(server, 'c2');
  const { status, body } = await batch({
    allocate: [request('d1'), request('d2'), request('c2')],
    release: [attachment('c1'), attachment('nobody'), { ...attachment('c2'), generation: 1 }],
  });
  expect(status).toBe(200);
  expect(body.released).toEqual([
    { ...attachment('c1'), addresses: ['10.9.1.1'] },
    { ...attachment('nobody'), addresses: [] },
    { ...attachment('c2'), addresses: [] },
  ]);
  expect(body.allocated).toMatchObject([
    { mac: first.mac, ips: [{ address: '10.9.1.1/16', subnet: 'lan', range: 'shared' }] },
    { status: 409, code: 'RANGE_EXHAUSTED', title: expect.any(String), detail: expect.any(String) },
    { ips: [{ address: '10.9.1.2/16' }] },
  ]);
  expect(body.allocated[0].generation).toBeGreaterThan(first.generation);
});

test('a failing item changes nothing and fails no other', async () => {
  await makeLan(server);
  const wrong = [
    request('x1', { node: 'n9' }),
    request('x2', { addresses: ['10.9.0.1'] }),
    request('x3', { addresses: ['10.9.1.5', '10.9.1.6'] }),
  ];
  const { body } = await batch({ allocate: [request('a'), ...wrong, request('b')] });
  expect(body.allocated.map((item: Record<string, unknown>) => [item['status'], item['code']])).toEqual([
    [undefined, undefined],
    [409, 'NODE_UNKNOWN'],
    [409, 'ADDRESS_NOT_GIVEN'],
    [400, 'INVALID_REQUEST'],
    [undefined, undefined],
  ]);
  const { body: list } = await server.call('GET', '/v1/allocations');
  expect(list.items.map(({ containerId }: { containerId: string }) => containerId)).toEqual(['a', 'b']);
});

test('10,000 items are one commit', async () => {
  await makeLan(server, { start: '10.9.0.0', end: '10.9.255.255' });
  const before = await commitsOf(server);
  const { body } = await batch({ allocate: many(10_000) });
  expect(await commitsOf(server)).toBe(before + 1);
  const given = body.allocated.map(({ ips }: { ips: { address: string }[] }) => ips[0]?.address);
  expect(new Set(given).size).toBe(10_000);
  const again = await batch({ release: many(10_000).map(({ containerId }) => attachment(containerId)) });
  expect(await commitsOf(server)).toBe(before + 2);
  expect(again.body.released).toHaveLength(10_000);
  expect((await server.call('GET', '/v1/subnets/lan/usage')).body.byState.allocated).toBe(0);
});

test('an item of the wrong shape fails by itself, naming the field, and fails no other', async () => {
  await makeLan(server);
  const { status, body } = await batch({
    allocate: [
      request('a'),
      request('b', { pod: { name: 'x' } }),
      request('b', { color: 'red' }),
      request('b', { addresses: ['010.9.1.7'] }),
      7,
      null,
      request('c'),
    ],
    release: [
      { network: 'realip', containerId: 'a' },
      { ...attachment('a'), ifname: 'a/b' },
      attachment('d'),
    ],
  });
  expect(status).toBe(200);
  expect(body.allocated).toMatchObject([
    { ips: [{}] },
    { status: 400, code: 'INVALID_REQUEST', field: 'allocate.1.pod.namespace' },
    { status: 400, code: 'INVALID_REQUEST', field: 'allocate.2.color' },
    { status: 400, code: expect.any(String), field: 'allocate.3.addresses.0' },
    { status: 400, code: 'INVALID_REQUEST', field: 'allocate.4' },
    { status: 400, code: 'INVALID_REQUEST', field: 'allocate.5' },
    { ips: [{}] },
  ]);
  expect(body.released).toMatchObject([
    { status: 400, field: 'release.0.ifname' },
    { status: 400, field: 'release.1.ifname' },
    { addresses: [] },
  ]);
  const { body: list } = await server.call('GET', '/v1/allocations');
  expect(list.items.map(({ containerId }: { containerId: string }) => containerId)).toEqual(['a', 'c']);
});

test('a batch that is none is refused whole, naming the field', async () => {
  await makeLan(server);
  const cases: [unknown, string][] = [
    [{ allocate: many(10_001) }, 'allocate'],
    [{ allocate: { 0: request('a') } }, 'allocate'],
    [{ give: [] }, 'give'],
    [{ allocate: [request('a'), {}], give: [] }, 'give'],
    [{ release: 7, allocate: [request('a')] }, 'release'],
  ];
  for (const [body, field] of cases) {
    const answer = await batch(body);
    expect(answer).toMatchObject({ status: 400, body: { field } });
  }
  expect((await server.call('GET', '/v1/allocations')).body.items).toEqual([]);
});

test('a batch may have 8 MiB, any other body 1 MiB, and the refusal names the right one', async () => {
  await makeLan(server);
  const labels = { blob: 'x'.repeat(4000) };
  const pod = { namespace: 'shop', name: 'web', labels };
  const two = { allocate: many(1000).map((item) => ({ ...item, pod: { ...pod, namespaceLabels: labels } })) };
  expect(JSON.stringify(two).length).toBeGreaterThan(7 * 1024 * 1024);
  expect((await batch(two)).status).toBe(200);
  const headers = { 'content-type': 'application/json', 'content-length': String(8 * 1024 * 1024 + 1) };
  const nine = { raw: '{', headers };
  expect(await batch(undefined, nine)).toMatchObject({
    status: 413,
    body: { detail: expect.stringContaining('8 MiB') },
  });
  expect(await server.call('POST', '/v1/allocations', undefined, nine)).toMatchObject({
    status: 413,
    body: { detail: expect.stringContaining('1 MiB') },
  });
});

test('in a batch each item is authorised by itself, releases by the node of their allocation', async () => {
  const tokens = join(folder.path, 'tokens.yaml');
  const entries = ['admin', 'viewer', 'node:n1', 'node:n2'].map((role) => ({ token: role, role }));
  writeFileSync(tokens, JSON.stringify({ tokens: entries }));
  const guarded = await startServer('memory:', '--tokens', tokens);
  const admin = { token: 'admin' };
  for (const [path, body] of [
    ['/v1/zones/real', { type: 'macvlan' }],
    ['/v1/subnets/lan', { zone: 'real', cidr: '10.9.0.0/16' }],
    ['/v1/ranges/shared', { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.255' }],
    ['/v1/nodes/n1', { zone: 'real' }],
    ['/v1/nodes/n2', { zone: 'real' }],
  ] as const) {
    await guarded.call('PUT', path, body, admin);
  }
  await batch({ allocate: [request('theirs', { node: 'n2' })] }, admin, guarded);
  const { status, body } = await batch(
    {
      allocate: [request('mine'), request('other', { node: 'n2' })],
      release: [attachment('theirs'), attachment('nobody')],
    },
    { token: 'node:n1' },
    guarded,
  );
  expect(status).toBe(200);
  expect(body.allocated).toMatchObject([
    { ips: [expect.anything()] },
    { status: 403, code: 'ROLE_INSUFFICIENT' },
  ]);
  expect(body.released).toMatchObject([{ status: 403, code: 'ROLE_INSUFFICIENT' }, { addresses: [] }]);
  expect((await batch({}, { token: 'viewer' }, guarded)).status).toBe(403);

  const one = await batch({ allocate: [request('k1')] }, withKey('same', 'node:n1'), guarded);
  const two = await batch({ allocate: [request('k2', { node: 'n2' })] }, withKey('same', 'node:n2'), guarded);
  expect([one.status, two.status]).toEqual([200, 200]);
  expect(two.body.allocated[0].id).not.toBe(one.body.allocated[0].id);
  await guarded.stop();
});

test('the same key and body answer the same, and nothing is done again', async () => {
  await makeLan(server);
  await allocate(server, 'old');
  const body = { release: [attachment('old')], allocate: [request('new')] };
  const first = await batch(body, withKey('k'));
  expect(first.body.released).toMatchObject([{ addresses: ['10.9.1.0'] }]);
  await batch({ release: [attachment('new')], allocate: [request('old')] });
  const again = await batch(body, withKey('k'));
  expect(again).toMatchObject({ status: 200, text: first.text });
  const { body: list } = await server.call('GET', '/v1/allocations');
  expect(list.items).toMatchObject([{ containerId: 'old' }]);
  const other = await batch({ ...body, release: [] }, withKey('k'));
  expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
});

test('calls with one key at once are one', async () => {
  await makeLan(server);
  const all = await Promise.all(
    Array.from({ length: 20 }, () => batch({ allocate: many(50) }, withKey('k'))),
  );
  expect(new Set(all.map(({ text }) => text)).size).toBe(1);
});

test('a key that is empty, too long or not visible ASCII is refused', async () => {
  await makeLan(server);
  for (const key of ['', 'a b', 'ä', 'x'.repeat(256)]) {
    const answer = await batch({ allocate: [request('a')] }, withKey(key));
    expect([key, answer]).toMatchObject([key, { status: 400, body: { field: 'idempotency-key' } }]);
  }
});

test('a batch repeated with its key after kill -9 answers the same and allocates nothing more', async () => {
  const store = `sqlite:${join(folder.path, 'key.db')}`;
  const before = await startServer(store);
  await makeLan(before, { start: '10.9.0.0', end: '10.9.255.255' });
  const body = { allocate: many(1000) };
  const first = await batch(body, withKey('k'), before);
  await batch({ release: [attachment('b7')] }, withKey('r'), before);
  await before.stop('SIGKILL');
  const after = await startServer(store);
  const again = await batch(body, withKey('k'), after);
  expect(again).toMatchObject({ status: 200, text: first.text });
  expect((await after.call('GET', '/v1/subnets/lan/usage')).body.byState.allocated).toBe(999);
  expect((await batch({ allocate: [] }, withKey('k'), after)).status).toBe(422);
  await after.stop();
});
