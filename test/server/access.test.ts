import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from './answer.ts';
import { request } from './lan.ts';
import { newFolder, type Server, startServer } from './process.ts';

const folder = newFolder();
const tokens = join(folder.path, 'tokens.yaml');
const hashed = createHash('sha256').update('the-viewer').digest('hex');

let server: Server;
beforeAll(async () => {
  writeFileSync(
    tokens,
    `tokens:\n- {token: the-admin, role: admin}\n- {tokenSha256: ${hashed.toUpperCase()}, role: viewer}\n` +
      '- {token: of-n1, role: "node:n1"}\n- {token: of-n2, role: "node:n2"}\n',
  );
  server = await startServer('memory:', '--tokens', tokens);
  for (const [path, body] of [
    ['/v1/zones/real', { type: 'macvlan' }],
    ['/v1/subnets/lan', { zone: 'real', cidr: '10.9.0.0/16' }],
    ['/v1/ranges/shared', { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.255' }],
    ['/v1/nodes/n1', { zone: 'real' }],
    ['/v1/nodes/n2', { zone: 'real' }],
  ] as const) {
    expect((await server.call('PUT', path, body, { token: 'the-admin' })).status).toBe(201);
  }
});
afterAll(async () => {
  await server.stop();
  folder.remove();
});

const as = (token: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  server.call(method, path, body, { token });

test.each(['/healthz', '/readyz', '/', '/openapi.json'])('%s answers without a token', async (path) => {
  expect((await server.call('GET', path)).status).toBe(200);
});

test.each([
  ['GET', '/v1/zones'],
  ['GET', '/metrics'],
  ['GET', '/v1/nope'],
  ['PATCH', '/v1/zones'],
  ['POST', '/v1/allocations'],
  ['DELETE', '/v1/zones/real'],
])('%s %s without a token is 401 with WWW-Authenticate', async (method, path) => {
  for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: 'Basic dGhlLWFkbWlu' }]) {
    const answer = await server.call(method, path, undefined, { headers });
    expect(answer).toMatchObject({ status: 401, body: { code: 'TOKEN_MISSING' } });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  }
});

test('a viewer sees all and changes nothing', async () => {
  for (const path of [
    '/v1/zones',
    '/v1/zones/real',
    '/v1/allocations',
    '/v1/addresses/10.9.1.1',
    '/v1/nodes/n1/usage',
    '/metrics',
  ]) {
    expect((await as('the-viewer', 'GET', path)).status).toBe(200);
  }
  expect((await as('the-viewer', 'PUT', '/v1/zones/x', { type: 'macvlan' })).status).toBe(403);
  expect((await as('the-viewer', 'POST', '/v1/allocations', request('c1'))).status).toBe(403);
  expect((await as('the-viewer', 'DELETE', '/v1/allocations/realip/c1/eth0')).status).toBe(403);
});

test('a node registers itself, allocates, looks and releases for itself alone', async () => {
  expect((await as('of-n1', 'PUT', '/v1/nodes/n1', { zone: 'real' })).status).toBe(200);
  expect((await as('of-n1', 'PUT', '/v1/nodes/n2', { zone: 'real' })).status).toBe(403);
  expect((await as('of-n1', 'PUT', '/v1/zones/real', { type: 'macvlan' })).status).toBe(403);
  expect((await as('of-n1', 'POST', '/v1/allocations', request('own'))).status).toBe(201);
  const foreign = await as('of-n2', 'POST', '/v1/allocations', request('own'));
  expect(foreign).toMatchObject({ status: 403, body: { code: 'ROLE_INSUFFICIENT' } });
  expect((await as('of-n1', 'GET', '/v1/allocations?node=n1')).body.items).toHaveLength(1);
  expect((await as('of-n2', 'GET', '/v1/allocations?node=n1')).status).toBe(403);
  expect((await as('of-n2', 'GET', '/v1/allocations')).status).toBe(403);
  expect((await as('of-n1', 'GET', '/v1/nodes/n1/usage')).body.families).toHaveLength(1);
  expect((await as('of-n2', 'GET', '/v1/nodes/n1/usage')).status).toBe(403);
  expect((await as('of-n2', 'DELETE', '/v1/allocations/realip/own/eth0')).status).toBe(403);
  expect((await as('of-n2', 'DELETE', '/v1/allocations/realip/none/eth0')).status).toBe(204);
  expect((await as('of-n1', 'DELETE', '/v1/allocations/realip/own/eth0')).status).toBe(204);
});

test('a node reports conflicts as itself, on what it has or could be given', async () => {
  await as('the-admin', 'PUT', '/v1/ranges/of-n2', {
    subnet: 'lan',
    start: '10.9.2.0',
    end: '10.9.2.9',
    node: 'n2',
  });
  await as('the-admin', 'PUT', '/v1/zones/other', { type: 'macvlan' });
  await as('the-admin', 'PUT', '/v1/subnets/other', { zone: 'other', cidr: '10.8.0.0/16' });
  const report = (token: string, ip: string, node = 'n1') =>
    as(token, 'POST', `/v1/addresses/${ip}:conflict`, { node, mac: '52:54:00:12:34:56' });
  expect((await report('of-n1', '10.9.1.9')).status).toBe(200);
  expect((await report('of-n1', '10.9.1.9', 'n2')).status).toBe(403);
  expect((await report('of-n1', '10.9.2.5')).status).toBe(403);
  expect((await report('of-n1', '10.8.0.5')).status).toBe(403);
  expect((await report('the-viewer', '10.9.1.9')).status).toBe(403);
  expect((await report('of-n2', '10.9.2.5', 'n2')).status).toBe(200);
  expect((await report('the-admin', '10.8.0.5')).status).toBe(200);
  const states = ['10.9.1.9', '10.9.2.5', '10.8.0.5'].map(async (ip) => {
    const { body } = await as('the-admin', 'GET', `/v1/addresses/${ip}`);
    return body.state;
  });
  expect(await Promise.all(states)).toEqual(['quarantined', 'quarantined', 'quarantined']);
});

test('the role is asked before the body is read, the node before the rest is validated', async () => {
  const broken = { token: 'the-viewer', raw: '{"node":' };
  expect((await server.call('POST', '/v1/allocations', undefined, broken)).status).toBe(403);
  const nameless = { node: 'n2', colour: 'red' };
  expect((await as('of-n1', 'POST', '/v1/allocations', nameless)).status).toBe(403);
  expect((await as('of-n1', 'POST', '/v1/allocations', { ...nameless, node: 'n1' })).status).toBe(400);
  expect((await as('of-n1', 'POST', '/v1/allocations', { colour: 'red' })).status).toBe(400);
});
