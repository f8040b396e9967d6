import { readFileSync, writeFileSync } from 'node:fs';
import { slowness } from '../../netlink/testing/slowness.ts';
import { until } from '../server/until.ts';
import { Site } from './site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.open({ nodes: 2 });
}, 400_000);
afterAll(() => site?.close());

const lastSync = () => site.node.status().lastSync ?? '';

test('a server that is a black hole holds up the first call alone; the second one of the list is asked', async () => {
  const { node, server } = site;
  // Nobody has this address.
  await node.startAgent('--server', `http://10.9.0.77:8080,${server.url}`, '--reserve', '4');
  await node.reserveReady(4, 20_000);
  const answer = node.add('a');
  expect(answer.status).toBe(0);
  expect(answer.milliseconds).toBeLessThan(1_000 * slowness());
  node.del('a');
  await site.settled();
}, 400_000);

test('a pod that only the server can judge waits less than a second and a half for a server that is silent', async () => {
  const { node, server } = site;
  await server.fail('black-holed');
  const body = { node: 'n1', network: 'real', containerId: 'b', ifname: 'eth0', addresses: ['10.9.1.200'] };
  const began = performance.now();
  const { status, body: problem } = await node.call('POST', '/v1/allocations', { body });
  expect({ status, code: problem.code }).toEqual({ status: 503, code: 'AGENT_SERVER_AWAY' });
  expect(performance.now() - began).toBeLessThan(1_500 * slowness());
  const again = performance.now();
  await node.call('POST', '/v1/allocations', { body });
  expect(performance.now() - again).toBeLessThan(200 * slowness());
  await server.recover();
  await until('the server is found back', () => Reflect.get(node.status(), 'server') === 'up', 5_000);
  const { status: given } = await node.call('POST', '/v1/allocations', { body });
  expect(given).toBe(201);
  await node.call('DELETE', '/v1/allocations/real/b/eth0');
  await site.settled();
}, 400_000);

test('a token that is replaced counts from the next call on', async () => {
  const { node, server } = site;
  const file = server.tokenFile('n1');
  const good = readFileSync(file, 'utf8');
  writeFileSync(file, 'a-token-that-nobody-has');
  await until('the server refuses the agent', () => node.agent.output.includes('sync failed'), 25_000);
  expect(node.agent.output).toContain('TOKEN_MISSING');
  const refused = lastSync();
  writeFileSync(file, good);
  await until('it syncs again', () => lastSync() > refused, 25_000);
}, 400_000);

test('an agent registers its node in the zone that it is told, and again where the ledger forgot it', async () => {
  const { secondNode, server } = site;
  await server.ask('DELETE', '/v1/ranges/lan-n2');
  await server.ask('DELETE', '/v1/nodes/n2');
  await secondNode.startAgent('--zone', 'real');
  await until('it is registered', async () => (await server.call('GET', '/v1/nodes/n2')).status === 200);
  await server.ask('DELETE', '/v1/nodes/n2');
  expect((await server.call('GET', '/v1/nodes/n2')).status).toBe(404);
  await until(
    'it is registered again',
    async () => (await server.call('GET', '/v1/nodes/n2')).status === 200,
    30_000,
  );
}, 400_000);
