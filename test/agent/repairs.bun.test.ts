import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test';
import { KernelCensus } from '../../cni/agent/census/kernel-census.bun.ts';
import { KernelRepairs } from '../../cni/agent/repair/kernel-repairs.bun.ts';
import { Notes } from '../../cni/agent/repair/notes.ts';
import { libc } from '../../netlink/libc.bun.ts';
import { Netns } from '../../netlink/netns.bun.ts';
import { reasonToSkip } from '../../netlink/testing/scratch-netns.bun.ts';
import type { Host } from '../kernel/host.ts';
import { IpamServer } from '../kernel/ipam.ts';
import { Network } from '../kernel/network.ts';
import { Plugin } from '../kernel/plugin.ts';

const CLONE_NEWNET = 0x40000000;
const home = Netns.own();
const isSkipped = reasonToSkip() !== undefined;
const run = test.skipIf(isSkipped);

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;
let count = 0;
let now = 1_000_000;
const added: { id: string; pod: Host; conf: object }[] = [];

/** What repairs is asked from within the node's namespace, and takes its time: the thread must be there meanwhile. */
beforeAll(async () => {
  if (isSkipped) {
    return;
  }
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  ipam.prepareIpv6();
  plugin = new Plugin(network.node);
  const node = Netns.open(network.node.path);
  libc().setns(node.fd, CLONE_NEWNET);
  node.close();
});

afterEach(() => {
  for (const { id, pod, conf } of added.splice(0)) {
    plugin.del(id, pod.path, { conf });
    pod.remove();
  }
});

afterAll(async () => {
  libc().setns(home.fd, CLONE_NEWNET);
  await ipam?.stop();
  network?.remove();
});

/** The two in turn, as the agent has them. */
class Rounds {
  readonly said: string[] = [];
  readonly notes = new Notes({
    info: (words) => this.said.push(words),
    warn: (words) => this.said.push(words),
  });
  readonly census = new KernelCensus({ now: () => now, isDelegated: () => false });
  readonly repairs: KernelRepairs;

  constructor(mtuOf: (network: string) => number | undefined = () => undefined) {
    this.repairs = new KernelRepairs({ master: 'eth0', mtuOf }, this.notes);
  }

  async round(): Promise<void> {
    now += 10_000;
    const isWhole = this.repairs.wantsWhole(this.census.links);
    const sight = await this.census.look(isWhole);
    this.repairs.mend({ links: this.census.links, isWhole: sight.isWhole });
  }

  async rounds(many: number): Promise<void> {
    for (let round = 0; round < many; round++) {
      await this.round();
    }
  }

  repaired(): object {
    return Object.fromEntries([...this.notes.repairs].filter(([, times]) => times > 0));
  }

  faults(): object {
    return Object.fromEntries([...this.notes.faults].filter(([, words]) => words.length > 0));
  }
}

function add(conf: object = {}): { id: string; pod: Host; ips: string[] } {
  const id = `r${++count}`;
  const pod = network.pod(id);
  const answer = plugin.add(id, pod, { conf });
  expect(answer.status).toBe(0);
  added.push({ id, pod, conf });
  return {
    id,
    pod,
    ips: answer.json.ips.map(({ address }: { address: string }) => address.replace(/\/.*/, '')),
  };
}

/** The pod goes without a DEL. */
function lose(id: string): void {
  const at = added.findIndex((each) => each.id === id);
  added.splice(at, 1)[0]?.pod.remove();
}

const shim = () => network.node.ask('link show type macvlan')[0];
const reaches = (ips: readonly string[]) => ips.every((ip) => network.node.reaches(ip));
const mtu = (pod: Host) => pod.ask('link show eth0')[0].mtu;

run('a node on which all is well is left as it is, and nothing is told', async () => {
  const pods = [add(), add({ dataplane: 'ptp' }), add({ mode: 'private', hostAccess: 'veth' })];
  const before = network.node.ask('route show table all proto 82');
  const rounds = new Rounds();
  await rounds.rounds(4);
  expect(rounds.said).toEqual([]);
  expect(network.node.ask('route show table all proto 82')).toEqual(before);
  expect(pods.every(({ ips }) => reaches(ips))).toBe(true);
});

run.each([
  ['deleted', () => network.node.ip(`link delete ${shim().ifname}`)],
  ['put down', () => network.node.ip(`link set ${shim().ifname} down`)],
])(
  'a shim that was %s is back, and leads to the pods, for an agent that has just started too',
  async (_, harm) => {
    const { ips } = add();
    harm();
    const rounds = new Rounds();
    await rounds.round();
    expect(rounds.repaired()).toMatchObject({ shim: 1 });
    expect(reaches(ips)).toBe(true);
    await rounds.rounds(2);
    expect(rounds.repaired()).toEqual({ shim: 1 });
  },
);

run('a route or a neighbour of a pod that was lost is put back, of this pod alone', async () => {
  const [{ ips }, other] = [add(), add()];
  const rounds = new Rounds();
  await rounds.round();
  network.node.ip(`route delete ${ips[0]}`);
  network.node.ip(`neigh delete ${ips[1]} dev ${shim().ifname}`);
  await rounds.rounds(3);
  expect(rounds.repaired()).toEqual({ 'host-way': 2 });
  expect(reaches([...ips, ...other.ips])).toBe(true);
});

