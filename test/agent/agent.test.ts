import { until } from '../server/until.ts';
import { addressesOf } from './agent-node.ts';
import { Site } from './site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.open({ dualStack: true, cooldownSeconds: 0 });
});
afterAll(() => site?.close());

test('a pod gets a probed address of the reserve, the server learns of it, and of its end', async () => {
  const { node, server } = site;
  await node.startAgent();
  await node.reserveReady(8);
  const added = node.add('a');
  expect(added.status).toBe(0);
  const [ipv4 = '', ipv6 = ''] = addressesOf(added);
  expect(node.ready()).not.toContain(ipv4);
  const stateOf = async (ip: string) => (await server.ask('GET', `/v1/addresses/${ip}`)).state;
  await until('the server has recorded it', async () => (await stateOf(ipv4)) === 'allocated');
  expect(await stateOf(ipv6)).toBe('allocated');
  expect(node.del('a').status).toBe(0);
  await until('the server knows of its end', async () => (await stateOf(ipv4)) !== 'allocated');
  const { items } = await server.ask('GET', '/v1/allocations?node=n1');
  expect(items).toEqual([]);
  expect(node.status()).toMatchObject({ attachments: 0, journal: 0 });
});
