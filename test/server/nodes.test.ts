import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EpochRecord } from '../../ipam-server/ledger/state/record.ts';
import { SqliteStore } from '../../ipam-server/store/sqlite.ts';
import { slowness } from '../../netlink/testing/slowness.ts';
import { allocate, makeLan, put, release } from './lan.ts';
import { type CallOptions, newFolder, type Server, startServer, worker } from './process.ts';

const folder = newFolder();
afterAll(() => folder.remove());

let server: Server;
afterEach(() => server?.stop());

const live = (containerId: string, address: string, more = {}) => ({
  network: 'realip',
  containerId,
  ifname: 'eth0',
  addresses: [address],
  ...more,
});
const sync = (node: string, attachments: unknown[], more = {}, options: CallOptions = {}) =>
  server.call('POST', `/v1/nodes/${node}:sync`, { attachments, ...more }, options);
const state = async (ip: string) => (await server.call('GET', `/v1/addresses/${ip}`)).body;

async function metric(name: string): Promise<number> {
  const { text } = await server.call('GET', '/metrics');
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length),
  );
}

/** Puts an epoch into a stopped server's file, as a restore does. */
async function beginEpoch(file: string, record: EpochRecord): Promise<void> {
  const store = await SqliteStore.open(file, pathToFileURL(worker));
  await store.load(() => {});
  await store.commit([{ records: new Map([['epoch/current', JSON.stringify(record)]]), events: [] }]);
  await store.close();
}

test('a node tells what lives on it; the status says when it did and what it knows of it', async () => {
  server = await startServer('memory:');
  await makeLan(server);
  await allocate(server, 'c1');
  const before = Date.now();
  const answer = await sync('n1', [live('c1', '10.9.1.0'), live('c2', '10.9.1.5')], {
    addresses: ['10.9.1.9'],
  });
  expect(answer).toMatchObject({
    status: 200,
    body: {
      release: [],
      revoked: [],
      adopted: [{ containerId: 'c2', addresses: ['10.9.1.5'] }],
      conflicts: [],
      suspects: [],
      epoch: 1,
    },
  });
  expect(await state('10.9.1.5')).toMatchObject({ state: 'allocated', owner: { containerId: 'c2' } });
  const { body } = await server.call('GET', '/v1/nodes/n1/status');
  expect(body).toMatchObject({ node: 'n1', zone: 'real', allocations: 2, addresses: ['10.9.1.9'], epoch: 1 });
  expect(Date.parse(body.lastSync)).toBeGreaterThanOrEqual(before);
  expect((await server.call('GET', '/v1/nodes/n1')).body).toEqual({ name: 'n1', zone: 'real' });
});

