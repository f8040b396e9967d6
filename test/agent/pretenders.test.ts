import { until } from '../server/until.ts';
import { addressesOf } from './agent-node.ts';
import { Site } from './site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.open({ nodes: 2, cooldownSeconds: 0 });
  for (const node of site.nodes) {
    await node.startAgent();
    await node.reserveReady(4);
  }
}, 400_000);
afterAll(() => site?.close());

async function conflicts(node: Site['node']): Promise<number> {
  const { text } = await node.call('GET', '/metrics');
  return Number(/^realip_agent_conflicts_total\{what="in-use"\} (\d+)/m.exec(text)?.[1]);
}

/** What a pod with CAP_NET_ADMIN can do: takes another's address, and tells so. */
function claim(node: Site['node'], id: string, ip: string): void {
  const { host } = node.sandbox(id);
  host.ip(`address add ${ip}/16 dev eth0`);
  host.run('arping', ['-A', '-c', '1', '-I', 'eth0', ip]);
  host.ip(`address del ${ip}/16 dev eth0`);
}

test('a pod that claims the address of another node’s pod is told with its MAC; towards its own node’s pods it is not heard', async () => {
  const { node: first, secondNode: second, server } = site;
  const [victim = ''] = addressesOf(first.add('victim'));
  expect(first.add('neighbour').status).toBe(0);
  expect(second.add('stranger').status).toBe(0);
  await until('the server knows the pod', async () => (await server.address(victim)).state === 'allocated');
  claim(first, 'neighbour', victim);
  // What is heard afterwards marks the end of the wait.
  claim(second, 'stranger', victim);
  await until('the victim’s agent counts it', async () => (await conflicts(first)) > 0, 10_000);
  expect([await conflicts(first), await conflicts(second)]).toEqual([1, 0]);
  const mac = second.sandbox('stranger').host.ask('link show eth0')[0].address;
  await until('the ledger has the MAC', async () => ((await server.address(victim)).why ?? '').includes(mac));
  // It stays with its owner, and both pods live on: this is told, not prevented.
  expect(await server.address(victim)).toMatchObject({ state: 'allocated' });
}, 400_000);
