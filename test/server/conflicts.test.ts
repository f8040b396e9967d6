import { join } from 'node:path';
import { allocate, makeLan, put, release } from './lan.ts';
import { newFolder, type Server, startServer } from './process.ts';

const folder = newFolder();
afterAll(() => folder.remove());

let server: Server;
beforeEach(async () => {
  server = await startServer('memory:');
  await makeLan(server);
});
afterEach(() => server.stop());

const rogue = '52:54:00:12:34:56';
const pod = { namespace: 'shop', name: 'web-0', uid: 'u0' };
const look = (ip: string) => server.call('GET', `/v1/addresses/${ip}`);
const report = (ip: string, more: Record<string, unknown> = {}) =>
  server.call('POST', `/v1/addresses/${ip}:conflict`, { node: 'n1', mac: rogue, ...more });
const attachment = (containerId: string) => ({ network: 'realip', containerId, ifname: 'eth0' });

async function metric(name: string): Promise<number> {
  const { text } = await server.call('GET', '/metrics');
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length));
}

test('the address of the attachment that reports is quarantined, and its next request gets another', async () => {
  const first = await allocate(server, 'c1', { pod });
  const before = Date.now();
  const answer = await report('10.9.1.0', attachment('c1'));
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    address: '10.9.1.0',
    state: 'quarantined',
    why: `node n1 saw it in use by ${rogue}`,
    until: expect.any(String),
  });
  const hour = 3_600_000;
  expect(Date.parse(answer.body.until)).toBeGreaterThanOrEqual(before + hour);
  expect(Date.parse(answer.body.until)).toBeLessThanOrEqual(Date.now() + hour);
  expect((await look('10.9.1.0')).body).toEqual(answer.body);
  const second = await allocate(server, 'c1', { pod });
  expect(second.status).toBe(201);
  expect(second.body).toMatchObject({ mac: '0a:58:0a:09:01:01', ips: [{ address: '10.9.1.1/16' }] });
  expect(second.body.generation).toBeGreaterThan(first.body.generation);
  await release(server, 'c1', `?generation=${first.body.generation}`);
  expect((await look('10.9.1.1')).body.state).toBe('allocated');
});

test('an allocation of two families ends whole, and both are given anew', async () => {
  await put(server, '/v1/subnets/six', { zone: 'real', cidr: 'fd00:9::/64' });
  await put(server, '/v1/ranges/six', { subnet: 'six', start: 'fd00:9::10', end: 'fd00:9::1f' });
  const first = await allocate(server, 'c1');
  expect(first.body.ips).toHaveLength(2);
  expect((await report('fd00:9::10', attachment('c1'))).status).toBe(200);
  expect((await look('fd00:9::10')).body.state).toBe('quarantined');
  expect((await look('10.9.1.0')).body.state).toBe('cooling');
  const { body } = await allocate(server, 'c1');
  expect(body.ips).toMatchObject([{ address: '10.9.1.1/16' }, { address: 'fd00:9::11/64' }]);
});

test('an answer from the address’s own MAC is a conflict too, and is told as a twin', async () => {
  await allocate(server, 'c1');
  const { body } = await report('10.9.1.0', { mac: '0A:58:0A:09:01:00', ...attachment('c1') });
  expect(body).toMatchObject({
    state: 'quarantined',
    why: expect.stringMatching(/0a:58:0a:09:01:00.*own MAC/),
  });
});

test('two live holders are reported and not resolved: the address stays with its owner until it goes', async () => {
  await put(server, '/v1/nodes/n2', { zone: 'real' });
  await allocate(server, 'c1', { pod });
  for (const claim of [
    { node: 'n2' },
    { node: 'n2', ...attachment('c1') },
    attachment('c9'),
    {},
    { ...attachment('c1'), ifname: 'eth1' },
  ]) {
    const answer = await report('10.9.1.0', claim);
    expect(answer).toMatchObject({
      status: 200,
      body: { state: 'allocated', owner: { pod }, why: expect.stringContaining(rogue) },
    });
  }
  expect((await look('10.9.1.0')).body).toMatchObject({
    state: 'allocated',
    owner: { containerId: 'c1' },
    why: expect.stringContaining(`conflict: node n1 saw it in use by ${rogue}`),
  });
  expect((await allocate(server, 'c1')).body.ips).toMatchObject([{ address: '10.9.1.0/16' }]);
  expect(await metric('realip_ipam_conflicts_total')).toBe(5);
  expect(await metric('realip_ipam_quarantined_total')).toBe(0);
  await release(server, 'c1');
  expect((await look('10.9.1.0')).body.state).toBe('quarantined');
});

