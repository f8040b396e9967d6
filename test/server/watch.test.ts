import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { slowness } from '../../netlink/testing/slowness.ts';
import { allocate, makeLan, release, request } from './lan.ts';
import { newFolder, type Server, startServer } from './process.ts';
import { WatchClient } from './watch.ts';

const folder = newFolder();
afterAll(() => folder.remove());

let server: Server;
beforeEach(async () => {
  server = await startServer('memory:');
  await makeLan(server, { start: '10.9.0.0', end: '10.9.255.255' });
});
afterEach(() => server.stop());

const many = (count: number, name: string) => Array.from({ length: count }, (_, i) => request(`${name}${i}`));
const ids = (watch: WatchClient) => watch.messages.map(({ id }) => Number(id));
const row = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('a watch is sent each event that comes, as the list tells it', async () => {
  const watch = await WatchClient.open(server);
  expect(watch.status).toBe(200);
  expect(watch.headers['content-type']).toMatch(/^text\/event-stream/);
  await allocate(server, 'c1');
  await release(server, 'c1');
  const messages = await watch.received(2);
  const { body } = await server.call('GET', '/v1/events?since=4');
  expect(messages.map(({ data }) => data)).toEqual(body.items);
  expect(messages.map(({ id }) => id)).toEqual(['5', '6']);
  watch.close();
});

test('a watch goes on behind Last-Event-ID or since, and none is left out or sent twice', async () => {
  await server.call('POST', '/v1/allocations:batch', { allocate: many(3000, 'a') });
  const bySince = await WatchClient.open(server, '?since=2');
  const byHeader = await WatchClient.open(server, '?since=2', { 'last-event-id': '2900' });
  for (let i = 0; i < 20; i++) {
    await allocate(server, `b${i}`);
  }
  await Promise.all([bySince.received(3022), byHeader.received(124)]);
  expect(ids(bySince)).toEqual(row(3, 3024));
  expect(ids(byHeader)).toEqual(row(2901, 3024));
  bySince.close();
  byHeader.close();
});

test('an id whose events are not all there is 410, a text that is none 400', async () => {
  const gone = await server.call('GET', '/v1/watch?since=99');
  expect(gone).toMatchObject({ status: 410, body: { code: 'EVENTS_GONE' } });
  const headers = { 'last-event-id': 'x' };
  expect((await server.call('GET', '/v1/watch', undefined, { headers })).status).toBe(400);
});

test('a HEAD of the watch, which would never end, is refused', async () => {
  const { status, headers } = await server.call('HEAD', '/v1/watch');
  expect([status, headers['allow']]).toEqual([405, 'GET']);
});

test('a watch is narrowed by type, node and address', async () => {
  const watch = await WatchClient.open(server, '?type=released&node=n1&address=10.9.0.3');
  for (const id of ['c1', 'c2']) {
    await allocate(server, id);
  }
  for (const id of ['c1', 'c2']) {
    await release(server, id);
  }
  expect(await watch.received(1)).toMatchObject([{ data: { type: 'released', containerId: 'c2' } }]);
  watch.close();
});

test('a node’s token sees its own node’s events alone', async () => {
  const tokens = join(folder.path, 'tokens.yaml');
  const entries = ['admin', 'node:n1', 'node:n2'].map((role) => ({ token: role, role }));
  writeFileSync(tokens, JSON.stringify({ tokens: entries }));
  const guarded = await startServer('memory:', '--tokens', tokens);
  const admin = { token: 'admin' };
  await guarded.call('PUT', '/v1/zones/real', { type: 'macvlan' }, admin);
  await guarded.call('PUT', '/v1/subnets/lan', { zone: 'real', cidr: '10.9.0.0/16' }, admin);
  await guarded.call('PUT', '/v1/ranges/r', { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.9' }, admin);
  const watch = await WatchClient.open(guarded, '?since=0&node=n2', { authorization: 'Bearer node:n1' });
  for (const node of ['n2', 'n1']) {
    await guarded.call('PUT', `/v1/nodes/${node}`, { zone: 'real' }, admin);
    await guarded.call('POST', '/v1/allocations', request(node, { node }), admin);
  }
  expect(await watch.received(2)).toMatchObject([
    { data: { type: 'node.created', object: 'n1' } },
    { data: { type: 'allocated', node: 'n1' } },
  ]);
  expect((await guarded.call('GET', '/v1/watch')).status).toBe(401);
  watch.close();
  await guarded.stop();
});

test('a client that takes nothing holds nobody up, and resumes where it was', async () => {
  const slow = await WatchClient.open(server);
  const quick = await WatchClient.open(server);
  slow.pause();
  for (let round = 0; round < 10; round++) {
    await server.call('POST', '/v1/allocations:batch', { allocate: many(2000, `r${round}-`) });
  }
  await quick.received(20_000);
  expect(ids(quick)).toEqual(row(5, 20_004));
  slow.close();
  const last = slow.messages.at(-1)?.id ?? '4';
  const again = await WatchClient.open(server, '', { 'last-event-id': last });
  await again.received(20_004 - Number(last));
  expect(ids(again)).toEqual(row(Number(last) + 1, 20_004));
  again.close();
  quick.close();
});

test('only so many may watch at once; who goes makes room', async () => {
  const watches = await Promise.all(Array.from({ length: 256 }, () => WatchClient.open(server)));
  expect(await server.call('GET', '/v1/watch')).toMatchObject({
    status: 503,
    body: { code: 'WATCHES_EXHAUSTED' },
    headers: { 'retry-after': expect.any(String) },
  });
  watches.pop()?.close();
  let next = await WatchClient.open(server);
  while (next.status !== 200) {
    next = await WatchClient.open(server);
  }
  for (const watch of [next, ...watches]) {
    watch.close();
  }
});

test('SIGTERM ends watches in order, and soon', async () => {
  const watch = await WatchClient.open(server);
  const start = Date.now();
  const exit = server.stop();
  expect(await watch.ended).toBe(true);
  expect(await exit).toBe(0);
  expect(Date.now() - start).toBeLessThan(5_000 * slowness());
});
