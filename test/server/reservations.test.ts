import { allocate, clear, makeLan, put, release } from './lan.ts';
import { type Server, startServer } from './process.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer('memory:');
});
beforeEach(async () => {
  await makeLan(server, { excludes: ['10.9.0.2-10.9.0.9'] });
  await put(server, '/v1/subnets/six', { zone: 'real', cidr: 'fd00:9::/64' });
});
afterEach(() => clear(server));
afterAll(() => server.stop());

const pod = { namespace: 'shop', name: 'web-0' };
const owner = { namespace: 'shop', kind: 'StatefulSet', name: 'web' };
const reserve = (name: string, body: object, headers = {}) =>
  server.call('PUT', `/v1/reservations/${name}`, body, { headers });
const look = async (address: string) => (await server.call('GET', `/v1/addresses/${address}`)).body;

test('a reservation is made, read, listed, replaced and deleted; its addresses are told in canonical form', async () => {
  const expiresAt = '2099-01-01T00:00:00+01:00';
  const made = await reserve('web-0', { addresses: ['10.9.1.7', 'FD00:9::0:7'], pod, expiresAt });
  const spec = { addresses: ['10.9.1.7', 'fd00:9::7'], pod, expiresAt: '2098-12-31T23:00:00.000Z' };
  expect(made).toMatchObject({ status: 201, body: spec });
  const got = await server.call('GET', '/v1/reservations/web-0');
  expect(got.body).toEqual({ name: 'web-0', ...spec });
  expect((await server.call('GET', '/v1/reservations')).body).toEqual({ items: [got.body] });
  const stale = { 'if-match': String(got.headers['etag']) };
  expect((await reserve('web-0', { addresses: ['10.9.1.8'], pod }, stale)).status).toBe(200);
  expect((await reserve('web-0', { addresses: ['10.9.1.9'], pod }, stale)).status).toBe(412);
  expect([(await look('10.9.1.7')).state, (await look('10.9.1.8')).state]).toEqual(['free', 'reserved']);
  expect((await server.call('DELETE', '/v1/reservations/web-0')).status).toBe(204);
  expect((await server.call('DELETE', '/v1/reservations/web-0')).status).toBe(204);
  expect((await server.call('GET', '/v1/reservations/web-0')).status).toBe(404);
  expect((await look('10.9.1.8')).state).toBe('free');
});

test.each([
  ['no address', { addresses: [] }, 400, 'INVALID_REQUEST'],
  ['what is no address', { addresses: ['10.9.1'] }, 400, 'INVALID_ADDRESS'],
  [
    'an address twice, written in two ways',
    { addresses: ['fd00:9::7', 'FD00:9::7'] },
    400,
    'INVALID_REQUEST',
  ],
  ['pod and owner', { addresses: ['10.9.1.7'], pod, owner }, 400, 'INVALID_REQUEST'],
  ['two of a family for a pod', { addresses: ['10.9.1.7', '10.9.1.8'], pod }, 400, 'INVALID_REQUEST'],
  [
    'an end in the past',
    { addresses: ['10.9.1.7'], expiresAt: '2020-01-01T00:00:00Z' },
    400,
    'INVALID_REQUEST',
  ],
  ['an end that is no time', { addresses: ['10.9.1.7'], expiresAt: 'soon' }, 400, 'INVALID_REQUEST'],
  [
    'an end at a leap second',
    { addresses: ['10.9.1.7'], expiresAt: '2099-12-31T23:59:60Z' },
    400,
    'INVALID_REQUEST',
  ],
  [
    'an end on no day',
    { addresses: ['10.9.1.7'], expiresAt: '2099-02-30T00:00:00Z' },
    400,
    'INVALID_REQUEST',
  ],
  [
    'an end after all years',
    { addresses: ['10.9.1.7'], expiresAt: '9999-12-31T23:59:59-01:00' },
    400,
    'INVALID_REQUEST',
  ],
  ['an unknown field', { addresses: ['10.9.1.7'], until: 'x' }, 400, 'INVALID_REQUEST'],
  ['an address in no subnet', { addresses: ['192.0.2.1'] }, 409, 'ADDRESS_NOT_RESERVABLE'],
  ['the network address', { addresses: ['10.9.0.0'] }, 409, 'ADDRESS_NOT_RESERVABLE'],
  ['the broadcast address', { addresses: ['10.9.255.255'] }, 409, 'ADDRESS_NOT_RESERVABLE'],
  ['the gateway', { addresses: ['10.9.0.1'] }, 409, 'ADDRESS_NOT_RESERVABLE'],
  ['an excluded address for a pod', { addresses: ['10.9.0.5'], pod }, 409, 'ADDRESS_NOT_RESERVABLE'],
  ['an excluded address for a workload', { addresses: ['10.9.0.5'], owner }, 409, 'ADDRESS_NOT_RESERVABLE'],
])('%s is refused', async (_, body, status, code) => {
  expect(await reserve('web', body)).toMatchObject({ status, body: { code } });
});

