import { put, request } from './lan.ts';
import { type Server, startServer } from './process.ts';

/** The order of docs/ipam/ranges.md, a test a row. */

let server: Server;
beforeAll(async () => {
  server = await startServer('memory:');
  await put(server, '/v1/zones/real', { type: 'macvlan' });
  await put(server, '/v1/nodes/n1', { zone: 'real' });
  await put(server, '/v1/nodes/n2', { zone: 'real' });
  // Names such that their order is never the order that counts.
  await subnet('a', 1);
  await subnet('b', 2);
  await subnet('c', 3);
  await range('a-shared', 'a', 1);
  await range('z-own', 'b', 2, { node: 'n1' });
  await range('z-own-first', 'a', 3, { node: 'n1' });
  await range('y-shop', 'c', 4, { match: { namespaces: ['shop', 'shop-*'] } });
  await range('y-db', 'c', 5, { match: { namespaces: ['shop*'], podLabels: { tier: 'db' } } });
  await range('x-own-shop', 'c', 6, { node: 'n2', match: { namespaces: ['shop'] } });
  await range('w-gold', 'c', 7, { match: { namespaceLabels: { grade: 'gold', paid: 'yes' } } });
});
afterAll(() => server.stop());

const subnet = (name: string, third: number, more = {}) =>
  put(server, `/v1/subnets/${name}`, { zone: 'real', cidr: `10.${third}.0.0/16`, ...more });
const range = (name: string, subnet: 'a' | 'b' | 'c', part: number, more = {}) => {
  const prefix = `10.${{ a: 1, b: 2, c: 3 }[subnet]}.${part}`;
  return put(server, `/v1/ranges/${name}`, { subnet, start: `${prefix}.0`, end: `${prefix}.9`, ...more });
};

let containers = 0;
/** The range that a request is served from, or the code of its refusal. */
async function rangeFor(more: Record<string, unknown>): Promise<string> {
  const key = `c${++containers}`;
  const { body } = await server.call('POST', '/v1/allocations', request(key, more));
  await server.call('DELETE', `/v1/allocations/realip/${key}/eth0`);
  return body.ips?.[0].range ?? body.code;
}
const pod = (namespace: string, more: Record<string, unknown> = {}) => ({
  pod: { namespace, name: 'p', ...more },
});

test.each([
  ['a wanted address before all', { ...pod('shop'), addresses: ['10.1.1.5'] }, 'a-shared'],
  ['a named subnet before ranges that match', { ...pod('shop'), subnet: 'a' }, 'z-own-first'],
  ['of a named subnet the ranges that match first', { ...pod('shop'), subnet: 'c' }, 'y-shop'],
  ['ranges that match before the node’s own', pod('shop'), 'y-shop'],
  ['of those that match, the node’s own first', { ...pod('shop'), node: 'n2' }, 'x-own-shop'],
  ['of those that match, the first by name', pod('shop', { labels: { tier: 'db' } }), 'y-db'],
  ['by name also where one is found by a pattern', pod('shop-1', { labels: { tier: 'db' } }), 'y-db'],
  ['by the namespace’s labels', pod('web', { namespaceLabels: { grade: 'gold', paid: 'yes' } }), 'w-gold'],
  ['the node’s own by name, without a match', pod('web'), 'z-own'],
  ['shared ones last', { ...pod('web'), node: 'n2' }, 'a-shared'],
])('the order of ranges: %s', async (_, more, name) => {
  expect(await rangeFor(more)).toBe(name);
});

test.each([
  ['another namespace', pod('bishop')],
  ['one that only begins alike', pod('shops')],
  ['not all the labels', pod('web', { namespaceLabels: { grade: 'gold' } })],
  ['another value', pod('web', { namespaceLabels: { grade: 'gold', paid: 'no' } })],
  ['labels that are not known', pod('web')],
  ['no pod', {}],
])('a range with a match does not serve %s', async (_, more) => {
  expect(await rangeFor(more)).toBe('z-own');
  expect(await rangeFor({ ...more, subnet: 'c' })).toBe('RANGE_EXHAUSTED');
  const wanted = { ...request('w', more), addresses: ['10.3.7.3'] };
  const answer = await server.call('POST', '/v1/allocations', wanted);
  expect(answer).toMatchObject({ status: 409, body: { code: 'ADDRESS_NOT_GIVEN' } });
  expect(answer.body.detail).toMatch(/range w-gold is for other pods: /);
});

