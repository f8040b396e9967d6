import { chmodSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { slowness } from '../../netlink/testing/slowness.ts';
import { until } from '../server/until.ts';
import { outages } from './far-server.ts';
import { Program } from './program.ts';
import { Site } from './site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.open();
  await site.node.startAgent('--reserve', '4');
}, 400_000);
afterAll(() => site?.close());

const realip = new URL('../../dist/realip', import.meta.url).pathname;

test('a second agent on a live socket ends with a message, and the first goes on', async () => {
  const { node } = site;
  const second = new Program(node.host, node.agentCommand(), join(site.folder, 'second.log'));
  expect(await second.ended()).toBeGreaterThan(0);
  expect(second.output).toContain(node.socket);
  expect(second.output).not.toMatch(/^\s+at /m);
  expect(node.status().node).toBe('n1');
});

test('the socket is root’s alone: another user gets no connection', () => {
  const { node } = site;
  expect(statSync(node.socket)).toMatchObject({ uid: 0, mode: 0o140600 });
  for (const folder of [site.folder, join(site.folder, 'n1')]) {
    chmodSync(folder, 0o755);
  }
  const curl = ['curl', '-sS', '-m', '10', '--unix-socket', node.socket, 'http://agent/healthz'];
  const asNobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', ...curl];
  expect(node.host.run('setpriv', asNobody)).toMatchObject({ status: 7, stdout: '' });
  expect(node.host.run('curl', curl.slice(1)).status).toBe(0);
});

test('the socket of an agent that was killed is taken over', async () => {
  const { node } = site;
  await node.killAgent();
  expect(existsSync(node.socket)).toBe(true);
  await node.startAgent();
  expect(node.status().node).toBe('n1');
});

test('SIGTERM ends it within 5 s, with status 0, also while a pod waits', async () => {
  const { node } = site;
  expect(await node.agent.end('SIGTERM')).toMatchObject({ status: 0 });
  await node.startAgent();
  const waiting = node.addBeside('waiting');
  const { status, milliseconds } = await node.agent.end('SIGTERM');
  expect(status).toBe(0);
  expect(milliseconds).toBeLessThan(5000 * slowness());
  await waiting;
  node.del('waiting');
  await node.startAgent();
  await site.settled();
});

test.each(outages)('SIGTERM ends it within 5 s while the server is %s', async (outage) => {
  const { node, server } = site;
  await server.fail(outage);
  node.add('p');
  node.del('p');
  const { status, milliseconds } = await node.agent.end('SIGTERM');
  expect(status).toBe(0);
  expect(milliseconds).toBeLessThan(5000 * slowness());
  await server.recover();
  await node.startAgent();
});

test('`realip agent status` has a table with the words of its JSON; without an agent it fails and says so', async () => {
  const { node } = site;
  await node.reserveReady(4);
  const status = (...flags: string[]) =>
    node.host.run(realip, ['agent', 'status', '--socket', node.socket, ...flags]);
  const json = JSON.parse(status('-o', 'json').stdout);
  expect(Object.keys(json)).toEqual(
    expect.arrayContaining(['node', 'reserve', 'journal', 'attachments', 'lastSync', 'conflicts']),
  );
  expect(json).toMatchObject({ node: 'n1', lastSync: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) });
  const table = status();
  expect(table.status).toBe(0);
  for (const { address, subnet, state, probedAt } of json.reserve) {
    // One that has just come has not been probed yet.
    expect(probedAt === undefined ? 'never' : probedAt).toMatch(
      state === 'ready' ? /^\d{4}-\d\d-\d\dT/ : /^never|^\d{4}-/,
    );
    expect(table.stdout).toMatch(new RegExp(`${address.replaceAll('.', '\\.')}.*${subnet}.*${state}`));
  }
  for (const word of [
    'address',
    'subnet',
    'state',
    'probedAt',
    'journal',
    'attachments',
    'lastSync',
    'conflicts',
  ]) {
    expect(table.stdout).toContain(word);
  }
  await node.agent.end('SIGTERM');
  const away = status('-o', 'json');
  expect(away.status).not.toBe(0);
  expect(away.stderr).toContain(node.socket);
  expect(away.stderr).not.toMatch(/^\s+at /m);
  await node.startAgent();
});

test('it is ready for calls while the server is away, and says what it waits for', async () => {
  const { node, server } = site;
  await node.agent.end('SIGTERM');
  await server.fail('killed');
  const began = performance.now();
  await node.startAgent();
  expect(performance.now() - began).toBeLessThan(5000 * slowness());
  const { status, text } = await node.call('GET', '/readyz');
  expect(status).toBe(200);
  expect(text).toContain('10.9.0.5');
  await server.recover();
  await until(
    'it waits for nothing',
    async () => !(await node.call('GET', '/readyz')).text.includes('10.9.0.5'),
    30_000,
  );
}, 400_000);

test('what is wrong with a call over the socket is answered as a problem with a code', async () => {
  const { node } = site;
  const good = { node: 'n1', network: 'real', containerId: 'c', ifname: 'eth0' };
  const post = (body: object) => node.call('POST', '/v1/allocations', { body });
  const refused = [
    await post({ ...good, colour: 'red' }),
    await post({ ...good, containerId: '../c' }),
    await post({ ...good, node: 'n2' }),
    await node.call('POST', '/v1/allocations', { raw: '{', headers: { 'content-type': 'application/json' } }),
    await node.call('GET', '/v1/nothing'),
    await node.call('PUT', '/v1/allocations', { body: good }),
  ];
  for (const { status, headers, body } of refused) {
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(body).toMatchObject({
      status,
      code: expect.stringMatching(/^[A-Z][A-Z_]+$/),
      title: expect.any(String),
    });
  }
  expect(refused.map(({ status }) => status)).toEqual([400, 400, expect.any(Number), 400, 404, 405]);
  expect(refused[0]?.text).toContain('colour');
  await site.settled();
});