test('a quarantined address is given to nobody, not even as the last one or when it is wanted', async () => {
  await put(server, '/v1/ranges/shared', { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.1' });
  await report('10.9.1.0');
  expect((await allocate(server, 'c1')).body.ips).toMatchObject([{ address: '10.9.1.1/16' }]);
  const none = await allocate(server, 'c2');
  expect(none).toMatchObject({ status: 409, body: { code: 'RANGE_EXHAUSTED' } });
  expect(none.body.detail).toContain('1 of 2 in use, 1 in quarantine');
  const wanted = await allocate(server, 'c2', { addresses: ['10.9.1.0'] });
  expect(wanted).toMatchObject({
    status: 409,
    body: { code: 'ADDRESS_QUARANTINED', address: '10.9.1.0', until: expect.any(String) },
  });
  expect(wanted.body.detail).toContain(rogue);
});

test('map, usage and metrics count the quarantined, a report again counts once', async () => {
  await allocate(server, 'c1');
  await report('10.9.1.0', attachment('c1'));
  const again = await report('10.9.1.0', attachment('c1'));
  expect(again).toMatchObject({ status: 200, body: { state: 'quarantined' } });
  await report('10.9.1.7', { mac: 'ff:ff:ff:ff:ff:ff' });
  const usage = await server.call('GET', '/v1/subnets/lan/usage');
  expect(usage.body).toMatchObject({ total: 256, free: 254, byState: { quarantined: 2, cooling: 0 } });
  const map = await server.call('GET', '/v1/subnets/lan/map?limit=2');
  expect(map.body.items).toEqual([
    { address: '10.9.1.0', state: 'quarantined' },
    { address: '10.9.1.1', state: 'free' },
  ]);
  expect(await metric('realip_ipam_addresses{subnet="lan",state="quarantined"}')).toBe(2);
  expect(await metric('realip_ipam_conflicts_total')).toBe(3);
  expect(await metric('realip_ipam_quarantined_total')).toBe(2);
});

test('a resting address can be quarantined, a gateway stays what it is', async () => {
  await allocate(server, 'c1');
  await release(server, 'c1');
  expect((await report('10.9.1.0')).body.state).toBe('quarantined');
  const { body } = await server.call('GET', '/v1/subnets/lan/usage');
  expect(body.byState).toMatchObject({ cooling: 0, quarantined: 1 });
  expect(await report('10.9.0.1')).toMatchObject({ status: 200, body: { state: 'reserved' } });
  expect((await look('10.9.0.1')).body.state).toBe('reserved');
});

test('what a report must say', async () => {
  expect(await report('10.99.0.1')).toMatchObject({
    status: 404,
    body: { code: 'ADDRESS_OUTSIDE_SUBNETS' },
  });
  expect(await report('10.9.1.7', { containerId: 'c1' })).toMatchObject({
    status: 400,
    body: { code: 'INVALID_REQUEST', detail: expect.stringContaining('ifname') },
  });
  expect(await report('10.9.1.7', { colour: 'red' })).toMatchObject({ status: 400 });
  expect(await report('10.9.1.7', { mac: undefined })).toMatchObject({ status: 400 });
  expect(await report('10.9.1.07')).toMatchObject({ status: 400, body: { code: 'INVALID_ADDRESS' } });
  const unknown = await server.call('POST', '/v1/addresses/10.9.1.7', {});
  expect(unknown).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  expect((await look('10.9.1.7')).body.state).toBe('free');
});

test('quarantines and marks survive a restart', async () => {
  const store = `sqlite:${join(folder.path, 'conflicts.db')}`;
  const first = await startServer(store);
  await makeLan(first);
  await allocate(first, 'c1');
  await allocate(first, 'c2');
  const body = { node: 'n1', mac: rogue };
  await first.call('POST', '/v1/addresses/10.9.1.0:conflict', { ...body, ...attachment('c1') });
  await first.call('POST', '/v1/addresses/10.9.1.1:conflict', body);
  const seen = async (running: Server) => [
    (await running.call('GET', '/v1/addresses/10.9.1.0')).body,
    (await running.call('GET', '/v1/addresses/10.9.1.1')).body,
    (await running.call('GET', '/v1/subnets/lan/usage')).body,
  ];
  const before = await seen(first);
  expect(before).toMatchObject([
    { state: 'quarantined' },
    { state: 'allocated', why: expect.stringContaining('conflict') },
    {},
  ]);
  await first.stop('SIGKILL');
  const second = await startServer(store);
  expect(await seen(second)).toEqual(before);
  expect((await allocate(second, 'c1')).body.ips).toMatchObject([{ address: '10.9.1.2/16' }]);
  await second.stop();
});
