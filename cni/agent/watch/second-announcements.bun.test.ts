import { expect, test } from 'bun:test';
import { fstatSync } from 'node:fs';
import { within } from '../../../netlink/netns.bun.ts';
import { reasonToSkip, ScratchNetns } from '../../../netlink/testing/scratch-netns.bun.ts';
import { slowness } from '../../../netlink/testing/slowness.ts';
import { saidIn } from '../../probe/claim.ts';
import { everyFilter } from '../../probe/filter.ts';
import { PacketSocket } from '../../probe/packet-socket.bun.ts';
import { SecondAnnouncements } from './second-announcements.bun.ts';

const kernel = test.skipIf(reasonToSkip() !== undefined);

/** A node with a pod, and a host beside that hears what they announce. */
class Site {
  readonly node = new ScratchNetns();
  readonly pod = new ScratchNetns();
  readonly far = new ScratchNetns();
  readonly failures: string[] = [];
  readonly waits: number[] = [];
  #due: (() => void)[] = [];
  readonly #ears: PacketSocket[];
  readonly announcements = new SecondAnnouncements({
    after: (milliseconds, act) => {
      this.waits.push(milliseconds);
      this.#due.push(act);
      return () => {
        this.#due = this.#due.filter((each) => each !== act);
      };
    },
    failed: (reason) => this.failures.push(reason),
    mayGo: () => this.mayGo,
  });
  mayGo = true;

  constructor() {
    this.node.ip(`link add eth0 type veth peer name eth0 netns ${this.far.name}`);
    this.node.ip('link set eth0 up');
    this.far.ip('link set eth0 up');
    const { index } = this.far.netlink.links.get('eth0');
    this.#ears = within(this.far.netns, () => [
      PacketSocket.open({ index, family: 'ipv4', filter: everyFilter('ipv4', index), groups: 'all' }),
      PacketSocket.open({ index, family: 'ipv6', filter: everyFilter('ipv6', index), groups: 'all' }),
    ]);
  }

  /** The pod's interface, with addresses. */
  attach(kind: 'macvlan' | 'veth', ...addresses: string[]): void {
    kind === 'macvlan'
      ? this.node.ip(`link add link eth0 name eth0 netns ${this.pod.name} type macvlan mode bridge`)
      : this.node.ip(`link add rpod1 type veth peer name eth0 netns ${this.pod.name}`);
    for (const address of addresses) {
      this.pod.ip(`address add ${address} dev eth0${address.includes(':') ? ' nodad' : ''}`);
    }
    this.pod.ip('link set eth0 up');
  }

  expect(...ips: string[]): void {
    const { path, fd } = this.pod.netns;
    this.announcements.expect({ netns: path, inode: fstatSync(fd).ino, ifname: 'eth0' }, ips);
  }

  /** Time passes; what is heard of these addresses. */
  async heard(...ips: string[]): Promise<string[]> {
    this.#take();
    // The agent runs in the node's namespace.
    within(this.node.netns, () => {
      this.#due.splice(0).forEach((act) => {
        act();
      });
    });
    // What was sent within this machine is there at once, but for the kernel's own thread.
    await Bun.sleep(100 * slowness());
    return this.#take().filter((said) => ips.some((ip) => said.startsWith(`${ip} `)));
  }

  #take(): string[] {
    const said: string[] = [];
    for (const socket of this.#ears) {
      for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) {
        const one = saidIn(frame);
        if (one?.how === 'has') {
          said.push(`${one.ip} ${one.mac}`);
        }
      }
    }
    return said;
  }

  [Symbol.dispose](): void {
    this.announcements.close();
    this.#ears.forEach((socket) => {
      socket.close();
    });
    for (const each of [this.pod, this.node, this.far]) {
      each[Symbol.dispose]();
    }
  }
}

kernel('a pod’s addresses are announced once more after two seconds, with the pod’s MAC', async () => {
  using site = new Site();
  site.attach('macvlan', '10.9.1.5/16', 'fd00:9::5/64');
  site.expect('10.9.1.5', 'fd00:9::5');
  const { mac } = site.pod.netlink.links.get('eth0');
  expect(site.waits).toEqual([2_000]);
  expect((await site.heard('10.9.1.5', 'fd00:9::5')).sort()).toEqual([`10.9.1.5 ${mac}`, `fd00:9::5 ${mac}`]);
  expect(await site.heard('10.9.1.5', 'fd00:9::5')).toEqual([]);
});

kernel('a pod behind the node is announced by the master', async () => {
  using site = new Site();
  site.attach('veth', '10.9.1.5/32');
  site.node.ip('neighbour add proxy 10.9.1.5 dev eth0');
  site.expect('10.9.1.5');
  const { mac } = site.node.netlink.links.get('eth0');
  expect(await site.heard('10.9.1.5')).toEqual([`10.9.1.5 ${mac}`]);
});

kernel('nothing is announced, and nothing complained of, when the pod has gone or changed', async () => {
  using site = new Site();
  site.attach('macvlan', '10.9.1.5/16');
  // Not its address any more.
  site.expect('10.9.1.6');
  // Another namespace by the same path.
  site.announcements.expect({ netns: site.pod.netns.path, inode: 1, ifname: 'eth0' }, ['10.9.1.5']);
  // Another interface; none.
  site.announcements.expect(
    { netns: site.pod.netns.path, inode: fstatSync(site.pod.netns.fd).ino, ifname: 'net1' },
    ['10.9.1.5'],
  );
  site.announcements.expect({ netns: '/var/run/netns/realip-gone', inode: 1, ifname: 'eth0' }, ['10.9.1.5']);
  expect(await site.heard('10.9.1.5', '10.9.1.6')).toEqual([]);
  expect(site.failures).toEqual([]);
});

kernel('a node that has sent enough for now announces a moment later', async () => {
  using site = new Site();
  site.attach('macvlan', '10.9.1.7/16');
  site.mayGo = false;
  site.expect('10.9.1.7');
  expect(await site.heard('10.9.1.7')).toEqual([]);
  site.mayGo = true;
  expect(await site.heard('10.9.1.7')).toHaveLength(1);
  expect(site.waits).toEqual([2000, 200]);
});
