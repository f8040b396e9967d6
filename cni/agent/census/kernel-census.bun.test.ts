import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { libc } from '../../../netlink/libc.bun.ts';
import { Netns } from '../../../netlink/netns.bun.ts';
import { reasonToSkip, ScratchNetns } from '../../../netlink/testing/scratch-netns.bun.ts';
import { KernelCensus } from './kernel-census.bun.ts';

const CLONE_NEWNET = 0x40000000;
const home = Netns.own();
let node: ScratchNetns;
let now = 1_000_000;
const pods: ScratchNetns[] = [];

const isSkipped = reasonToSkip() !== undefined;
const run = test.skipIf(isSkipped);

/** The census asks which namespace it stands in itself, and takes its time: the thread must be there meanwhile. */
beforeAll(() => {
  if (!isSkipped) {
    node = new ScratchNetns();
    node.addUplink();
    libc().setns(node.netns.fd, CLONE_NEWNET);
  }
});

afterEach(() => {
  for (const pod of pods.splice(0)) {
    pod[Symbol.dispose]();
  }
});

afterAll(() => {
  libc().setns(home.fd, CLONE_NEWNET);
  node?.[Symbol.dispose]();
});

const censusOf = (isDelegated: (id: string) => boolean = () => false) =>
  new KernelCensus({ now: () => now, isDelegated: ({ containerId }) => isDelegated(containerId) });

function emptyPod(): ScratchNetns {
  const pod = new ScratchNetns();
  pods.push(pod);
  return pod;
}

/** As ADD makes it. */
function podWith(alias: string, address = '10.9.1.7', on = node): ScratchNetns {
  const pod = emptyPod();
  give(pod, alias, address, on);
  return pod;
}

function give(pod: ScratchNetns, alias: string, address = '10.9.1.7', on = node): void {
  on.ip(`link add passing link uplink netns ${pod.name} type macvlan mode bridge`);
  pod.ip('link set passing name eth0');
  pod.netlink.links.change(pod.netlink.links.get('eth0'), { alias });
  pod.ip(`address add ${address}/16 dev eth0`);
  pod.ip('link set eth0 up');
}

const macOf = (pod: ScratchNetns) => String(pod.ask('link show eth0')[0]?.['address']);

const shown = async (census: KernelCensus, isWhole = false) => (await census.look(isWhole)).attachments;

const a = { network: 'real', containerId: 'a', ifname: 'eth0' };

run('a pod’s macvlan is shown with its addresses, its MAC and its generation', async () => {
  const pod = podWith('realip 12 a real');
  pod.ip('address add fd00:9::7/64 dev eth0 nodad');
  expect(await censusOf().look(true)).toEqual({
    attachments: [{ ...a, addresses: ['10.9.1.7', 'fd00:9::7'], mac: macOf(pod), generation: 12 }],
    isWhole: true,
    unseen: [],
  });
});

run('the generation that the ledger hasn’t told yet is left out', async () => {
  const mac = macOf(podWith('realip 0 a real'));
  expect(await shown(censusOf())).toEqual([{ ...a, addresses: ['10.9.1.7'], mac }]);
});

run('an interface in the making lives, though it has no address yet', async () => {
  const pod = podWith('realip draft a real');
  pod.ip('address flush dev eth0');
  expect(await shown(censusOf())).toMatchObject([{ ...a, addresses: [] }]);
});

run('a pod behind its node is shown by its end of the pair', async () => {
  const pod = emptyPod();
  node.ip(`link add rpod1 type veth peer name eth0 netns ${pod.name}`);
  pod.netlink.links.change(pod.netlink.links.get('eth0'), { alias: 'realip 3 b real' });
  pod.ip('address add 10.9.1.8/32 dev eth0');
  expect(await shown(censusOf())).toMatchObject([
    { containerId: 'b', addresses: ['10.9.1.8'], generation: 3 },
  ]);
});

run(
  'another node of this machine, another program’s aliases and another IPAM’s pods are none of ours',
  async () => {
    const far = new ScratchNetns();
    pods.push(far);
    far.addUplink();
    podWith('realip 12 far real', '10.9.1.7', far);
    podWith('uplink of customer 12', '10.9.1.9');
    const census = censusOf((id) => id === 'delegated');
    podWith('realip 0 delegated real', '192.0.2.7');
    expect(await shown(census, true)).toEqual([]);
  },
);

run('addresses that a router advertised are not told: the ledger did not give them', async () => {
  const pod = podWith('realip 12 a real');
  pod.ip('address add fd00:9::77/64 dev eth0 nodad valid_lft 600 preferred_lft 600');
  expect(await shown(censusOf())).toMatchObject([{ addresses: ['10.9.1.7'] }]);
});

run('a pod whose namespace is gone is shown no more at the very next look', async () => {
  const pod = podWith('realip 12 a real');
  const census = censusOf();
  expect(await shown(census)).toHaveLength(1);
  pods.splice(pods.indexOf(pod), 1)[0]?.[Symbol.dispose]();
  expect(await shown(census)).toEqual([]);
});

run('a namespace that is met before its pod’s interface is made is looked into again', async () => {
  const census = censusOf();
  await census.look(false);
  const pod = emptyPod();
  expect(await shown(census)).toEqual([]);
  give(pod, 'realip 12 a real');
  now += 10_000;
  expect(await shown(census)).toHaveLength(1);
});

run(
  'an interface that went from a namespace that lives is missed within a minute, by a whole look at once',
  async () => {
    const [first, second] = [podWith('realip 12 a real'), censusOf()];
    expect(await shown(second)).toHaveLength(1);
    now += 5_000;
    await second.look(false);
    first.ip('link delete eth0');
    expect(await shown(second)).toHaveLength(1);
    expect(await shown(second, true)).toEqual([]);
    give(first, 'realip 13 a real');
    now += 60_000;
    expect(await shown(second)).toMatchObject([{ generation: 13 }]);
  },
);

run('a namespace that only a process holds is looked into; the census does not keep it alive', async () => {
  const child: ChildProcess = spawn('unshare', ['--net', 'sleep', '60'], { stdio: 'ignore' });
  try {
    const inode = () => Bun.spawnSync(['readlink', `/proc/${child.pid}/ns/net`]).stdout.toString();
    const own = Bun.spawnSync(['readlink', '/proc/self/ns/net']).stdout.toString();
    while (inode() === own) {
      await new Promise(setImmediate);
    }
    node.ip(`link add passing link uplink netns ${child.pid} type macvlan mode bridge`);
    const alias = ['alias', 'realip 5 held real'];
    Bun.spawnSync(['nsenter', '-t', `${child.pid}`, '-n', 'ip', 'link', 'set', 'passing', ...alias]);
    const census = censusOf();
    expect(await shown(census, true)).toMatchObject([{ containerId: 'held' }]);
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  // The kernel takes the macvlan down with its namespace, a moment after that was left by its last holder.
  const isGone = () => node.ask('link show uplink')[0]?.['promiscuity'] === 0;
  for (let tries = 0; tries < 200 && !isGone(); tries++) {
    await Bun.sleep(10);
  }
  expect(isGone()).toBe(true);
});

run('looks that are asked for together are done one after the other, each whole', async () => {
  podWith('realip 12 a real');
  const census = censusOf();
  const sights = await Promise.all([census.look(true), census.look(false), census.look(true)]);
  expect(sights.map(({ attachments }) => attachments.length)).toEqual([1, 1, 1]);
});
