import { allocate, makeLan, release, request } from './lan.ts';
import { type Server, startServer } from './process.ts';

let server: Server;
beforeEach(async () => {
  server = await startServer('memory:');
  await makeLan(server, { start: '10.9.1.1', end: '10.9.1.1', cooldownSeconds: 0 });
});
afterEach(() => server.stop());

const history = async (query = '') =>
  (await server.call('GET', `/v1/addresses/10.9.1.1/history${query}`)).body;
const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

test('the history of an address says who had it when, the oldest first', async () => {
  const pod = { namespace: 'shop', name: 'web-0' };
  const { body: first } = await allocate(server, 'c1', { pod });
  await release(server, 'c1');
  await allocate(server, 'c2');
  const { items } = await history();
  expect(items).toEqual([
    {
      type: 'allocated',
      from: iso,
      until: iso,
      ...request('c1'),
      generation: first.generation,
      mac: first.mac,
      pod,
    },
    { type: 'allocated', from: iso, ...request('c2'), generation: expect.any(Number), mac: first.mac },
  ]);
  expect(Date.parse(items[0].from)).toBeLessThanOrEqual(Date.parse(items[0].until));
});

test('conflicts and quarantines stand in the history, with the MAC that was seen', async () => {
  await allocate(server, 'c1');
  const mac = '52:54:00:12:34:56';
  const seen = { node: 'n1', mac, network: 'realip', containerId: 'c1', ifname: 'eth0' };
  await server.call('POST', '/v1/addresses/10.9.1.1:conflict', seen);
  const { items } = await history();
  expect(items).toMatchObject([
    { type: 'allocated', containerId: 'c1', until: iso },
    { type: 'conflict', containerId: 'c1', mac },
    { type: 'quarantined', mac, until: iso, why: expect.stringContaining('node n1') },
  ]);
});

test('a history read in pages is the same as in one', async () => {
  await allocate(server, 'c0');
  await release(server, 'c0');
  await allocate(server, 'c1');
  for (const mac of ['52:54:00:12:34:56', '52:54:00:12:34:57']) {
    await server.call('POST', '/v1/addresses/10.9.1.1:conflict', { node: 'n1', mac });
  }
  await release(server, 'c1');
  const whole = (await history()).items;
  expect(whole.map(({ type }: { type: string }) => type)).toEqual([
    'allocated',
    'allocated',
    'conflict',
    'conflict',
    'quarantined',
  ]);
  const pages: unknown[] = [];
  let query = '?limit=1';
  for (;;) {
    const { items, cursor } = await history(query);
    pages.push(...items);
    if (cursor === undefined) {
      break;
    }
    query = `?limit=1&cursor=${cursor}`;
  }
  expect(pages).toEqual(whole);
});

test('who had an address at a time is asked with `at`', async () => {
  await allocate(server, 'c1');
  await release(server, 'c1');
  await allocate(server, 'c2');
  const [first, second] = (await history()).items;
  const at = (time: string) => history(`?at=${encodeURIComponent(time)}`);
  expect((await at(first.from)).items).toMatchObject([{ containerId: 'c1', until: first.until }]);
  expect((await at(second.from)).items).toMatchObject([{ containerId: 'c2' }]);
  expect((await at('2020-01-01T00:00:00Z')).items).toEqual([]);
  expect((await at(new Date().toISOString())).items).toMatchObject([{ containerId: 'c2' }]);
});

test('an address that nobody had has an empty history, one outside all subnets none', async () => {
  expect((await server.call('GET', '/v1/addresses/10.9.7.7/history')).body).toEqual({ items: [] });
  expect(await server.call('GET', '/v1/addresses/10.99.0.1/history')).toMatchObject({
    status: 404,
    body: { code: 'ADDRESS_OUTSIDE_SUBNETS' },
  });
  for (const query of ['cursor=x', 'at=yesterday', 'limit=1001']) {
    const { status } = await server.call('GET', `/v1/addresses/10.9.1.1/history?${query}`);
    expect([query, status]).toEqual([query, 400]);
  }
});