test('what a node shows no more is released within 30 s when it syncs each 10 s', async () => {
  server = await startServer('memory:');
  await makeLan(server);
  await allocate(server, 'c1');
  const start = Date.now();
  while ((await state('10.9.1.0')).state === 'allocated') {
    await sync('n1', []);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  const seconds = (Date.now() - start) / 1000;
  expect(await state('10.9.1.0')).toMatchObject({ state: 'cooling' });
  // Two reports that count are five seconds apart, and an allocation is five seconds old before the first.
  expect(seconds).toBeGreaterThan(9);
  expect(seconds).toBeLessThan(20 * slowness());
});

test('a sync changes nothing where it cannot be taken', async () => {
  server = await startServer('memory:');
  await makeLan(server);
  const shown = [live('c1', '10.9.1.5')];
  expect(await sync('n9', shown)).toMatchObject({ status: 409, body: { code: 'NODE_UNKNOWN' } });
  expect(await sync('n1', shown, { epoch: 2 })).toMatchObject({
    status: 409,
    body: { code: 'EPOCH_MISMATCH', epoch: 1 },
  });
  expect(await sync('n1', [{ ...live('c1', '10.9.1.5'), colour: 'red' }])).toMatchObject({ status: 400 });
  expect(await sync('n1', shown, { asOf: 'yesterday' })).toMatchObject({
    status: 400,
    body: { field: 'asOf' },
  });
  expect(await server.call('GET', '/v1/nodes/n1:sync')).toMatchObject({ status: 405 });
  expect((await state('10.9.1.5')).state).toBe('free');
  expect((await server.call('GET', '/v1/nodes/n1/status')).body.lastSync).toBeUndefined();
  expect((await server.call('GET', '/v1/nodes/n9/status')).status).toBe(404);
});

test('a node tells only of itself, and only an admin fences and waives', async () => {
  const tokens = join(folder.path, 'tokens.yaml');
  const roles = { root: 'admin', eye: 'viewer', one: 'node:n1' };
  const entries = Object.entries(roles).map(([token, role]) => `  - {token: ${token}, role: "${role}"}`);
  writeFileSync(tokens, `tokens:\n${entries.join('\n')}\n`);
  server = await startServer('memory:', '--tokens', tokens);
  const root = { token: 'root' };
  for (const [path, body] of [
    ['/v1/zones/real', { type: 'macvlan' }],
    ['/v1/nodes/n1', { zone: 'real' }],
    ['/v1/nodes/n2', { zone: 'real' }],
  ] as const) {
    await server.call('PUT', path, body, root);
  }
  const statuses = async (token: string) =>
    Promise.all(
      [
        sync('n1', [], {}, { token }),
        sync('n2', [], {}, { token }),
        server.call('GET', '/v1/nodes/n1/status', undefined, { token }),
        server.call('GET', '/v1/nodes/n2/status', undefined, { token }),
        server.call('GET', '/v1/epoch', undefined, { token }),
        server.call('POST', '/v1/epoch:waive', undefined, { token }),
        server.call('POST', '/v1/nodes/n2:fence?dryRun=true', undefined, { token }),
        server.call('PUT', '/v1/nodes/n1/reserve', { hold: [] }, { token }),
        server.call('PUT', '/v1/nodes/n2/reserve', { hold: [] }, { token }),
      ].map(async (answer) => (await answer).status),
    );
  expect(await statuses('root')).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 200]);
  expect(await statuses('one')).toEqual([200, 403, 200, 403, 200, 403, 403, 200, 403]);
  expect(await statuses('eye')).toEqual([403, 403, 200, 200, 200, 403, 403, 403, 403]);
});

test('ten thousand attachments are compared in one call', async () => {
  server = await startServer('memory:');
  await makeLan(server, { start: '10.9.128.0', end: '10.9.255.254' });
  const shown = Array.from({ length: 10_000 }, (_, i) =>
    live(`c${i}`, `10.9.${128 + (i >> 8)}.${i & 255}`, {
      pod: { namespace: 'a'.repeat(200), name: `p${i}` },
    }),
  );
  const first = await sync('n1', shown);
  expect(first.body.adopted).toHaveLength(10_000);
  const again = await sync('n1', shown);
  expect(again.body).toMatchObject({ adopted: [], conflicts: [], suspects: [] });
  expect(await sync('n1', [...shown, live('more', '10.9.200.0')])).toMatchObject({ status: 400 });
});

test('two live holders count as a conflict, once', async () => {
  server = await startServer('memory:');
  await makeLan(server);
  await put(server, '/v1/nodes/n2', { zone: 'real' });
  await allocate(server, 'c1');
  for (let i = 0; i < 3; i++) {
    const { body } = await sync('n2', [live('c2', '10.9.1.0', { mac: '02:00:00:00:00:77' })]);
    expect(body.conflicts).toMatchObject([
      { address: '10.9.1.0', containerId: 'c2', code: 'ADDRESS_IN_USE' },
    ]);
  }
  expect(await metric('realip_ipam_conflicts_total')).toBe(1);
  expect(await state('10.9.1.0')).toMatchObject({
    owner: { node: 'n1' },
    why: expect.stringContaining('n2'),
  });
});

