import { answersOf, Echo, echoPort } from './echo.ts';
import type { Host } from './host.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { type Chain, filtered } from './nft.ts';
import { Plugin } from './plugin.ts';

interface Pod {
  readonly host: Host;
  readonly ip: string;
}

const nodeIp = '10.9.0.11';
const otherIp = '10.9.0.99';
let network: Network;
let ipam: IpamServer;
let echo: Echo;
let macvlan: Pod;
let sibling: Pod;
let ptp: Pod;
let ptpSibling: Pod;

beforeAll(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  const plugin = new Plugin(network.node);
  const added = (id: string, conf: object = {}): Pod => {
    const host = network.pod(id);
    const answer = plugin.add(id, host, { conf });
    expect(answer).toMatchObject({ status: 0 });
    return { host, ip: answer.json.ips[0].address.replace(/\/.*/, '') };
  };
  macvlan = added('macvlan');
  sibling = added('sibling');
  ptp = added('ptp', { dataplane: 'ptp' });
  ptpSibling = added('ptp-sibling', { dataplane: 'ptp' });
  echo = await Echo.start(macvlan.host, 'macvlan');
});

afterAll(async () => {
  await echo?.stop();
  await ipam?.stop();
  network?.remove();
});

const ping = (host: Host, ip: string, seconds: number) =>
  host.run('ping', ['-n', '-c', '1', '-W', `${seconds}`, ip]).status === 0;
/** An answer that must come is waited for. */
const isReached = (host: Host, ip: string) => ping(host, ip, 10);
/** One that must not has a second, beside answers that come in much less. */
const isCut = (host: Host, ip: string) => !ping(host, ip, 1);

/** Rules that let nothing of a pod pass, whichever way it goes. */
const against = ({ ip }: Pod) => [`ip saddr ${ip} drop`, `ip daddr ${ip} drop`];
const forward = (pod: Pod): Chain => ({ type: 'filter hook forward priority filter', rules: against(pod) });
/** The same at each place where netfilter looks at what a host forwards. */
const onTheWay = (pod: Pod): Chain[] => [
  { type: 'filter hook prerouting priority raw', rules: against(pod) },
  forward(pod),
  { type: 'filter hook postrouting priority mangle', rules: against(pod) },
];

test('rules of the node, at each place of its forwarding, stop a ptp pod’s traffic and none of a macvlan pod’s', () => {
  const { node, other } = network;
  expect(isReached(other, ptp.ip)).toBe(true);
  for (const chain of onTheWay(ptp)) {
    expect([chain.type, filtered(node, 'inet', [chain], () => isCut(other, ptp.ip))]).toEqual([
      chain.type,
      true,
    ]);
  }
  expect(filtered(node, 'inet', onTheWay(macvlan), () => isReached(other, macvlan.ip))).toBe(true);
  const iptables = (flag: string) =>
    node.run('iptables', [flag, 'FORWARD', '-d', macvlan.ip, '-j', 'DROP']).status;
  expect(iptables('-I')).toBe(0);
  expect(isReached(other, macvlan.ip)).toBe(true);
  expect(iptables('-D')).toBe(0);
});

test('between node and own pod the node’s rules count in both data planes', () => {
  const { node } = network;
  for (const { host, ip } of [macvlan, ptp]) {
    const incoming = { type: 'filter hook input priority filter', rules: [`ip saddr ${ip} drop`] };
    const outgoing = { type: 'filter hook output priority filter', rules: [`ip daddr ${ip} drop`] };
    expect(isReached(host, nodeIp)).toBe(true);
    expect(filtered(node, 'inet', [incoming], () => isCut(host, nodeIp))).toBe(true);
    expect(filtered(node, 'inet', [outgoing], () => isCut(node, ip))).toBe(true);
  }
});

/** Rules at the master, before what it gets is anybody's and after what it sends was. */
const atMaster = (direction: 'ingress' | 'egress', rule: string): Chain => ({
  type: `filter hook ${direction} device "eth0" priority filter`,
  rules: [rule],
});

test('at the master’s ingress (netdev) rules see all that comes to a macvlan pod, at its egress what it sends to other machines', () => {
  const { node, other } = network;
  filtered(node, 'netdev', [atMaster('ingress', `ip daddr ${macvlan.ip} drop`)], () => {
    expect([other, sibling.host, node].map((host) => isCut(host, macvlan.ip))).toEqual([true, true, true]);
    expect(isReached(other, sibling.ip)).toBe(true);
  });
  filtered(node, 'netdev', [atMaster('egress', `ip saddr ${macvlan.ip} drop`)], () => {
    expect(isCut(other, macvlan.ip)).toBe(true);
    expect([sibling.host, node].map((host) => isReached(host, macvlan.ip))).toEqual([true, true]);
  });
});

test('of a ptp pod the master sees what comes from other machines and goes to them', () => {
  const { node, other } = network;
  const rules = [
    atMaster('ingress', `ip daddr ${ptp.ip} drop`),
    atMaster('egress', `ip saddr ${ptp.ip} drop`),
  ];
  for (const chain of rules) {
    filtered(node, 'netdev', [chain], () => {
      expect([isCut(other, ptp.ip), isReached(node, ptp.ip)]).toEqual([true, true]);
    });
  }
});

test('a switch sees what pods and other machines say to each other, and nothing between pods of one node', () => {
  const { other, node } = network;
  for (const [pod, neighbour] of [
    [macvlan, sibling],
    [ptp, ptpSibling],
  ] as const) {
    expect(isReached(other, pod.ip)).toBe(true);
    filtered(network.switch, 'bridge', [forward(pod)], () => {
      expect([isCut(other, pod.ip), isReached(neighbour.host, pod.ip)]).toEqual([true, true]);
    });
    // On the node there is no bridge that such rules could be of.
    expect(filtered(node, 'bridge', [forward(pod)], () => isReached(other, pod.ip))).toBe(true);
  }
});

test('rules in the pod’s own namespace, as a service mesh makes them, count in both data planes', () => {
  const redirect = {
    type: 'nat hook prerouting priority dstnat',
    rules: [`tcp dport 80 redirect to :${echoPort}`],
  };
  const asked = filtered(macvlan.host, 'inet', [redirect], () => answersOf(network.other, [macvlan.ip]));
  expect(asked[`tcp ${macvlan.ip}`]).toBe(`macvlan ${otherIp}`);
  for (const { host } of [macvlan, ptp]) {
    const outgoing = { type: 'filter hook output priority filter', rules: [`ip daddr ${otherIp} drop`] };
    expect(isReached(host, otherIp)).toBe(true);
    expect(filtered(host, 'inet', [outgoing], () => isCut(host, otherIp))).toBe(true);
  }
});
