import { setTimeout as sleep } from 'node:timers/promises';
import { slowness } from '../../netlink/testing/slowness.ts';
import { Capture } from '../kernel/capture.ts';
import { documentedIn } from '../monitoring/known-metrics.ts';
import { until } from '../server/until.ts';
import { addressesOf } from './agent-node.ts';
import { Site, type SiteOptions } from './site.ts';

let site: Site;
afterEach(() => site.close());

/** A LAN whose agents run, with four addresses ready each. */
async function open(options: SiteOptions = {}): Promise<void> {
  site = await Site.open({ cooldownSeconds: 0, ...options });
  for (const node of site.nodes) {
    await node.startAgent();
    await node.reserveReady(4);
  }
}

/** A host of the LAN that is none of ours takes an address and tells so. @returns its MAC */
function claim(ip: string): string {
  const { other } = site;
  other.ip(`address add ${ip}/16 dev eth0`);
  other.run('arping', ['-A', '-c', '1', '-I', 'eth0', ip]);
  return other.ask('link show eth0')[0].address;
}

async function metric(sample: string, node = site.node): Promise<number> {
  const { text } = await node.call('GET', '/metrics');
  const line = text.split('\n').find((each) => each.startsWith(`${sample} `));
  return Number(line?.slice(sample.length + 1) ?? Number.NaN);
}

const serverCount = async () => {
  const { text } = await site.server.call('GET', '/metrics');
  return Number(/^realip_ipam_conflicts_total (\d+)/m.exec(text)?.[1]);
};

test('an address of the reserve that a rogue host claims is counted, quarantined with its MAC, and never given', async () => {
  await open();
  const { node, server } = site;
  const [victim = ''] = node.ready();
  const mac = claim(victim);
  const counted = () => metric('realip_agent_conflicts_total{what="reserve"}');
  await until('the agent counts it', async () => (await counted()) === 1, 5_000);
  await until('it is in quarantine', async () => (await server.address(victim)).state === 'quarantined');
  expect((await server.address(victim)).why).toContain(mac);
  expect(await serverCount()).toBe(1);
  const given = ['a', 'b', 'c', 'd', 'e'].flatMap((id) => addressesOf(node.add(id)));
  expect(given.length).toBe(5);
  expect(given).not.toContain(victim);
  expect(node.agent.output).toContain(mac);
});

test('a living pod keeps its address when another host claims it; when the pod goes it is quarantined', async () => {
  await open();
  const { node, server } = site;
  const [ip = ''] = addressesOf(node.add('a'));
  await until('the server knows the pod', async () => (await server.address(ip)).state === 'allocated');
  const mac = claim(ip);
  const counted = () => metric('realip_agent_conflicts_total{what="in-use"}');
  await until('the agent counts it', async () => (await counted()) === 1, 5_000);
  await until('the server counts it', async () => (await serverCount()) === 1, 5_000);
  expect(await server.address(ip)).toMatchObject({ state: 'allocated', why: expect.stringContaining(mac) });
  const { items } = await server.ask('GET', '/v1/events?limit=1000');
  expect(items.some((event: { type: string }) => event.type.includes('conflict'))).toBe(true);
  expect(node.check('a').status).toBe(0);
  expect(node.del('a').status).toBe(0);
  await until('it is in quarantine', async () => (await server.address(ip)).state === 'quarantined');
});

test('a conflict that is seen while the server is away is told when it is back, by the next agent, too', async () => {
  await open();
  const { node, server } = site;
  await server.fail('killed');
  const [ip = ''] = addressesOf(node.add('a'));
  claim(ip);
  const counted = () => metric('realip_agent_conflicts_total{what="in-use"}');
  await until('the agent counts it', async () => (await counted()) === 1, 5_000);
  await node.killAgent();
  await node.startAgent();
  expect(node.del('a').status).toBe(0);
  await server.recover();
  await until('it is in quarantine', async () => (await server.address(ip)).state === 'quarantined', 30_000);
});

test('pods that come and go, with what they send, are no conflicts', async () => {
  await open();
  const { node } = site;
  for (const id of ['a', 'b', 'c']) {
    expect(node.add(id).status).toBe(0);
  }
  for (const id of ['a', 'b', 'c']) {
    expect(node.del(id).status).toBe(0);
  }
  // A claim that is heard marks the end of the wait.
  const [victim = ''] = node.ready();
  claim(victim);
  await until(
    'it is counted',
    async () => (await metric('realip_agent_conflicts_total{what="reserve"}')) === 1,
  );
  expect(await metric('realip_agent_conflicts_total{what="in-use"}')).toBe(0);
});

test('a pod’s address is announced a second time within 2.5 s, by the pod’s MAC', async () => {
  await open();
  const { node, other } = site;
  const capture = await Capture.start(other, 'eth0', 'arp');
  const added = node.add('a');
  const [ip = ''] = addressesOf(added);
  const { mac } = added.json.interfaces.find(({ sandbox }: { sandbox?: string }) => sandbox);
  await sleep(2_500 * slowness());
  const announced = (await capture.stop({ timed: true })).filter(
    (line) => line.includes(` ${mac} > `) && line.includes(`who-has ${ip} `) && line.includes(`tell ${ip}`),
  );
  expect(announced.length).toBe(2);
  const [first = 0, second = 0] = announced.map((line) => Number(line.split(' ')[0]));
  expect(second - first).toBeLessThan(2.5 * slowness());
});