test('a fence says first what it would do, then does it, and a restarted server still knows what to tell', async () => {
  const store = `sqlite:${join(folder.path, 'fence.db')}`;
  server = await startServer(store);
  await makeLan(server);
  await allocate(server, 'c1', { pod: { namespace: 'shop', name: 'web-0' } });
  const fence = (query = '') => server.call('POST', `/v1/nodes/n1:fence${query}`);
  const dry = await fence('?dryRun=true');
  expect(dry.body).toMatchObject({
    dryRun: true,
    attachments: [{ containerId: 'c1', addresses: ['10.9.1.0'], pod: { name: 'web-0' } }],
    addresses: ['10.9.1.0'],
  });
  expect((await state('10.9.1.0')).state).toBe('allocated');
  expect((await fence('?dryRun=yes')).status).toBe(400);
  const done = await fence();
  expect(done.body).toMatchObject({ ...dry.body, dryRun: false, fencedAt: expect.any(String) });
  expect((await state('10.9.1.0')).state).toBe('cooling');
  expect((await server.call('GET', '/v1/nodes/n1/status')).body).toMatchObject({
    fencedAt: done.body.fencedAt,
    revoked: [{ containerId: 'c1' }],
  });
  expect((await server.call('POST', '/v1/nodes/n9:fence')).status).toBe(404);
  await server.stop('SIGKILL');
  server = await startServer(store);
  const { body } = await sync('n1', [live('c1', '10.9.1.0')]);
  expect(body).toMatchObject({ revoked: [{ containerId: 'c1', addresses: ['10.9.1.0'] }], adopted: [] });
  expect((await sync('n1', [])).body.revoked).toEqual([]);
  expect((await server.call('GET', '/v1/nodes/n1/status')).body).not.toHaveProperty('fencedAt');
});

test('a deleted node takes its own addresses and what is known of it with it', async () => {
  server = await startServer('memory:');
  await makeLan(server);
  await sync('n1', [live('c1', '10.9.1.1')], { addresses: ['10.9.1.0'] });
  expect((await server.call('DELETE', '/v1/nodes/n1')).status).toBe(409);
  await release(server, 'c1');
  expect((await server.call('DELETE', '/v1/nodes/n1')).status).toBe(204);
  expect((await state('10.9.1.0')).state).toBe('free');
  await put(server, '/v1/nodes/n1', { zone: 'real' });
  const { body } = await server.call('GET', '/v1/nodes/n1/status');
  expect(body).toEqual({
    node: 'n1',
    zone: 'real',
    epoch: 1,
    epochPending: false,
    allocations: 0,
    warm: 0,
    addresses: [],
    suspects: [],
    revoked: [],
    constraints: expect.any(String),
  });
});

