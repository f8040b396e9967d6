import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from './answer.ts';
import { newFolder, type Server, startServer } from './process.ts';

/** What a thief of one node's token can do, and what not: docs/security.md tells it. */

const folder = newFolder();
let server: Server;

const as = (token: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  server.call(method, path, body, { token });
const stolen = (method: string, path: string, body?: unknown) => as('of-n1', method, path, body);
const refused = { status: 403, body: { code: 'ROLE_INSUFFICIENT' } };

beforeEach(async () => {
  const tokens = join(folder.path, 'tokens.yaml');
  writeFileSync(tokens, 'tokens:\n- {token: the-admin, role: admin}\n- {token: of-n1, role: "node:n1"}\n');
  server = await startServer('memory:', '--tokens', tokens);
  for (const [path, body] of [
    ['zones/real', { type: 'macvlan' }],
    ['zones/vault', { type: 'macvlan' }],
    ['subnets/lan', { zone: 'real', cidr: '10.9.0.0/16' }],
    ['subnets/vault', { zone: 'vault', cidr: '10.8.0.0/16' }],
    ['ranges/shared', { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.15' }],
    ['ranges/of-n2', { subnet: 'lan', start: '10.9.2.0', end: '10.9.2.15', node: 'n2' }],
    ['ranges/vault', { subnet: 'vault', start: '10.8.1.0', end: '10.8.1.15' }],
    ['nodes/n1', { zone: 'real' }],
    ['nodes/n2', { zone: 'real' }],
  ] as const) {
    expect((await as('the-admin', 'PUT', `/v1/${path}`, body)).status).toBe(201);
  }
});
afterEach(() => server.stop());
afterAll(() => folder.remove());

const attachment = (containerId: string) => ({ node: 'n1', network: 'realip', containerId, ifname: 'eth0' });
const stateOf = async (ip: string) => (await as('the-admin', 'GET', `/v1/addresses/${ip}`)).body.state;

test('a node’s token registers its node, and moves it to no other zone', async () => {
  expect(await stolen('PUT', '/v1/nodes/n1', { zone: 'vault' })).toMatchObject(refused);
  expect((await stolen('PUT', '/v1/nodes/n1', { zone: 'real' })).status).toBe(200);
  expect((await stolen('GET', '/v1/nodes/n1')).body).toEqual({ name: 'n1', zone: 'real' });
  expect((await as('the-admin', 'DELETE', '/v1/nodes/n1')).status).toBe(204);
  expect((await stolen('PUT', '/v1/nodes/n1', { zone: 'real' })).status).toBe(201);
  expect((await as('the-admin', 'PUT', '/v1/nodes/n1', { zone: 'vault' })).status).toBe(200);
});

test('it reads nothing of others, edits nothing, and gets no address of another zone or node', async () => {
  for (const path of [
    'zones',
    'reservations',
    'events',
    'backup',
    'addresses/10.9.1.1',
    'nodes/n2',
    'allocations',
  ]) {
    expect([path, await stolen('GET', `/v1/${path}`)]).toMatchObject([path, refused]);
  }
  expect(await stolen('POST', '/v1/nodes/n1:fence')).toMatchObject(refused);
  expect(await stolen('POST', '/v1/epoch:waive')).toMatchObject(refused);
  expect(await stolen('DELETE', '/v1/nodes/n1')).toMatchObject(refused);
  for (const ip of ['10.9.2.5', '10.8.1.5']) {
    const wanted = { ...attachment(ip), addresses: [ip] };
    expect((await stolen('POST', '/v1/allocations', wanted)).body).toMatchObject({
      code: 'ADDRESS_NOT_GIVEN',
    });
  }
});

test('it can use up what its zone shares, and claim free addresses as its node’s own; deleting the node gives them back', async () => {
  const own = { attachments: [], addresses: ['10.9.1.5', '10.9.2.5', '10.8.1.5'] };
  expect((await stolen('POST', '/v1/nodes/n1:sync', own)).status).toBe(200);
  expect(await Promise.all(own.addresses.map(stateOf))).toEqual(['reserved', 'reserved', 'reserved']);
  expect((await as('the-admin', 'DELETE', '/v1/nodes/n1')).status).toBe(204);
  expect(await Promise.all(own.addresses.map(stateOf))).toEqual(['free', 'free', 'free']);
});

test('a reservation for a pod is any node’s whose token names that pod, unless the server asks Kubernetes (--kube)', async () => {
  const db = { addresses: ['10.9.1.9'], pod: { namespace: 'shop', name: 'db-0' } };
  expect((await as('the-admin', 'PUT', '/v1/reservations/db', db)).status).toBe(201);
  const { status, body } = await stolen('POST', '/v1/allocations', { ...attachment('c'), pod: db.pod });
  expect([status, body.ips[0].address]).toEqual([201, '10.9.1.9/16']);
});

test('fenced, it gets nothing until its node has synced', async () => {
  await stolen('POST', '/v1/nodes/n1:sync', { attachments: [] });
  expect((await stolen('POST', '/v1/allocations', attachment('a'))).status).toBe(201);
  expect((await as('the-admin', 'POST', '/v1/nodes/n1:fence')).status).toBe(200);
  expect((await stolen('POST', '/v1/allocations', attachment('b'))).body).toMatchObject({
    code: 'NODE_FENCED',
  });
});
