import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocate, makeLan, release } from './lan.ts';
import { newFolder, type Server, startServer } from './process.ts';

const folder = newFolder();
afterAll(() => folder.remove());

let server: Server;
beforeEach(async () => {
  server = await startServer('memory:');
});
afterEach(() => server.stop());

const typesOf = (items: { type: string }[]) => items.map(({ type }) => type);
const listed = async (query = '') => (await server.call('GET', `/v1/events${query}`)).body.items;

test('each change of an address is an event with who, when, from where, and what', async () => {
  await makeLan(server);
  const before = Date.now();
  const headers = { 'x-request-id': 'add-1' };
  const pod = { namespace: 'shop', name: 'web-0' };
  const json = { node: 'n1', network: 'realip', containerId: 'c1', ifname: 'eth0', pod };
  const { body } = await server.call('POST', '/v1/allocations', json, { headers });
  await release(server, 'c1');
  const [allocated, released, ...more] = await listed('?since=4');
  expect(more).toEqual([]);
  expect(allocated).toEqual({
    id: 5,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    type: 'allocated',
    addresses: ['10.9.1.0'],
    network: 'realip',
    containerId: 'c1',
    ifname: 'eth0',
    node: 'n1',
    generation: body.generation,
    mac: body.mac,
    pod,
    actor: 'admin',
    from: '127.0.0.1',
    request: 'add-1',
  });
  expect(Date.parse(allocated.time)).toBeGreaterThanOrEqual(before);
  expect(released).toMatchObject({ id: 6, type: 'released', addresses: ['10.9.1.0'], since: allocated.time });
});

test('an edit says who did it, and what was before and after', async () => {
  const tokens = join(folder.path, 'tokens.yaml');
  const entries = [
    { token: 'a', role: 'admin', name: 'alice' },
    { token: 'n', role: 'node:n1' },
    { token: 'v', role: 'viewer' },
  ];
  writeFileSync(tokens, JSON.stringify({ tokens: entries }));
  const guarded = await startServer('memory:', '--tokens', tokens);
  await guarded.call('PUT', '/v1/zones/real', { type: 'macvlan' }, { token: 'a' });
  await guarded.call('PUT', '/v1/nodes/n1', { zone: 'real' }, { token: 'n' });
  await guarded.call('PUT', '/v1/zones/real', { type: 'macvlan', description: 'new' }, { token: 'a' });
  await guarded.call('DELETE', '/v1/nodes/n1', undefined, { token: 'a' });
  const { body } = await guarded.call('GET', '/v1/events', undefined, { token: 'v' });
  const after = { type: 'macvlan', description: 'new' };
  expect(body.items).toMatchObject([
    { type: 'zone.created', actor: 'alice', object: 'real', after: { type: 'macvlan' } },
    { type: 'node.created', actor: 'node:n1', object: 'n1', node: 'n1' },
    { type: 'zone.replaced', actor: 'alice', before: { type: 'macvlan' }, after },
    { type: 'node.deleted', actor: 'alice', before: { zone: 'real' } },
  ]);
  expect((await guarded.call('GET', '/v1/events', undefined, { token: 'n' })).status).toBe(403);
  await guarded.stop();
});

test('a batch is told item by item, under one request', async () => {
  await makeLan(server);
  const items = ['a', 'b'].map((id) => ({ node: 'n1', network: 'realip', containerId: id, ifname: 'eth0' }));
  const { headers } = await server.call('POST', '/v1/allocations:batch', { allocate: items });
  const request = headers['x-request-id'];
  expect(await listed('?since=4')).toMatchObject([
    { type: 'allocated', containerId: 'a', request },
    { type: 'allocated', containerId: 'b', request },
  ]);
});

test('the list goes on behind an id or a cursor, and ends without one', async () => {
  await makeLan(server);
  for (const id of ['c1', 'c2', 'c3']) {
    await allocate(server, id);
  }
  const ids = (items: { id: number }[]) => items.map(({ id }) => id);
  expect(ids(await listed())).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(ids(await listed('?since=5'))).toEqual([6, 7]);
  expect(await listed('?since=7')).toEqual([]);
  const first = await server.call('GET', '/v1/events?limit=5&since=1');
  expect(ids(first.body.items)).toEqual([2, 3, 4, 5, 6]);
  await allocate(server, 'c4');
  const second = await server.call('GET', `/v1/events?limit=5&cursor=${first.body.cursor}`);
  expect(ids(second.body.items)).toEqual([7, 8]);
  expect(second.body.cursor).toBeUndefined();
});

test('events are found by type, node and address', async () => {
  await makeLan(server);
  await server.call('PUT', '/v1/nodes/n2', { zone: 'real' });
  await allocate(server, 'c1');
  await allocate(server, 'c2', { node: 'n2' });
  await release(server, 'c1');
  expect(typesOf(await listed('?type=allocated'))).toEqual(['allocated', 'allocated']);
  expect(typesOf(await listed('?node=n2'))).toEqual(['node.created', 'allocated']);
  expect(typesOf(await listed('?address=10.9.1.0'))).toEqual(['allocated', 'released']);
  expect(await listed('?address=10.9.1.0&type=released&node=n2')).toEqual([]);
  const page = await server.call('GET', '/v1/events?type=allocated&limit=1');
  expect(page.body.items).toMatchObject([{ containerId: 'c1' }]);
  const next = await server.call('GET', `/v1/events?type=allocated&limit=1&cursor=${page.body.cursor}`);
  expect(next.body.items).toMatchObject([{ containerId: 'c2' }]);
});

test('an id that was never given is gone, and so is one of another kind refused', async () => {
  await makeLan(server);
  expect(await server.call('GET', '/v1/events?since=5')).toMatchObject({
    status: 410,
    body: { code: 'EVENTS_GONE' },
  });
  for (const query of ['since=-1', 'since=x', 'since=01', 'limit=0', 'cursor=x', 'address=10.9.1']) {
    expect([query, (await server.call('GET', `/v1/events?${query}`)).status]).toEqual([query, 400]);
  }
});

test('events survive kill -9 with the changes that they tell of, and their ids go on', async () => {
  const store = `sqlite:${join(folder.path, 'events.db')}`;
  const before = await startServer(store);
  await makeLan(before);
  await allocate(before, 'c1');
  const told = (await before.call('GET', '/v1/events')).body.items;
  await before.stop('SIGKILL');
  const after = await startServer(store);
  await allocate(after, 'c2');
  const { body } = await after.call('GET', '/v1/events');
  expect(body.items.slice(0, 5)).toEqual(told);
  expect(body.items.slice(5)).toMatchObject([{ id: 6, type: 'allocated', containerId: 'c2' }]);
  await after.stop();
});