describe('a reserve', () => {
  const reserve = (node: string, body: unknown, options: CallOptions = {}) =>
    server.call('PUT', `/v1/nodes/${node}/reserve`, body, options);
  const ready = (...addresses: string[]) => addresses.map((address) => ({ address, state: 'ready' }));
  const begin = async () => {
    server = await startServer('memory:');
    await makeLan(server);
    await put(server, '/v1/nodes/n2', { zone: 'real' });
  };

  test('is granted, counted as warm, and taken for pods by single calls and in batches', async () => {
    await begin();
    const { status, body } = await reserve('n1', { want: { lan: 3 }, hold: [] });
    expect(status).toBe(200);
    expect(body.addresses).toMatchObject([
      { address: '10.9.1.0/16', gateway: '10.9.0.1', subnet: 'lan', range: 'shared', state: 'probing' },
      { address: '10.9.1.1/16', mac: '0a:58:0a:09:01:01' },
      { address: '10.9.1.2/16' },
    ]);
    expect(await state('10.9.1.0')).toMatchObject({ state: 'warm', until: body.addresses[0].until });
    const usage = async () => (await server.call('GET', '/v1/subnets/lan/usage')).body.byState;
    expect(await usage()).toMatchObject({ warm: 3, allocated: 0 });
    const one = await allocate(server, 'c1', { addresses: ['10.9.1.0'] });
    expect(one).toMatchObject({ status: 201, body: { ips: [{ address: '10.9.1.0/16' }] } });
    const two = await server.call('POST', '/v1/allocations:batch', {
      allocate: [
        { node: 'n1', network: 'realip', containerId: 'c2', ifname: 'eth0', addresses: ['10.9.1.1'] },
        { node: 'n2', network: 'realip', containerId: 'c3', ifname: 'eth0', addresses: ['10.9.1.2'] },
      ],
    });
    expect(two.body.allocated).toMatchObject([
      { generation: one.body.generation + 1 },
      { status: 409, code: 'ADDRESS_WARM', node: 'n1' },
    ]);
    expect(await usage()).toMatchObject({ warm: 1, allocated: 2 });
    const told = await reserve('n1', { hold: ready('10.9.1.0', '10.9.1.1', '10.9.1.2') });
    expect(told.body).toMatchObject({ addresses: [], recall: expect.arrayContaining(['10.9.1.2']) });
    await reserve('n1', { hold: [] });
    expect((await allocate(server, 'c3', { node: 'n2', addresses: ['10.9.1.2'] })).status).toBe(201);
  });

  test('tells the constraints once, and anew when they change', async () => {
    await begin();
    const whole = (await reserve('n1', { hold: [] })).body.constraints;
    expect(whole).toEqual({
      version: expect.any(String),
      pods: [],
      owners: [],
      namespaces: [],
      labels: false,
      podLabels: [],
      namespaceLabels: [],
    });
    const { version } = whole;
    expect((await reserve('n1', { hold: [], constraints: version })).body.constraints).toEqual({ version });
    await put(server, '/v1/reservations/r', {
      addresses: ['10.9.1.7'],
      pod: { namespace: 'shop', name: 'db-0' },
    });
    const range = { subnet: 'lan', start: '10.9.3.0', end: '10.9.3.9', match: { podLabels: { tier: 'db' } } };
    await put(server, '/v1/ranges/match', range);
    expect((await reserve('n1', { hold: [], constraints: version })).body.constraints).toMatchObject({
      pods: ['shop/db-0'],
      labels: true,
      podLabels: ['tier'],
    });
  });

  test('a conflict in it counts, and what cannot be taken changes nothing', async () => {
    await begin();
    const conflict = { address: '10.9.1.0', state: 'conflict', mac: '52:54:00:12:34:56' };
    await reserve('n1', { want: { lan: 1 }, hold: [] });
    expect((await reserve('n1', { want: { lan: 1 }, hold: [conflict] })).body).toMatchObject({
      addresses: [{ address: '10.9.1.1/16' }],
    });
    expect(await metric('realip_ipam_conflicts_total')).toBe(1);
    expect(await metric('realip_ipam_quarantined_total')).toBe(1);
    const refused = async (node: string, body: unknown) => {
      const answer = await reserve(node, body);
      return [answer.status, answer.body.code];
    };
    expect(await refused('n9', { hold: [] })).toEqual([409, 'NODE_UNKNOWN']);
    expect(await refused('n1', { hold: [], epoch: 7 })).toEqual([409, 'EPOCH_MISMATCH']);
    expect(await refused('n1', { hold: [], want: { nowhere: 1 } })).toEqual([409, 'SUBNET_UNKNOWN']);
    expect(await refused('n1', { hold: [], want: { lan: -1 } })).toEqual([400, 'INVALID_REQUEST']);
    expect(await refused('n1', { hold: ready('10.9.1.1', '10.9.1.1') })).toEqual([400, 'INVALID_REQUEST']);
    const nameless = { address: '10.9.1.1', state: 'conflict' };
    expect(await refused('n1', { hold: [nameless] })).toEqual([400, 'INVALID_REQUEST']);
    expect(await refused('n1', {})).toEqual([400, 'INVALID_REQUEST']);
    expect((await state('10.9.1.1')).state).toBe('warm');
    expect((await server.call('GET', '/v1/nodes/n1/status')).body.warm).toBe(1);
  });

  test('rests when its node is fenced or deleted', async () => {
    await begin();
    await reserve('n1', { want: { lan: 2 }, hold: [] });
    await reserve('n2', { want: { lan: 1 }, hold: [] });
    const fenced = await server.call('POST', '/v1/nodes/n1:fence');
    expect(fenced.body.addresses).toEqual(['10.9.1.0', '10.9.1.1']);
    expect((await server.call('DELETE', '/v1/nodes/n2')).status).toBe(204);
    for (const address of ['10.9.1.0', '10.9.1.1', '10.9.1.2']) {
      expect((await state(address)).state).toBe('cooling');
    }
  });
});