test('the refusal tells of ranges that serve other pods', async () => {
  const { body } = await server.call('POST', '/v1/allocations', request('w', { subnet: 'c' }));
  expect(body.detail).toMatch(/of its ranges serve other pods only/);
});

test('an empty match serves every pod, before the others, and no attachment without one', async () => {
  await range('v-pods', 'c', 8, { match: {} });
  expect(await rangeFor(pod('web'))).toBe('v-pods');
  expect(await rangeFor({})).toBe('z-own');
  await server.call('DELETE', '/v1/ranges/v-pods');
});

test.each([
  [{ namespaces: ['shop?'] }, 'match.namespaces.0'],
  [{ namespace: ['shop'] }, 'match.namespace'],
  [{ namespaces: 'shop' }, 'match.namespaces'],
  [{ podLabels: { tier: 1 } }, 'match.podLabels.tier'],
])('a match of %j is refused', async (match, field) => {
  const body = { subnet: 'c', start: '10.3.9.0', end: '10.3.9.9', match };
  expect(await server.call('PUT', '/v1/ranges/bad', body)).toMatchObject({ status: 400, body: { field } });
});

test('both families are of one VLAN, because a pod has one interface', async () => {
  const one = await startServer('memory:');
  const make = async (name: string, cidr: string, vlan: number, start: string, more = {}) => {
    await put(one, `/v1/subnets/${name}`, { zone: 'real', cidr, vlan, cooldownSeconds: 0 });
    await put(one, `/v1/ranges/${name}`, { subnet: name, start, end: start, ...more });
  };
  try {
    await put(one, '/v1/zones/real', { type: 'macvlan' });
    await put(one, '/v1/nodes/n1', { zone: 'real' });
    await make('a4', '10.1.0.0/16', 10, '10.1.0.5');
    await make('b4', '10.2.0.0/16', 20, '10.2.0.5');
    await make('b6', 'fd00:2::/64', 20, 'fd00:2::5');
    await make('c6', 'fd00:3::/64', 10, 'fd00:3::5', { match: { namespaces: ['shop'] } });
    const give = async (key: string, more = {}) => {
      const { body } = await one.call('POST', '/v1/allocations', request(key, more));
      return body.ips?.map(({ subnet }: { subnet: string }) => subnet) ?? body.code;
    };
    const end = (key: string) => one.call('DELETE', `/v1/allocations/realip/${key}/eth0`);
    const both = { families: ['ipv4', 'ipv6'] };
    expect(await give('1', both)).toEqual(['b4', 'b6']);
    expect(await give('2', both)).toBe('RANGE_EXHAUSTED');
    await end('1');
    expect(await give('3', { addresses: ['10.1.0.5', 'fd00:2::5'] })).toBe('ADDRESS_NOT_GIVEN');
    expect(await give('4', { ...both, subnet: 'a4' })).toBe('RANGE_EXHAUSTED');
    expect(await give('5', { ...both, ...pod('shop'), subnet: 'a4' })).toEqual(['a4', 'c6']);
    await end('5');
    // By default every family, also where another VLAN comes first by name; all or nothing then, too.
    expect(await give('6', pod('web'))).toEqual(['b4', 'b6']);
    expect(await give('7', pod('web'))).toBe('RANGE_EXHAUSTED');
    // A match decides the VLAN, and with it the families.
    await put(one, '/v1/ranges/a4', { subnet: 'a4', start: '10.1.0.5', end: '10.1.0.5', disabled: true });
    expect(await give('8', pod('shop'))).toEqual(['c6']);
  } finally {
    await one.stop();
  }
});
