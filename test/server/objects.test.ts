import { clear, makeLan, put } from './lan.ts';
import { type Server, startServer } from './process.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer('memory:');
});
afterEach(() => clear(server));
afterAll(() => server.stop());

test('PUT makes with 201 and replaces with 200; GET adds the name; DELETE is 204, twice', async () => {
  const made = await server.call('PUT', '/v1/zones/real', { type: 'macvlan', description: 'office' });
  expect(made).toMatchObject({ status: 201, body: { type: 'macvlan', description: 'office' } });
  const replaced = await server.call('PUT', '/v1/zones/real', { type: 'macvlan', macPrefix: '0A:59' });
  expect(replaced).toMatchObject({ status: 200, body: { type: 'macvlan', macPrefix: '0a:59' } });
  const got = await server.call('GET', '/v1/zones/real');
  expect(got).toMatchObject({ status: 200 });
  expect(got.body).toEqual({ name: 'real', type: 'macvlan', macPrefix: '0a:59' });
  expect((await server.call('DELETE', '/v1/zones/real')).status).toBe(204);
  expect((await server.call('DELETE', '/v1/zones/real')).status).toBe(204);
  expect(await server.call('GET', '/v1/zones/real')).toMatchObject({
    status: 404,
    body: { code: 'OBJECT_UNKNOWN', status: 404 },
  });
});

test('what GET answers may be PUT back as it is', async () => {
  await makeLan(server);
  for (const path of ['/v1/zones/real', '/v1/subnets/lan', '/v1/ranges/shared', '/v1/nodes/n1']) {
    const { body } = await server.call('GET', path);
    expect((await server.call('PUT', path, body)).status).toBe(200);
  }
  const other = await server.call('PUT', '/v1/zones/real', { type: 'macvlan', name: 'unreal' });
  expect(other).toMatchObject({ status: 400, body: { field: 'name' } });
});

test('an edit with If-Match meets only the object that was read', async () => {
  const { headers } = await server.call('PUT', '/v1/zones/real', { type: 'macvlan' });
  const etag = String(headers['etag']);
  const matching = { headers: { 'if-match': etag } };
  expect((await server.call('PUT', '/v1/zones/real', { type: 'overlay' }, matching)).status).toBe(200);
  expect(await server.call('PUT', '/v1/zones/real', { type: 'macvlan' }, matching)).toMatchObject({
    status: 412,
    body: { code: 'PRECONDITION_FAILED' },
  });
  expect((await server.call('DELETE', '/v1/zones/real', undefined, matching)).status).toBe(412);
  expect((await server.call('GET', '/v1/zones/real')).body.type).toBe('overlay');
  const fresh = { headers: { 'if-none-match': '*' } };
  expect((await server.call('PUT', '/v1/zones/real', { type: 'macvlan' }, fresh)).status).toBe(412);
});

test.each([
  ['/v1/zones/Real', { type: 'macvlan' }, 'INVALID_NAME'],
  ['/v1/zones/a..b', { type: 'macvlan' }, 'INVALID_NAME'],
  ['/v1/zones/real', { type: 'bridge' }, 'INVALID_REQUEST'],
  ['/v1/zones/real', { type: 'macvlan', colour: 'red' }, 'INVALID_REQUEST'],
  ['/v1/zones/real', { type: 'macvlan', macPrefix: '01:58' }, 'INVALID_MAC'],
  ['/v1/zones/real', [], 'INVALID_REQUEST'],
  ['/v1/subnets/s', { zone: 'real', cidr: '10.8.0.1/16' }, 'INVALID_PREFIX'],
  ['/v1/subnets/s', { zone: 'real', cidr: '10.8.0.0/33' }, 'INVALID_PREFIX'],
  ['/v1/subnets/s', { zone: 'real', cidr: '10.8.0.0/16', gateway: '10.9.0.1' }, 'INVALID_ADDRESS'],
  ['/v1/subnets/s', { zone: 'real', cidr: '10.8.0.0/16', gateway: '10.8.0.0' }, 'INVALID_ADDRESS'],
  ['/v1/subnets/s', { zone: 'real', cidr: '10.8.0.0/16', gateway: '10.08.0.1' }, 'INVALID_ADDRESS'],
  ['/v1/subnets/s', { zone: 'real', cidr: '10.8.0.0/16', excludes: ['10.9.0.1'] }, 'INVALID_RANGE'],
  ['/v1/subnets/s', { zone: 'real', cidr: '10.8.0.0/16', routes: [{ dst: 'fd00::/64' }] }, 'INVALID_PREFIX'],
  ['/v1/subnets/s', { zone: 'real', cidr: '10.8.0.0/16', vlan: 4095 }, 'INVALID_REQUEST'],
  ['/v1/subnets/s', { zone: 'real', cidr: '10.8.0.0/16', vlan: '7' }, 'INVALID_REQUEST'],
  ['/v1/ranges/r', { subnet: 'lan', start: '10.9.9.9', end: '10.9.9.1' }, 'INVALID_RANGE'],
  ['/v1/ranges/r', { subnet: 'lan', start: '10.9.9.9', end: '10.10.0.1' }, 'INVALID_RANGE'],
])('PUT %s %j is refused with 400 %s', async (path, body, code) => {
  await makeLan(server);
  expect(await server.call('PUT', path, body)).toMatchObject({ status: 400, body: { code, status: 400 } });
});