describe('a restored ledger', () => {
  let files = 0;
  let file: string;
  const begin = async (waitingFor: string[]) => {
    file = join(folder.path, `epoch-${++files}.db`);
    server = await startServer(`sqlite:${file}`);
    await makeLan(server);
    await put(server, '/v1/nodes/n2', { zone: 'real' });
    await server.stop();
    await beginEpoch(file, { value: 2, at: 1_700_000_000_000, why: 'restored from nightly.db', waitingFor });
    server = await startServer(`sqlite:${file}`);
  };

  test('gives nothing before every node has synced; everything else works', async () => {
    await begin(['n1', 'n2']);
    const refused = await allocate(server, 'c1');
    expect(refused).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { code: 'EPOCH_PENDING', waitingFor: ['n1', 'n2'], epoch: 2 },
    });
    expect(refused.body.detail).toContain('n1, n2');
    const batch = await server.call('POST', '/v1/allocations:batch', {
      allocate: [{ node: 'n1', network: 'realip', containerId: 'c1', ifname: 'eth0' }],
      release: [{ network: 'realip', containerId: 'c0', ifname: 'eth0' }],
    });
    expect(batch.body).toMatchObject({ allocated: [{ status: 503, code: 'EPOCH_PENDING' }], released: [{}] });
    expect(await server.call('GET', '/readyz')).toMatchObject({
      status: 200,
      body: { ready: true, pending: expect.stringContaining('2 nodes') },
    });
    expect((await server.call('GET', '/v1/epoch')).body).toEqual({
      epoch: 2,
      since: '2023-11-14T22:13:20.000Z',
      why: 'restored from nightly.db',
      waitingFor: ['n1', 'n2'],
    });
    await put(server, '/v1/ranges/wide', { subnet: 'lan', start: '10.9.3.0', end: '10.9.3.9' });
    expect((await sync('n1', [], { epoch: 1 })).body).toMatchObject({ code: 'EPOCH_MISMATCH', epoch: 2 });
    expect((await sync('n1', [live('old', '10.9.1.0')])).body).toMatchObject({
      epoch: 2,
      adopted: [{ containerId: 'old' }],
    });
    expect((await allocate(server, 'c1')).body.waitingFor).toEqual(['n2']);
    await server.stop('SIGKILL');
    server = await startServer(`sqlite:${file}`);
    expect((await allocate(server, 'c1')).body.waitingFor).toEqual(['n2']);
    await sync('n2', [live('older', '10.9.1.1')], { epoch: 2 });
    expect((await allocate(server, 'c1')).body.ips).toMatchObject([{ address: '10.9.1.2/16' }]);
    expect((await server.call('GET', '/readyz')).body).toEqual({ ready: true });
  });

  test.each([
    ['an admin waives it', () => server.call('POST', '/v1/epoch:waive')],
    ['the node is deleted', () => server.call('DELETE', '/v1/nodes/n2')],
    ['the node is fenced', () => server.call('POST', '/v1/nodes/n2:fence')],
  ])('waits no longer when %s', async (_, end) => {
    await begin(['n2']);
    expect((await allocate(server, 'c7')).status).toBe(503);
    expect((await end()).status).toBeLessThan(300);
    expect((await server.call('GET', '/v1/epoch')).body).toMatchObject({ epoch: 2, waitingFor: [] });
    expect((await allocate(server, 'c7')).status).toBeLessThan(300);
    await release(server, 'c7');
  });
});
