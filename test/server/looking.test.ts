import { allocate, makeLan, put, release } from './lan.ts';
import { type Server, startServer } from './process.ts';

let server: Server;
beforeEach(async () => {
  server = await startServer('memory:');
});
afterEach(() => server.stop());

const pod = { namespace: 'shop', name: 'web-0', uid: 'u0', labels: { app: 'web' } };

test('allocations are found by node, pod, ip and mac, together and alone', async () => {
  await makeLan(server);
  await put(server, '/v1/nodes/n2', { zone: 'real' });
  await allocate(server, 'c1', { pod });
  await allocate(server, 'c2', { node: 'n2' });
  const search = async (query: string) => {
    const { body } = await server.call('GET', `/v1/allocations?${query}`);
    return body.items.map((item: { containerId: string }) => item.containerId);
  };
  expect(await search('')).toEqual(['c1', 'c2']);
  expect(await search('node=n2')).toEqual(['c2']);
  expect(await search('pod=shop/web-0')).toEqual(['c1']);
  expect(await search('ip=10.9.1.1')).toEqual(['c2']);
  expect(await search('mac=0A:58:0a:09:01:00')).toEqual(['c1']);
  expect(await search('node=n2&ip=10.9.1.0')).toEqual([]);
  const { body } = await server.call('GET', '/v1/allocations?pod=shop/web-0');
  expect(body.items[0]).toEqual({
    id: expect.any(String),
    generation: expect.any(Number),
    node: 'n1',
    network: 'realip',
    containerId: 'c1',
    ifname: 'eth0',
    pod: { namespace: 'shop', name: 'web-0', uid: 'u0' },
    mac: '0a:58:0a:09:01:00',
    ips: [{ address: '10.9.1.0/16', gateway: '10.9.0.1', subnet: 'lan', range: 'shared' }],
  });
  expect((await server.call('GET', '/v1/allocations?ip=10.9.1')).status).toBe(400);
  expect((await server.call('GET', '/v1/allocations?pod=web-0')).status).toBe(400);
});

test('pages of allocations stay right while others come and go', async () => {
  await makeLan(server);
  for (const id of ['c1', 'c2', 'c3', 'c4']) {
    await allocate(server, id);
  }
  const first = await server.call('GET', '/v1/allocations?limit=2');
  await release(server, 'c1');
  await allocate(server, 'c5');
  const second = await server.call('GET', `/v1/allocations?limit=2&cursor=${first.body.cursor}`);
  const third = await server.call('GET', `/v1/allocations?limit=2&cursor=${second.body.cursor}`);
  const seen = [...first.body.items, ...second.body.items, ...third.body.items];
  expect(seen.map((item: { containerId: string }) => item.containerId)).toEqual([
    'c1',
    'c2',
    'c3',
    'c4',
    'c5',
  ]);
  expect(third.body).not.toHaveProperty('cursor');
});

test('an address tells its state, owner and why', async () => {
  await makeLan(server);
  await allocate(server, 'c1', { pod });
  const look = (ip: string) => server.call('GET', `/v1/addresses/${ip}`);
  expect((await look('10.9.1.0')).body).toMatchObject({
    address: '10.9.1.0',
    state: 'allocated',
    owner: { node: 'n1', containerId: 'c1', pod: { namespace: 'shop', name: 'web-0' } },
  });
  expect((await look('10.9.1.1')).body).toEqual({ address: '10.9.1.1', state: 'free' });
  expect((await look('10.9.0.1')).body).toMatchObject({
    state: 'reserved',
    why: expect.stringContaining('gateway'),
  });
  expect(await look('10.99.0.1')).toMatchObject({ status: 404, body: { code: 'ADDRESS_OUTSIDE_SUBNETS' } });
  expect((await look('10.9.1.07')).status).toBe(400);
});

test('usage counts the usable addresses of the ranges, and its states sum to the total', async () => {
  await makeLan(server, { start: '10.9.0.0', end: '10.9.0.9' });
  await allocate(server, 'c1');
  await allocate(server, 'c2');
  await release(server, 'c1');
  const { body } = await server.call('GET', '/v1/subnets/lan/usage');
  expect(body).toMatchObject({
    total: 8,
    free: 6,
    byState: { free: 6, allocated: 1, cooling: 1, reserved: 0 },
  });
  const metrics = await server.call('GET', '/metrics');
  expect(metrics.text).toContain('realip_ipam_addresses{subnet="lan",state="cooling"} 1');
});

