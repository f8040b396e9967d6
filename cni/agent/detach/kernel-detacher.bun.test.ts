import { expect, test } from 'bun:test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inodeOf } from '../../../netlink/file.bun.ts';
import { reasonToSkip, ScratchNetns } from '../../../netlink/testing/scratch-netns.bun.ts';
import { slowness } from '../../../netlink/testing/slowness.ts';
import type { PodLink } from '../doors.ts';
import { KernelDetacher } from './kernel-detacher.bun.ts';

const reason = reasonToSkip();
const root = reason === undefined ? test : test.skip;

/** A node's uplink, and so many pods with a macvlan `eth0` on it. */
class Site implements Disposable {
  readonly node = new ScratchNetns();
  readonly pods: readonly ScratchNetns[];

  constructor(count: number) {
    this.node.addUplink();
    this.pods = Array.from({ length: count }, () => new ScratchNetns());
    for (const { name } of this.pods) {
      this.node.ip(`link add eth0 link uplink netns ${name} type macvlan mode bridge`);
    }
    for (const pod of this.pods) {
      pod.ip('link set eth0 up');
    }
  }

  get links(): PodLink[] {
    return this.pods.map(({ name, netns }) => ({
      netns: `/var/run/netns/${name}`,
      inode: inodeOf(netns.fd),
      ifname: 'eth0',
    }));
  }

  /** The first pod. */
  get pod(): ScratchNetns {
    const [pod] = this.pods;
    return pod ?? this.node;
  }

  /** Its interface. */
  get link(): PodLink {
    return { netns: `/var/run/netns/${this.pod.name}`, inode: inodeOf(this.pod.netns.fd), ifname: 'eth0' };
  }

  [Symbol.dispose](): void {
    for (const pod of this.pods) {
      pod[Symbol.dispose]();
    }
    this.node[Symbol.dispose]();
  }
}

const names = (pod: ScratchNetns) => pod.ask('link show').map(({ ifname }) => ifname);
const ownNamespace = () => readlinkSync('/proc/thread-self/ns/net');
const descriptors = () => readdirSync('/proc/self/fd').length;

root('the interface is gone when the promise is kept, and once more is no error', async () => {
  using site = new Site(1);
  const { pod } = site;
  const { link } = site;
  const home = ownNamespace();
  await new KernelDetacher().detach(link);
  expect(pod.netlink.links.find('eth0')).toBeUndefined();
  expect(names(pod)).toEqual(['lo']);
  await new KernelDetacher().detach(link);
  expect(ownNamespace()).toBe(home);
});

root('the pair to the host goes along; another network’s stays', async () => {
  using site = new Site(1);
  const { pod } = site;
  const index = pod.netlink.links.get('eth0').index;
  site.node.ip(`link add h1 type veth peer name realip${index} netns ${pod.name}`);
  execFileSync('ip', ['-n', pod.name, 'link', 'set', `realip${index}`, 'alias', 'realip-host eth0']);
  site.node.ip(`link add h2 type veth peer name realip99 netns ${pod.name}`);
  execFileSync('ip', ['-n', pod.name, 'link', 'set', 'realip99', 'alias', 'realip-host net1']);
  await new KernelDetacher().detach(site.link);
  expect(names(pod).toSorted()).toEqual(['lo', 'realip99']);
  expect(names(site.node)).not.toContain('h1');
  pod.ip('link delete realip99');
});

root('a pair whose interface went before is found by its alias', async () => {
  using site = new Site(1);
  const { pod } = site;
  site.node.ip(`link add h1 type veth peer name realip7 netns ${pod.name}`);
  execFileSync('ip', ['-n', pod.name, 'link', 'set', 'realip7', 'alias', 'realip-host eth0']);
  pod.ip('link delete eth0');
  await new KernelDetacher().detach(site.link);
  expect(names(pod)).toEqual(['lo']);
});

root('a path that leads nowhere, or to another namespace, is refused', async () => {
  using site = new Site(2);
  const { link: one } = site;
  const other = site.links.at(-1)?.netns ?? '';
  const detacher = new KernelDetacher();
  const wrong = [
    { ...one, netns: '/var/run/netns/realip-nowhere' },
    { ...one, netns: '/etc/hostname' },
    { ...one, netns: other },
    { ...one, netns: '/proc/self/ns/net' },
  ];
  for (const link of wrong) {
    await expect(detacher.detach(link)).rejects.toMatchObject({ code: 'NETNS_NOT_FOUND' });
  }
  expect(site.pods.map((pod) => names(pod).length)).toEqual([2, 2]);
});

root('a path that only the runtime’s mounts know is found by them', async () => {
  using site = new Site(1);
  const folder = mkdtempSync(join(tmpdir(), 'realip-mounts-'));
  const path = `${folder}/pod`;
  const from = `/var/run/netns/${site.pod.name}`;
  const script = `mount -t tmpfs none ${folder} && touch ${path} && mount --bind ${from} ${path} && echo && exec cat`;
  const runtime = Bun.spawn(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script], {
    stdin: 'pipe',
    stdout: 'pipe',
  });
  try {
    await runtime.stdout.getReader().read();
    const link = { ...site.link, netns: path };
    await expect(new KernelDetacher().detach(link)).rejects.toMatchObject({ code: 'NETNS_NOT_FOUND' });
    await new KernelDetacher(`/proc/${runtime.pid}/root`).detach(link);
    expect(names(site.pod)).toEqual(['lo']);
  } finally {
    runtime.kill();
    await runtime.exited;
    rmSync(folder, { recursive: true });
  }
});

root('a hundred at once: all go, the loop goes on meanwhile, nothing stays open', async () => {
  using site = new Site(100);
  const detacher = new KernelDetacher();
  await detacher.detach({ ...site.link, ifname: 'nothing' });
  const before = descriptors();
  let [turns, longest, last] = [0, 0, performance.now()];
  const ticking = setInterval(() => {
    const now = performance.now();
    [turns, longest, last] = [turns + 1, Math.max(longest, now - last), now];
  }, 1);
  const began = performance.now();
  await Promise.all(site.links.map((link) => detacher.detach(link)));
  const took = performance.now() - began;
  clearInterval(ticking);
  for (const pod of site.pods) {
    expect(pod.netlink.links.find('eth0')).toBeUndefined();
  }
  // One after the other the kernel would hold the thread 15 ms each.
  expect(took).toBeLessThan(1_500 * slowness());
  expect(turns).toBeGreaterThan(10 / slowness());
  expect(longest).toBeLessThan(400 * slowness());
  while (descriptors() > before) {
    await Bun.sleep(5);
  }
});