test('a VM’s address may be excluded, or outside every range', async () => {
  expect((await reserve('vm', { addresses: ['10.9.0.5', '10.9.7.7'], comment: 'the ERP' })).status).toBe(201);
  expect(await look('10.9.0.5')).toMatchObject({ state: 'reserved', why: 'reservation vm' });
  const wanted = await allocate(server, 'c1', { addresses: ['10.9.7.7'] });
  expect(wanted.status).toBe(409);
});

test('an address is in one reservation: the second is refused and names the first', async () => {
  await reserve('first', { addresses: ['10.9.1.7'] });
  const second = await reserve('second', { addresses: ['10.9.1.7'], pod });
  expect(second).toMatchObject({ status: 409, body: { code: 'RESERVATION_OVERLAP', reservation: 'first' } });
  expect((await reserve('first', { addresses: ['10.9.1.7'], pod })).status).toBe(200);
});

test('a live address is reserved for nobody but its own pod or workload', async () => {
  await allocate(server, 'c1', { addresses: ['10.9.1.7'], pod: { ...pod, owner } });
  const others = await reserve('web', { addresses: ['10.9.1.7'], pod: { ...pod, name: 'web-1' } });
  expect(others).toMatchObject({ status: 409, body: { code: 'ADDRESS_IN_USE' } });
  expect(others.body.detail).toContain('pod shop/web-0');
  expect((await reserve('web', { addresses: ['10.9.1.7'] })).status).toBe(409);
  expect((await reserve('web', { addresses: ['10.9.1.7'], pod })).status).toBe(201);
  expect((await reserve('web', { addresses: ['10.9.1.7'], owner })).status).toBe(200);
  await server.call('DELETE', '/v1/reservations/web');
  expect((await look('10.9.1.7')).state).toBe('allocated');
  await release(server, 'c1');
  expect((await look('10.9.1.7')).state).toBe('cooling');
});

test('a quarantined address may be reserved, and is reserved once its quarantine ends', async () => {
  await server.call('POST', '/v1/addresses/10.9.50.7:conflict', { node: 'n1', mac: '02:00:00:00:00:66' });
  expect((await reserve('web', { addresses: ['10.9.50.7'], pod })).status).toBe(201);
  expect((await look('10.9.50.7')).state).toBe('quarantined');
});

test.each([
  ['deleting its subnet', 'DELETE', '/v1/subnets/lan', undefined],
  ['shrinking its subnet', 'PUT', '/v1/subnets/lan', { zone: 'real', cidr: '10.9.0.0/18' }],
  [
    'making it the gateway',
    'PUT',
    '/v1/subnets/lan',
    { zone: 'real', cidr: '10.9.0.0/16', gateway: '10.9.200.7' },
  ],
  ['excluding it', 'PUT', '/v1/subnets/lan', { zone: 'real', cidr: '10.9.0.0/16', excludes: ['10.9.200.7'] }],
])(
  '%s is refused while an address is reserved for a pod, and names the reservation',
  async (_, method, path, body) => {
    await server.call('DELETE', '/v1/ranges/shared');
    await reserve('db', { addresses: ['10.9.200.7'], pod });
    const answer = await server.call(method, path, body);
    expect(answer).toMatchObject({ status: 409, body: { code: 'IN_USE' } });
    expect(answer.body.detail).toContain('reservation db (10.9.200.7)');
  },
);

test('reserved addresses count in usage and map, and are never the next to be given', async () => {
  await reserve('two', { addresses: ['10.9.1.0', '10.9.1.1', '10.9.99.1'] });
  const usage = await server.call('GET', '/v1/subnets/lan/usage');
  expect(usage.body).toMatchObject({ total: 256, byState: { reserved: 2 } });
  const map = await server.call('GET', '/v1/subnets/lan/map?limit=3');
  expect(map.body.items.map(({ state }: { state: string }) => state)).toEqual([
    'reserved',
    'reserved',
    'free',
  ]);
  expect((await allocate(server, 'c1')).body.ips[0].address).toBe('10.9.1.2/16');
});