test('the map lists each usable address with its state, page by page', async () => {
  await makeLan(server, { start: '10.9.0.0', end: '10.9.0.4' });
  await put(server, '/v1/ranges/later', { subnet: 'lan', start: '10.9.255.254', end: '10.9.255.255' });
  await allocate(server, 'c1');
  const first = await server.call('GET', '/v1/subnets/lan/map?limit=2');
  expect(first.body.items).toEqual([
    { address: '10.9.0.2', state: 'free' },
    { address: '10.9.0.3', state: 'free' },
  ]);
  const second = await server.call('GET', `/v1/subnets/lan/map?limit=2&cursor=${first.body.cursor}`);
  expect(second.body).toEqual({
    items: [
      { address: '10.9.0.4', state: 'free' },
      { address: '10.9.255.254', state: 'allocated' },
    ],
  });
});

test('a node’s usage says for each family whether an allocation would get an address now', async () => {
  await makeLan(server, { end: '10.9.1.1', cooldownSeconds: 600 });
  await put(server, '/v1/subnets/six', { zone: 'real', cidr: 'fd00:9::/64' });
  await put(server, '/v1/ranges/six', { subnet: 'six', start: 'fd00:9::1', end: 'fd00:9::1', node: 'n1' });
  await put(server, '/v1/nodes/n2', { zone: 'real' });
  const usage = async (node: string, query = '') =>
    (await server.call('GET', `/v1/nodes/${node}/usage${query}`)).body.families;
  const four = { family: 'ipv4', total: 2, allocated: 0, exhausted: false };
  expect(await usage('n1')).toEqual([four, { family: 'ipv6', total: 1, allocated: 0, exhausted: false }]);
  expect(await usage('n2')).toEqual([four]);
  expect(await usage('n1', '?subnet=six')).toMatchObject([{ family: 'ipv6' }]);
  expect(await usage('n1', '?subnet=nowhere')).toEqual([]);

  await allocate(server, 'c1', { families: ['ipv4'] });
  await allocate(server, 'c2', { families: ['ipv4'] });
  const why = expect.stringContaining('shared (2 of 2 in use)');
  expect(await usage('n2')).toEqual([{ ...four, allocated: 2, exhausted: true, why }]);
  // One that cools is given rather than none.
  await release(server, 'c1');
  expect(await usage('n2')).toEqual([{ ...four, allocated: 1 }]);
  await put(server, '/v1/ranges/shared', {
    subnet: 'lan',
    start: '10.9.1.0',
    end: '10.9.1.1',
    disabled: true,
  });
  expect(await usage('n2')).toEqual([]);
  expect((await server.call('GET', '/v1/nodes/n9/usage')).status).toBe(404);
});

test('an address tells the facts of who may ever be given it, to who asks for them', async () => {
  await makeLan(server, { excludes: ['10.9.1.9'] });
  await put(server, '/v1/ranges/own', {
    subnet: 'lan',
    start: '10.9.2.0',
    end: '10.9.2.9',
    node: 'n1',
    disabled: true,
  });
  const owner = { namespace: 'shop', kind: 'StatefulSet', name: 'db' };
  await put(server, '/v1/reservations/db', { addresses: ['10.9.7.7'], owner });
  const facts = async (ip: string) => (await server.call('GET', `/v1/addresses/${ip}?facts=true`)).body.facts;
  const lan = { subnet: 'lan', zone: 'real', zoneType: 'macvlan' };
  const shared = { ...lan, range: { name: 'shared', disabled: false } };
  expect(await facts('10.9.1.1')).toEqual(shared);
  expect(await facts('10.9.1.9')).toEqual({ ...shared, never: 'excluded' });
  expect(await facts('10.9.2.1')).toEqual({ ...lan, range: { name: 'own', node: 'n1', disabled: true } });
  expect(await facts('10.9.0.1')).toEqual({ ...lan, never: 'gateway' });
  expect(await facts('10.9.255.255')).toEqual({ ...lan, never: 'subnet' });
  expect(await facts('10.9.7.7')).toEqual({ ...lan, reservation: { name: 'db', owner } });
  expect((await server.call('GET', '/v1/addresses/10.9.1.1')).body).not.toHaveProperty('facts');
  expect((await server.call('GET', '/v1/addresses/10.9.1.1?fact=true')).status).toBe(400);
});
