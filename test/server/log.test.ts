import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocate, makeLan, put, request } from './lan.ts';
import { newFolder, type Server, startServer } from './process.ts';

const folder = newFolder();
afterAll(() => folder.remove());

/** The lines of its log so far, once one of them passes. */
async function linesWith(
  server: Server,
  wanted: (line: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>[]> {
  for (;;) {
    const whole = server.stderr.slice(0, server.stderr.lastIndexOf('\n'));
    const lines = whole === '' ? [] : whole.split('\n').map((line) => JSON.parse(line));
    if (lines.some(wanted)) {
      return lines;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const ofRequest = (id: string) => (line: Record<string, unknown>) => line['request'] === id;

test('a server whose log nobody reads any more goes on', async () => {
  const server = await startServer('memory:');
  server.child.stderr.destroy();
  server.child.stdout.destroy();
  // Each edit is a log line: the first that meets the closed pipe used to end the server.
  await makeLan(server);
  expect((await allocate(server, 'c1')).status).toBe(201);
  expect((await server.call('GET', '/healthz')).status).toBe(200);
  expect(await server.stop()).toBe(0);
});

test('a client’s request id is taken when it could forge no line; otherwise the server gives one', async () => {
  const server = await startServer('memory:');
  const idOf = async (sent?: string) => {
    const headers = sent === undefined ? {} : { 'x-request-id': sent };
    return (await server.call('GET', '/v1/zones', undefined, { headers })).headers['x-request-id'];
  };
  expect(await idOf('add-5f0c2a9b1c3d4-mfx2k1a9')).toBe('add-5f0c2a9b1c3d4-mfx2k1a9');
  expect(await idOf('4bf92f35-77b3:4da6_A.7')).toBe('4bf92f35-77b3:4da6_A.7');
  const own = /^srv-[0-9a-z]+-[0-9a-z]+$/;
  for (const bad of ['', 'a b', 'a","level":"error', 'x'.repeat(65), 'é']) {
    expect(await idOf(bad)).toMatch(own);
  }
  expect(await idOf()).toMatch(own);
  expect(await idOf()).not.toBe(await idOf());
  await server.stop();
});

test('that a node has no address left is told once a minute, with node, pod and ranges', async () => {
  const server = await startServer('memory:');
  await makeLan(server, { end: '10.9.1.0' });
  await put(server, '/v1/nodes/n2', { zone: 'real' });
  await allocate(server, 'c1');
  const pod = { namespace: 'shop', name: 'web-0' };
  await server.call('POST', '/v1/allocations', request('c2', { pod }), { headers: { 'x-request-id': 'r2' } });
  await allocate(server, 'c3');
  await server.call('POST', '/v1/allocations:batch', {
    allocate: [request('c4'), request('c5', { node: 'n2' })],
  });
  const lines = await linesWith(server, ({ node }) => node === 'n2');
  expect(lines.filter(({ message }) => message === 'no address left')).toEqual([
    {
      level: 'warn',
      message: 'no address left',
      node: 'n1',
      why: expect.stringContaining('shared (1 of 1 in use)'),
      pod: 'shop/web-0',
      network: 'realip',
      containerId: 'c2',
      ifname: 'eth0',
      request: 'r2',
      alsoSince: 0,
      timestamp: expect.any(String),
    },
    expect.objectContaining({ node: 'n2', containerId: 'c5', alsoSince: 0 }),
  ]);
  await server.stop();
});

test('at debug each allocation and release is told with pod, node, addresses and request, once durable', async () => {
  const server = await startServer('memory:', '--log-level', 'debug');
  await makeLan(server);
  const pod = { namespace: 'shop', name: 'web-0', uid: 'u0' };
  const headers = { 'x-request-id': 'add-c1-1' };
  const { body } = await server.call('POST', '/v1/allocations', request('c1', { pod }), { headers });
  await server.call('DELETE', '/v1/allocations/realip/c1/eth0', undefined, {
    headers: { 'x-request-id': 'del-c1-1' },
  });
  const told = {
    ...{ addresses: ['10.9.1.0'], node: 'n1', pod: 'shop/web-0', mac: '0a:58:0a:09:01:00' },
    ...{ network: 'realip', containerId: 'c1', ifname: 'eth0', generation: body.generation },
    ...{ level: 'debug', actor: 'admin', from: '127.0.0.1' },
  };
  const lines = await linesWith(server, ofRequest('del-c1-1'));
  expect(lines).toContainEqual(
    expect.objectContaining({ ...told, message: 'allocated', request: 'add-c1-1' }),
  );
  expect(lines).toContainEqual(
    expect.objectContaining({ ...told, message: 'released', request: 'del-c1-1' }),
  );
  await server.stop();
});

test('no token is ever logged, nor its hash, however it comes and whatever the level', async () => {
  const [admin, wrong, inBody] = ['admin-token-4711', 'wrong-token-4712', 'body-token-4713'];
  const sha256 = createHash('sha256').update(admin).digest('hex');
  const file = join(folder.path, 'tokens.yaml');
  writeFileSync(file, `tokens: [{tokenSha256: ${sha256}, role: admin}]`);
  const server = await startServer('memory:', '--tokens', file, '--log-level', 'debug');
  await server.call('PUT', '/v1/zones/real', { type: 'macvlan' }, { token: admin });
  await server.call('GET', '/v1/zones', undefined, { token: wrong });
  await server.call('GET', '/v1/zones', undefined, { headers: { authorization: `Basic ${wrong}` } });
  await server.call('PUT', '/v1/zones/x', { token: inBody }, { token: admin });
  await server.call('PUT', '/v1/zones/x', undefined, {
    token: admin,
    raw: `{"token": "${inBody}"`,
    headers: { 'content-type': 'application/json' },
  });
  const headers = { 'x-request-id': 'the-last' };
  await server.call('GET', '/v1/no/such', undefined, { token: admin, headers });
  const lines = await linesWith(server, ofRequest('the-last'));
  expect(lines.length).toBeGreaterThan(4);
  expect(server.stderr).not.toMatch(new RegExp(`${admin}|${wrong}|${inBody}|${sha256}|Bearer|Basic`, 'i'));
  await server.stop();
});
