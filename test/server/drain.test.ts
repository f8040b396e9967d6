import { allocate, makeLan, put, release } from './lan.ts';
import { type Server, startServer } from './process.ts';

let server: Server;
beforeEach(async () => {
  server = await startServer('memory:');
  await makeLan(server, { end: '10.9.1.3', cooldownSeconds: 0 });
  for (const n of [0, 1]) {
    await allocate(server, `c${n}`, { pod: { namespace: 'shop', name: `web-${n}` } });
  }
});
afterEach(() => server.stop());

const range = { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.3' };
const subnet = { zone: 'real', cidr: '10.9.0.0/16', gateway: '10.9.0.1', cooldownSeconds: 0 };
const edit = (method: string, path: string, body?: unknown) => server.call(method, `/v1/${path}`, body);
const stateOf = async (address: string) => (await edit('GET', `addresses/${address}`)).body.state;
const addressOf = async (containerId: string) => {
  const { body } = await allocate(server, containerId);
  return body.ips?.[0].address ?? body.code;
};

test.each([
  ['shrunk', 'PUT', 'ranges/shared', { ...range, start: '10.9.1.1' }],
  ['given to another node', 'PUT', 'ranges/shared', { ...range, node: 'n2' }],
  ['deleted', 'DELETE', 'ranges/shared', undefined],
  ['excluded', 'PUT', 'subnets/lan', { ...subnet, excludes: ['10.9.1.0'] }],
])('with ?drain=true live addresses live on and are not given again: %s', async (_, method, path, body) => {
  expect((await edit(method, path, body)).body.code).toBe('IN_USE');
  expect((await edit(method, `${path}?drain=false`, body)).body.code).toBe('IN_USE');
  expect((await edit(method, `${path}?drain=true`, body)).status).toBeLessThan(205);
  expect(await stateOf('10.9.1.0')).toBe('allocated');
  // The same attachment again, as a retry would ask: it has what it had.
  expect(await addressOf('c0')).toBe('10.9.1.0/16');
  await release(server, 'c0');
  for (const n of [2, 3, 4]) {
    expect(await addressOf(`c${n}`)).not.toBe('10.9.1.0/16');
  }
  const wanted = await allocate(server, 'w', { addresses: ['10.9.1.0'] });
  expect(wanted).toMatchObject({ status: 409, body: { code: 'ADDRESS_NOT_GIVEN' } });
});

test('what drains is given again once a range has it, and counts there while it lives', async () => {
  await edit('DELETE', 'ranges/shared?drain=true');
  await put(server, '/v1/ranges/other', { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.1' });
  const { body } = await edit('GET', 'subnets/lan/usage');
  expect(body).toMatchObject({ total: 2, free: 0, byState: { allocated: 2 } });
  await release(server, 'c0');
  expect(await addressOf('c9')).toBe('10.9.1.0/16');
});

test('an edit of what remains is not refused for those that drain', async () => {
  await edit('PUT', 'ranges/shared?drain=true', { ...range, start: '10.9.1.1' });
  expect((await edit('PUT', 'ranges/shared', { ...range, start: '10.9.1.1', end: '10.9.1.9' })).status).toBe(
    200,
  );
  const excludes = ['10.9.1.1'];
  await edit('PUT', 'subnets/lan?drain=true', { ...subnet, excludes });
  expect((await edit('PUT', 'subnets/lan', { ...subnet, excludes, vlan: 7 })).status).toBe(200);
});

test('a subnet stays while addresses of it live on without a range', async () => {
  await edit('DELETE', 'ranges/shared?drain=true');
  for (const [method, body] of [
    ['DELETE', undefined],
    ['PUT', { ...subnet, cidr: '10.9.0.0/24' }],
  ] as const) {
    const answer = await edit(method, 'subnets/lan', body);
    expect(answer).toMatchObject({ status: 409, body: { code: 'IN_USE', userCount: 2 } });
    expect(answer.body.detail).toMatch(/shop\/web-0 \(10\.9\.1\.0\)/);
  }
  await release(server, 'c0');
  await release(server, 'c1');
  expect((await edit('DELETE', 'subnets/lan')).status).toBe(204);
});

test('nobody drains from an address that becomes the gateway’s', async () => {
  const answer = await edit('PUT', 'subnets/lan?drain=true', { ...subnet, gateway: '10.9.1.0' });
  expect(answer).toMatchObject({ status: 409, body: { code: 'IN_USE' } });
});

test.each([
  ['PUT', 'ranges/shared', { ...range, start: '10.9.1.1' }, { before: 4, after: 3, lost: 1 }, ['10.9.1.0']],
  ['PUT', 'ranges/shared', { ...range, end: '10.9.1.9' }, { before: 4, after: 10, lost: 0 }, []],
  [
    'PUT',
    'ranges/shared',
    { ...range, node: 'n2' },
    { before: 4, after: 4, lost: 0 },
    ['10.9.1.0', '10.9.1.1'],
  ],
  [
    'PUT',
    'ranges/shared',
    { ...range, disabled: true },
    { before: 4, after: 0, lost: 4 },
    ['10.9.1.0', '10.9.1.1'],
  ],
  [
    'PUT',
    'ranges/new',
    { ...range, start: '10.9.2.0', end: '10.9.2.7' },
    { before: 0, after: 8, lost: 0 },
    [],
  ],
  ['DELETE', 'ranges/shared', undefined, { before: 4, after: 0, lost: 4 }, ['10.9.1.0', '10.9.1.1']],
  ['DELETE', 'ranges/nobody', undefined, { before: 0, after: 0, lost: 0 }, []],
  [
    'PUT',
    'subnets/lan',
    { ...subnet, excludes: ['10.9.1.1-10.9.1.2'] },
    { before: 4, after: 2, lost: 2 },
    ['10.9.1.1'],
  ],
  ['PUT', 'subnets/lan', { ...subnet, vlan: 7 }, { before: 4, after: 4, lost: 0 }, []],
] as const)(
  '?dryRun=true of %s %s %j writes nothing and says what would happen',
  async (method, path, body, addresses, lives) => {
    const kind = path.split('/')[0] ?? '';
    const before = (await edit('GET', kind)).text;
    const answer = await edit(method, `${path}?dryRun=true&drain=true`, body);
    expect(answer.body.dryRun).toMatchObject({ addresses, liveCount: lives.length });
    expect(answer.body.dryRun.live.flatMap((user: { addresses: string[] }) => user.addresses)).toEqual(lives);
    expect(answer.body).toMatchObject(body ?? {});
    expect((await edit('GET', kind)).text).toBe(before);
    const real = await edit(method, `${path}?drain=true`, body);
    expect(real.status).toBe(method === 'DELETE' ? 204 : answer.status);
  },
);

test('a dry run ends with the error that the edit would end with', async () => {
  const tries: [string, string, unknown, string][] = [
    ['DELETE', 'ranges/shared', undefined, 'IN_USE'],
    ['PUT', 'ranges/shared', { ...range, start: '10.9.1.1' }, 'IN_USE'],
    ['PUT', 'ranges/more', range, 'RANGE_OVERLAP'],
    ['PUT', 'ranges/more', { ...range, subnet: 'nowhere' }, 'SUBNET_UNKNOWN'],
    ['PUT', 'subnets/lan', { ...subnet, excludes: ['10.9.1.0'] }, 'IN_USE'],
    ['DELETE', 'subnets/lan', undefined, 'IN_USE'],
  ];
  for (const [method, path, body, code] of tries) {
    const dry = await edit(method, `${path}?dryRun=true`, body);
    const real = await edit(method, path, body);
    expect([path, dry.body.code, dry.text]).toEqual([path, code, real.text]);
  }
  const headers = { 'if-match': '"1"' };
  const answer = await server.call('DELETE', '/v1/ranges/shared?dryRun=true', undefined, { headers });
  expect(answer.status).toBe(412);
});

test.each([
  ['PUT', 'zones/real?dryRun=true', { type: 'macvlan' }],
  ['DELETE', 'zones/real?drain=true', undefined],
  ['DELETE', 'subnets/lan?drain=true', undefined],
  ['PUT', 'nodes/n1?drain=true', { zone: 'real' }],
  ['GET', 'ranges/shared?dryRun=true', undefined],
  ['PUT', 'ranges/shared?dryRun=1', range],
  ['PUT', 'ranges/shared?dryrun=true', range],
  ['DELETE', 'ranges/shared?drain=true&drain=true', undefined],
])('%s %s is refused: it would mean nothing there', async (method, path, body) => {
  expect((await edit(method, path, body)).status).toBe(400);
  expect(await addressOf('c0')).toBe('10.9.1.0/16');
});