run('without hostAccess no shim is made', async () => {
  const { pod } = add({ hostAccess: 'none' });
  const before = network.node.ask('link show').length;
  const rounds = new Rounds();
  await rounds.rounds(2);
  expect(network.node.ask('link show')).toHaveLength(before);
  expect(rounds.said).toEqual([]);
  expect(pod.ask('link show eth0')).toHaveLength(1);
});

run('routes and neighbours of a pod whose namespace was deleted go, and a living pod’s stay', async () => {
  const [gone, stays] = [add(), add()];
  const rounds = new Rounds();
  await rounds.round();
  lose(gone.id);
  const left = () =>
    [
      ...network.node.ask('route show table all proto 82'),
      ...network.node.ask('neigh show nud permanent'),
    ].filter(({ dst }) => gone.ips.includes(dst));
  expect(left()).toHaveLength(4);
  await rounds.round();
  expect(left()).toHaveLength(4);
  await rounds.round();
  expect(left()).toEqual([]);
  expect(rounds.repaired()).toEqual({ 'leftover-way': 2 });
  expect(reaches(stays.ips)).toBe(true);
});

run('a node whose master was down answers again for the pods behind it', async () => {
  const { ips } = add({ dataplane: 'ptp' });
  const rounds = new Rounds();
  await rounds.round();
  const proxies = () => network.node.ask('neigh show proxy').map(({ dst }) => dst);
  network.node.ip('link set eth0 down');
  network.node.ip('link set eth0 up');
  network.node.ip('address add fd00:9::11/64 dev eth0 nodad');
  network.node.ip('route add default via 10.9.0.1');
  expect(proxies()).toEqual([]);
  await rounds.rounds(2);
  expect(proxies().toSorted()).toEqual(ips.toSorted());
  expect(rounds.repaired()).toMatchObject({ proxy: 2 });
});

run('what the node answered for a pod that is gone, it answers no more', async () => {
  const { id, ips } = add({ dataplane: 'ptp' });
  const rounds = new Rounds();
  await rounds.round();
  lose(id);
  const left = () => network.node.ask('neigh show proxy').filter(({ dst }) => ips.includes(dst));
  expect(left()).toHaveLength(2);
  // The kernel takes the pair a moment after the namespace.
  for (let tries = 0; tries < 100 && left().length > 0; tries++) {
    await rounds.rounds(2);
    await Bun.sleep(20);
  }
  expect(left()).toEqual([]);
});

run(
  'a pod’s MTU that was lowered with the master’s comes back with it; a smaller one that was wished stays',
  async () => {
    const [usual, small] = [add(), add({ mtu: 1300 })];
    const rounds = new Rounds();
    await rounds.round();
    network.node.ip('link set eth0 mtu 1280');
    await rounds.rounds(2);
    expect([mtu(usual.pod), mtu(small.pod)]).toEqual([1280, 1280]);
    expect(rounds.faults()).toEqual({ 'mtu-lowered': [expect.stringContaining('2 pods')] });
    network.node.ip('link set eth0 mtu 1500');
    await rounds.rounds(2);
    expect([mtu(usual.pod), mtu(small.pod)]).toEqual([1500, 1300]);
    expect(shim().mtu).toBe(1500);
    expect(rounds.repaired()).toMatchObject({ mtu: 2 });
    expect(rounds.faults()).toEqual({});
  },
);

run('a master that is renamed is told and followed, and its pods’ ways are still kept', async () => {
  const { ips } = add();
  const rounds = new Rounds();
  await rounds.round();
  network.node.ip('link set eth0 down');
  network.node.ip('link set eth0 name lan0');
  network.node.ip('link set lan0 up');
  try {
    await rounds.round();
    expect(rounds.repairs.master).toBe('lan0');
    expect(rounds.faults()).toEqual({ 'master-renamed': [expect.stringContaining('lan0')] });
    network.node.ip(`neigh delete ${ips[0]} dev ${shim().ifname}`);
    await rounds.rounds(3);
    expect(network.node.ask('neigh show nud permanent').map(({ dst }) => dst)).toContain(ips[0]);
  } finally {
    network.node.ip('link set lan0 down');
    network.node.ip('link set lan0 name eth0');
    network.node.ip('link set eth0 up');
  }
  await rounds.round();
  expect(rounds.faults()).toEqual({});
});

run('a master that is gone is told, and one that comes in its place', async () => {
  const { pod } = add();
  const rounds = new Rounds();
  await rounds.round();
  network.switch.ip('link delete node');
  await rounds.rounds(2);
  expect(rounds.faults()).toEqual({ 'master-gone': [expect.stringContaining('eth0')] });
  expect(pod.ask('link show eth0')).toEqual([]);
  network.switch.ip(`link add node type veth peer name eth0 netns ${network.node.name}`);
  await rounds.round();
  expect(rounds.faults()).toEqual({ 'master-replaced': [expect.stringContaining('eth0')] });
});
