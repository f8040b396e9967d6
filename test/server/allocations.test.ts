import { allocate, makeLan, put, release } from './lan.ts';
import { type Server, startServer } from './process.ts';

let server: Server;
beforeEach(async () => {
  server = await startServer('memory:');
});
afterEach(() => server.stop());

async function addressOf(containerId: string, more?: Record<string, unknown>): Promise<string> {
  const { status, body } = await allocate(server, containerId, more);
  return status === 201 ? body.ips[0].address : body.code;
}

test('an allocation has all that an interface is set up from', async () => {
  await makeLan(server, {
    vlan: 100,
    routes: [{ dst: '10.20.0.0/16', gw: '10.9.0.2' }, { dst: '10.30.0.0/16' }],
    dns: { nameservers: ['10.9.0.3'], search: ['corp.example'] },
  });
  const { status, body } = await allocate(server, 'c1');
  expect(status).toBe(201);
  expect(body).toEqual({
    id: expect.any(String),
    generation: expect.any(Number),
    mac: '0a:58:0a:09:01:00',
    ips: [{ address: '10.9.1.0/16', gateway: '10.9.0.1', subnet: 'lan', range: 'shared', vlan: 100 }],
    routes: [{ dst: '10.20.0.0/16', gw: '10.9.0.2' }, { dst: '10.30.0.0/16' }],
    dns: { nameservers: ['10.9.0.3'], search: ['corp.example'], options: [] },
  });
});

test('the same attachment again answers 200 with what it has; on another node 409', async () => {
  await makeLan(server);
  await put(server, '/v1/nodes/n2', { zone: 'real' });
  const first = await allocate(server, 'c1');
  const again = await allocate(server, 'c1', { mac: '02:00:00:00:00:01' });
  expect(again).toMatchObject({ status: 200, body: first.body });
  const elsewhere = await allocate(server, 'c1', { node: 'n2' });
  expect(elsewhere).toMatchObject({ status: 409, body: { code: 'ATTACHMENT_ON_OTHER_NODE', node: 'n1' } });
});

test('64 calls at once for one attachment give one allocation', async () => {
  await makeLan(server);
  const answers = await Promise.all(Array.from({ length: 64 }, () => allocate(server, 'c1')));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
});

test('a node that is not registered is told how to be', async () => {
  await makeLan(server);
  const { status, body } = await allocate(server, 'c1', { node: 'n9' });
  expect({ status, code: body.code }).toEqual({ status: 409, code: 'NODE_UNKNOWN' });
  expect(`${body.detail} ${body.advice}`).toMatch(/n9.*PUT \/v1\/nodes/);
});

test('network, broadcast, gateway and excludes are never given', async () => {
  await put(server, '/v1/zones/real', { type: 'macvlan' });
  const excludes = ['10.9.0.2', '10.9.0.4-10.9.0.5'];
  await put(server, '/v1/subnets/lan', { zone: 'real', cidr: '10.9.0.0/29', gateway: '10.9.0.1', excludes });
  await put(server, '/v1/ranges/all', { subnet: 'lan', start: '10.9.0.0', end: '10.9.0.7' });
  await put(server, '/v1/nodes/n1', { zone: 'real' });
  expect(await addressOf('c1')).toBe('10.9.0.3/29');
  expect(await addressOf('c2')).toBe('10.9.0.6/29');
  expect(await addressOf('c3')).toBe('RANGE_EXHAUSTED');
  for (const wanted of ['10.9.0.0', '10.9.0.1', '10.9.0.2', '10.9.0.7', '10.99.0.1']) {
    expect(await addressOf('c3', { addresses: [wanted] })).toBe('ADDRESS_NOT_GIVEN');
  }
});

test.each([
  ['10.9.0.0/31', '10.9.0.0', '10.9.0.1', 2],
  ['fd00::/127', 'fd00::', 'fd00::1', 2],
  ['10.9.0.7/32', '10.9.0.7', '10.9.0.7', 1],
])('%s gives %s to %s: %i addresses', async (cidr, start, end, count) => {
  await put(server, '/v1/zones/real', { type: 'macvlan' });
  await put(server, '/v1/subnets/tiny', { zone: 'real', cidr });
  await put(server, '/v1/ranges/tiny', { subnet: 'tiny', start, end });
  await put(server, '/v1/nodes/n1', { zone: 'real' });
  for (let i = 0; i < count; i++) {
    expect((await allocate(server, `c${i}`)).status).toBe(201);
  }
  expect(await addressOf('c9')).toBe('RANGE_EXHAUSTED');
});

test('a node uses its own ranges first, then the shared ones, never another’s', async () => {
  await makeLan(server, { start: '10.9.1.1', end: '10.9.1.1' });
  await put(server, '/v1/ranges/own', { subnet: 'lan', start: '10.9.2.1', end: '10.9.2.1', node: 'n1' });
  await put(server, '/v1/ranges/a-foreign', {
    subnet: 'lan',
    start: '10.9.3.1',
    end: '10.9.3.1',
    node: 'n2',
  });
  expect(await addressOf('c0', { addresses: ['10.9.3.1'] })).toBe('ADDRESS_NOT_GIVEN');
  expect(await addressOf('c1')).toBe('10.9.2.1/16');
  expect(await addressOf('c2')).toBe('10.9.1.1/16');
  expect(await addressOf('c3')).toBe('RANGE_EXHAUSTED');
});