test('what is heard on the network, and what this node shows it, is told by metrics', async () => {
  await open();
  const { node, other } = site;
  expect(node.add('a').status).toBe(0);
  expect(node.add('b').status).toBe(0);
  other.run('arping', ['-A', '-c', '3', '-I', 'eth0', '10.9.0.99']);
  const heard = () => metric('realip_agent_broadcasts_heard_total{interface="eth0",kind="arp"}');
  await until('the broadcasts are counted', async () => (await heard()) >= 3, 15_000);
  const { text } = await node.call('GET', '/metrics');
  const shown = [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name);
  expect(shown.sort()).toEqual(documentedIn('agent.md').sort());
  expect(await metric('realip_agent_watched_interfaces')).toBe(1);
  expect(await metric('realip_agent_macs_shown')).toBe(3);
  expect(await metric('realip_agent_macs_heard{interface="eth0"}')).toBeGreaterThanOrEqual(1);
  expect(await metric('realip_agent_frames_dropped_total{interface="eth0"}')).toBe(0);
});

test('a host that asks whether a ptp pod’s address is free is told by its node that it is not', async () => {
  await open({ conf: { dataplane: 'ptp' } });
  const { node, other } = site;
  const [ip = ''] = addressesOf(node.add('a'));
  const { status, stdout } = other.run('arping', ['-D', '-I', 'eth0', '-c', '2', '-w', '2', ip]);
  const [{ address: mac }] = node.host.ask('link show eth0');
  expect(stdout).toContain(`Unicast reply from ${ip} [${mac.toUpperCase()}]`);
  expect(status).toBe(1);
  await until('it is counted', async () => (await metric('realip_agent_probes_answered_total')) >= 1, 15_000);
  expect(await metric('realip_agent_macs_shown')).toBe(1);
  expect(await metric('realip_agent_conflicts_total{what="in-use"}')).toBe(0);
});

test('an address that moves to another node, as a pod’s own does, is nobody’s conflict', async () => {
  await open({ nodes: 2 });
  const { node, secondNode, server } = site;
  await server.ask('PUT', '/v1/reservations/web', {
    addresses: ['10.9.7.7'],
    pod: { namespace: 'shop', name: 'web-0' },
  });
  const args = 'IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-0';
  for (const [at, id] of [
    [node, 'a'],
    [secondNode, 'b'],
    [node, 'c'],
  ] as const) {
    // The reservation reaches the agent with the next answer about its reserve; before that the pod gets another.
    await until(`${id} gets its own address`, () => {
      const added = at.add(id, { args });
      if (addressesOf(added)[0] === '10.9.7.7') {
        return true;
      }
      at.del(id, { args });
      return false;
    });
    expect(at.del(id, { args }).status).toBe(0);
  }
  for (const each of [node, secondNode]) {
    for (const what of ['reserve', 'in-use', 'behind-node']) {
      expect(await metric(`realip_agent_conflicts_total{what="${what}"}`, each)).toBe(0);
    }
  }
});

test('a pod that was never released, and still speaks by its address’s own MAC, is a conflict of its next holder', async () => {
  await open({ nodes: 2 });
  const { node, other } = site;
  const added = node.add('a');
  const [ip = ''] = addressesOf(added);
  const { mac } = added.json.interfaces.find(({ sandbox }: { sandbox?: string }) => sandbox);
  other.ip(`link add twin link eth0 address ${mac} type macvlan mode bridge`);
  other.ip('link set twin up');
  other.ip(`address add ${ip}/32 dev twin`);
  other.run('arping', ['-A', '-c', '1', '-I', 'twin', ip]);
  const counted = () => metric('realip_agent_conflicts_total{what="in-use"}');
  await until('the agent counts it', async () => (await counted()) === 1, 5_000);
  expect(node.agent.output).toContain(mac);
});

/** ARPs to all for other addresses, from 5,000 MACs, a hundred at a time. */
const flood = (count: number) => `
import socket, struct, time
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(('eth0', 0))
for n in range(${count}):
    mac = b'\\x02\\x00' + struct.pack('>I', n % 5000)
    who = socket.inet_aton('10.9.200.%d' % (n % 250))
    ask = struct.pack('>HHBBH', 1, 0x800, 6, 4, 1) + mac + who + bytes(6) + socket.inet_aton('10.9.0.1')
    wire.send(b'\\xff' * 6 + mac + b'\\x08\\x06' + ask)
    if n % 100 == 0:
        time.sleep(0.01)
`;

test('a storm of broadcasts is counted whole, told once in the log, and hides no claim', async () => {
  await open();
  const { node, other } = site;
  const [ip = ''] = addressesOf(node.add('a'));
  expect(other.run('python3', ['-c', flood(30_000)]).status).toBe(0);
  claim(ip);
  const counted = () => metric('realip_agent_conflicts_total{what="in-use"}');
  await until('the agent counts the claim', async () => (await counted()) === 1, 5_000);
  await until('the log tells of the storm', () => node.agent.output.includes('louder than is good'), 25_000);
  const heard = () => metric('realip_agent_broadcasts_heard_total{interface="eth0",kind="arp"}');
  await until('all are counted', async () => (await heard()) >= 30_000, 15_000);
  expect(await metric('realip_agent_macs_heard{interface="eth0"}')).toBeGreaterThanOrEqual(5_000);
  expect(await metric('realip_agent_frames_dropped_total{interface="eth0"}')).toBe(0);
});
