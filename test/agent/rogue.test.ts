import { slowness } from '../../netlink/testing/slowness.ts';
import { until } from '../server/until.ts';
import { addressesOf } from './agent-node.ts';
import { Site } from './site.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.open({ dualStack: true });
  await site.node.startAgent('--reserve', '4');
  await site.node.reserveReady(8);
}, 400_000);
afterAll(() => site?.close());

/** Another host takes an address and uses it, as any host does; @returns its MAC */
function claim(ip: string): string {
  const { other } = site;
  if (ip.includes(':')) {
    // Told after its own detection, which hears no objection: nobody has the address.
    other.sysctl('net/ipv6/conf/eth0/ndisc_notify', '1');
    other.ip(`address add ${ip}/128 dev eth0`);
  } else {
    other.ip(`address add ${ip}/32 dev eth0`);
    other.ip('neigh flush all');
    other.run('ping', ['-n', '-c', '1', '-W', '1', '-I', ip, '10.9.0.1']);
  }
  return other.ask('link show eth0')[0].address;
}

function give(ip: string): void {
  site.other.ip(`address delete ${ip}/${ip.includes(':') ? '128' : '32'} dev eth0`);
}

const sum = (text: string, name: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith(name))
    .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);

async function counts() {
  const agent = await site.node.call('GET', '/metrics');
  const server = await site.server.call('GET', '/metrics');
  const { items } = await site.server.ask('GET', '/v1/events?limit=1000');
  return {
    agent: sum(agent.text, 'realip_agent_conflicts_total'),
    server: sum(server.text, 'realip_ipam_conflicts_total'),
    events: items.filter(({ type }: { type: string }) => type.includes('conflict')).length,
  };
}

async function expectCounted(before: Awaited<ReturnType<typeof counts>>): Promise<void> {
  await until('the claim is counted by agent and server, and told as an event', async () => {
    const now = await counts();
    return now.agent > before.agent && now.server > before.server && now.events > before.events;
  });
}

test.each(['10.9.', 'fd00:'])(
  'a rogue host that claims a reserved address of %s is caught before any pod has it',
  async (start) => {
    const { node, server } = site;
    const ip = node.ready().find((each) => each.startsWith(start)) ?? '';
    const before = await counts();
    const began = performance.now();
    const mac = claim(ip);
    await expectCounted(before);
    await until(
      'it is in quarantine',
      async () => (await server.address(ip)).state === 'quarantined',
      10_000,
    );
    expect(performance.now() - began).toBeLessThan(10_000 * slowness());
    expect((await server.address(ip)).why).toContain(mac);
    expect(node.ready()).not.toContain(ip);
    await node.reserveReady(8);
    const ids = Array.from({ length: 6 }, (_, index) => `p${index}`);
    const given = ids.flatMap((id) => addressesOf(node.add(id)));
    expect(given).toHaveLength(12);
    expect(given).not.toContain(ip);
    for (const id of ids) {
      node.del(id);
    }
    give(ip);
    await site.settled();
  },
);

test('a claim on a pod’s address is counted within 5 s, and the address is in quarantine after the pod', async () => {
  const { node, server } = site;
  const [ip = ''] = addressesOf(node.add('victim'));
  const before = await counts();
  const mac = claim(ip);
  await expectCounted(before);
  expect((await server.address(ip)).state).toBe('allocated');
  expect(node.status().conflicts).toMatchObject([{ address: ip }]);
  node.del('victim');
  await until('it is in quarantine', async () => (await server.address(ip)).state === 'quarantined', 10_000);
  expect((await server.address(ip)).why).toContain(mac);
  give(ip);
  await site.settled();
}, 400_000);