test('an unknown field is refused by its name, also deep inside', async () => {
  await put(server, '/v1/zones/real', { type: 'macvlan' });
  const subnet = { zone: 'real', cidr: '10.8.0.0/16', dns: { nameserver: ['10.8.0.2'] } };
  expect(await server.call('PUT', '/v1/subnets/s', subnet)).toMatchObject({
    status: 400,
    body: { field: 'dns.nameserver', detail: expect.stringContaining('nameserver') },
  });
});

test('addresses are answered in RFC 5952 form', async () => {
  await put(server, '/v1/zones/real', { type: 'macvlan' });
  const subnet = {
    zone: 'real',
    cidr: 'FD00:0:0::/64',
    gateway: 'fe80::0001',
    excludes: ['fd00::A-fd00::B'],
  };
  expect((await server.call('PUT', '/v1/subnets/six', subnet)).body).toEqual({
    zone: 'real',
    cidr: 'fd00::/64',
    gateway: 'fe80::1',
    excludes: ['fd00::a-fd00::b'],
  });
});

test('what others refer to must exist', async () => {
  const subnet = { zone: 'nowhere', cidr: '10.8.0.0/16' };
  const range = { subnet: 'nowhere', start: '10.8.0.1', end: '10.8.0.2' };
  expect((await server.call('PUT', '/v1/subnets/s', subnet)).body.code).toBe('ZONE_UNKNOWN');
  expect((await server.call('PUT', '/v1/nodes/n', { zone: 'nowhere' })).body.code).toBe('ZONE_UNKNOWN');
  expect((await server.call('PUT', '/v1/ranges/r', range)).body.code).toBe('SUBNET_UNKNOWN');
});

test('subnets that overlap in any zone, and ranges that overlap, are refused with both names', async () => {
  await makeLan(server);
  await put(server, '/v1/zones/other', { type: 'overlay' });
  const subnet = await server.call('PUT', '/v1/subnets/part', { zone: 'other', cidr: '10.9.128.0/17' });
  expect(subnet).toMatchObject({ status: 409, body: { code: 'SUBNET_OVERLAP' } });
  expect(subnet.body.detail).toMatch(/part.*lan/);
  const range = { subnet: 'lan', start: '10.9.1.255', end: '10.9.2.0', node: 'n1' };
  const second = await server.call('PUT', '/v1/ranges/second', range);
  expect(second).toMatchObject({ status: 409, body: { code: 'RANGE_OVERLAP' } });
  expect(second.body.detail).toMatch(/second.*shared/);
});

test('lists come in pages that stay right while the list changes', async () => {
  for (const name of ['a', 'b', 'c', 'd']) {
    await put(server, `/v1/zones/${name}`, { type: 'macvlan' });
  }
  const first = await server.call('GET', '/v1/zones?limit=2');
  expect(first.body.items.map((item: { name: string }) => item.name)).toEqual(['a', 'b']);
  await server.call('DELETE', '/v1/zones/b');
  await put(server, '/v1/zones/aa', { type: 'macvlan' });
  const second = await server.call('GET', `/v1/zones?limit=2&cursor=${first.body.cursor}`);
  expect(second.body.items.map((item: { name: string }) => item.name)).toEqual(['c', 'd']);
  expect(second.body).not.toHaveProperty('cursor');
});

test.each([
  'limit=0',
  'limit=1001',
  'limit=x',
  'limit=',
  'limit=1.5',
  'limit=1&limit=2',
  'cursor=!',
  'colour=red',
])('a list refuses ?%s with 400', async (query) => {
  expect((await server.call('GET', `/v1/zones?${query}`)).status).toBe(400);
  expect((await server.call('GET', `/v1/allocations?${query}`)).status).toBe(400);
});