test('families default to all for which the node has a range, and are all or nothing', async () => {
  await makeLan(server);
  await put(server, '/v1/subnets/six', { zone: 'real', cidr: 'fd00:9::/64' });
  await put(server, '/v1/ranges/six', { subnet: 'six', start: 'fd00:9::1', end: 'fd00:9::1' });
  const both = await allocate(server, 'c1');
  expect(both.body.ips.map((ip: { address: string }) => ip.address)).toEqual(['10.9.1.0/16', 'fd00:9::1/64']);
  expect(await addressOf('c2')).toBe('RANGE_EXHAUSTED');
  expect((await server.call('GET', '/v1/subnets/lan/usage')).body.byState.allocated).toBe(1);
  expect((await allocate(server, 'c2', { families: ['ipv4'] })).body.ips).toHaveLength(1);
  expect((await allocate(server, 'c3', { subnet: 'lan' })).body.ips).toHaveLength(1);
  expect(await addressOf('c4', { families: ['ipv6'] })).toBe('RANGE_EXHAUSTED');
});

test('a wanted address is given when free, refused by its owner when not', async () => {
  await makeLan(server);
  expect(await addressOf('c1', { addresses: ['10.9.1.77'] })).toBe('10.9.1.77/16');
  const taken = await allocate(server, 'c2', { addresses: ['10.9.1.77'] });
  expect(taken).toMatchObject({ status: 409, body: { code: 'ADDRESS_IN_USE' } });
  expect(taken.body.detail).toContain('realip/c1/eth0');
  await release(server, 'c1');
  const cooling = await allocate(server, 'c2', { addresses: ['10.9.1.77'] });
  expect(cooling).toMatchObject({
    status: 409,
    body: { code: 'ADDRESS_COOLING', until: expect.any(String), attachment: 'realip/c1/eth0' },
  });
  const two = await allocate(server, 'c2', { addresses: ['10.9.1.7', '10.9.1.8'] });
  expect(two.status).toBe(400);
  const long = await allocate(server, 'c2', { addresses: ['10.9.1.7/16'] });
  expect(long).toMatchObject({ status: 400, body: { code: 'INVALID_ADDRESS' } });
});

test('a wanted MAC is taken as it is, in lower case, and once in a zone', async () => {
  await makeLan(server);
  expect((await allocate(server, 'c1', { mac: '02:AA:00:00:00:01' })).body.mac).toBe('02:aa:00:00:00:01');
  const second = await allocate(server, 'c2', { mac: '02:aa:00:00:00:01' });
  expect(second).toMatchObject({ status: 409, body: { code: 'MAC_IN_USE' } });
  expect((await allocate(server, 'c2', { mac: '01:00:5e:00:00:01' })).status).toBe(400);
});

test('two IPv6 addresses with the same end have two MACs', async () => {
  await put(server, '/v1/zones/real', { type: 'macvlan', macPrefix: '02:01' });
  for (const net of ['a', 'b']) {
    await put(server, `/v1/subnets/${net}`, { zone: 'real', cidr: `fd00:${net}::/64` });
    await put(server, `/v1/ranges/${net}`, { subnet: net, start: `fd00:${net}::7`, end: `fd00:${net}::7` });
  }
  await put(server, '/v1/nodes/n1', { zone: 'real' });
  expect((await allocate(server, 'c1')).body.mac).toBe('02:01:00:00:00:07');
  expect((await allocate(server, 'c2')).body.mac).toBe('02:01:00:00:00:08');
});

test('released addresses rest, are used again first released first, and earlier only when no other is free', async () => {
  await makeLan(server, { start: '10.9.1.1', end: '10.9.1.3' });
  for (const id of ['c1', 'c2', 'c3']) {
    await allocate(server, id);
  }
  await release(server, 'c2');
  await release(server, 'c1');
  const { body } = await server.call('GET', '/v1/addresses/10.9.1.2');
  expect(body).toMatchObject({ state: 'cooling', why: expect.stringContaining('realip/c2/eth0') });
  const rest = Date.parse(body.until) - Date.now();
  expect(rest).toBeGreaterThan(110_000);
  expect(rest).toBeLessThanOrEqual(120_000);
  expect(await addressOf('d1')).toBe('10.9.1.2/16');
  expect(await addressOf('d2')).toBe('10.9.1.1/16');
  expect(await addressOf('d3')).toBe('RANGE_EXHAUSTED');
});

test('a release of another generation frees nothing', async () => {
  await makeLan(server, { cooldownSeconds: 0 });
  const first = await allocate(server, 'c1');
  await release(server, 'c1');
  const second = await allocate(server, 'c1');
  expect(second.body.generation).toBeGreaterThan(first.body.generation);
  expect((await release(server, 'c1', `?generation=${first.body.generation}`)).status).toBe(204);
  expect((await allocate(server, 'c1')).status).toBe(200);
  expect((await release(server, 'c1', `?generation=${second.body.generation}`)).status).toBe(204);
  expect((await allocate(server, 'c1')).status).toBe(201);
  expect((await release(server, 'never-there')).status).toBe(204);
});
