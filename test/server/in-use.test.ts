import { allocate, makeLan } from './lan.ts';
import { type Server, startServer } from './process.ts';

const pod = { namespace: 'shop', name: 'web-0', uid: 'u0' };

let server: Server;
beforeEach(async () => {
  server = await startServer('memory:');
  await makeLan(server);
  await server.call('PUT', '/v1/zones/other', { type: 'macvlan' });
  expect((await allocate(server, 'c1', { pod })).status).toBe(201);
});
afterEach(() => server.stop());

const lan = { zone: 'real', cidr: '10.9.0.0/16' };
const shared = { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.255' };

test.each([
  ['deleting a zone', 'DELETE', '/v1/zones/real', undefined, /subnet lan, node n1/],
  ['deleting a subnet', 'DELETE', '/v1/subnets/lan', undefined, /range shared/],
  ['deleting a range', 'DELETE', '/v1/ranges/shared', undefined, /shop\/web-0 \(10\.9\.1\.0\)/],
  ['deleting a node', 'DELETE', '/v1/nodes/n1', undefined, /shop\/web-0/],
  ['moving a node to another zone', 'PUT', '/v1/nodes/n1', { zone: 'other' }, /shop\/web-0/],
  ['moving a subnet to another zone', 'PUT', '/v1/subnets/lan', { ...lan, zone: 'other' }, /shop\/web-0/],
  [
    'shrinking a subnet below its ranges',
    'PUT',
    '/v1/subnets/lan',
    { ...lan, cidr: '10.9.0.0/24' },
    /shared/,
  ],
  ['excluding a live address', 'PUT', '/v1/subnets/lan', { ...lan, excludes: ['10.9.1.0'] }, /shop\/web-0/],
  ['shrinking a range', 'PUT', '/v1/ranges/shared', { ...shared, start: '10.9.1.1' }, /shop\/web-0/],
  ['giving a range to another node', 'PUT', '/v1/ranges/shared', { ...shared, node: 'n2' }, /shop\/web-0/],
])('%s while it is in use is 409 and names the users', async (_, method, path, body, naming) => {
  const answer = await server.call(method, path, body);
  expect(answer).toMatchObject({ status: 409, body: { code: 'IN_USE', users: expect.any(Array) } });
  expect(answer.body.detail).toMatch(naming);
});

test('a range can be enlarged, disabled and given to the node that uses it', async () => {
  for (const change of [{ end: '10.9.2.255' }, { disabled: true }, { node: 'n1' }]) {
    expect((await server.call('PUT', '/v1/ranges/shared', { ...shared, ...change })).status).toBe(200);
  }
  expect((await server.call('GET', '/v1/addresses/10.9.1.0')).body.state).toBe('allocated');
});

test('a disabled range gives no more', async () => {
  await server.call('PUT', '/v1/ranges/shared', { ...shared, disabled: true });
  expect(await allocate(server, 'c2')).toMatchObject({ status: 409, body: { code: 'RANGE_EXHAUSTED' } });
  const wanted = await allocate(server, 'c2', { addresses: ['10.9.1.7'] });
  expect(wanted).toMatchObject({ status: 409, body: { code: 'ADDRESS_NOT_GIVEN' } });
});
