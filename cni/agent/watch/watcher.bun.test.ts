import { expect, test } from 'bun:test';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';
import { within } from '../../../netlink/netns.bun.ts';
import { reasonToSkip, ScratchNetns } from '../../../netlink/testing/scratch-netns.bun.ts';
import { slowness } from '../../../netlink/testing/slowness.ts';
import { announcementFrame } from '../../probe/announcement.ts';
import { everyFilter } from '../../probe/filter.ts';
import { PacketSocket } from '../../probe/packet-socket.bun.ts';
import { questionFrame } from '../../probe/question.ts';
import type { Watched } from '../doors.ts';
import type { WatchFigures } from './messages.ts';
import { LanWatcher } from './watcher.bun.ts';

const kernel = test.skipIf(reasonToSkip() !== undefined);
const rogue = Mac.parse('52:54:00:12:34:56');

/** A node whose `eth0` is watched, on one cable with a host that does what it likes. */
class Site {
  readonly node = new ScratchNetns();
  readonly far = new ScratchNetns();
  readonly claims: string[] = [];
  readonly faults: string[] = [];
  figures: WatchFigures | undefined;
  readonly watcher: LanWatcher;

  constructor() {
    this.node.ip(`link add eth0 type veth peer name eth0 netns ${this.far.name}`);
    this.node.ip('link set eth0 up');
    this.far.ip('link set eth0 up');
    this.watcher = within(this.node.netns, () =>
      LanWatcher.open('eth0', {
        claimed: ({ ip, mac, what, frames }, device) =>
          this.claims.push(`${ip} ${mac} ${what} ${frames} ${device}`),
        heard: (figures) => {
          this.figures = figures;
        },
        failed: (reason) => this.faults.push(reason),
      }),
    );
  }

  async listening(watched: Record<string, Watched>): Promise<void> {
    this.watcher.watch(new Map(Object.entries(watched)));
    await until('it listens', () => this.figures !== undefined);
  }

  /** The figures, once they are so. */
  async figured(isSo: (figures: WatchFigures) => boolean): Promise<WatchFigures> {
    const figures = () => {
      this.watcher.look();
      return this.figures;
    };
    for (let heard = figures(); ; heard = figures()) {
      if (heard !== undefined && isSo(heard)) {
        return heard;
      }
      await Bun.sleep(20);
    }
  }

  /** The far host puts a frame of anybody on the cable. */
  send(...frames: Uint8Array[]): void {
    const { index } = this.far.netlink.links.get('eth0');
    const socket = within(this.far.netns, () =>
      PacketSocket.open({ index, family: 'ipv4', filter: everyFilter('ipv4', index), groups: [] }),
    );
    frames.forEach((frame) => {
      socket.send(frame);
    });
    socket.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.watcher.close();
    this.node[Symbol.dispose]();
    this.far[Symbol.dispose]();
  }
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const began = performance.now();
  while (!isSo()) {
    if (performance.now() - began > 15_000 * slowness()) {
      throw new Error(`not in time: ${what}`);
    }
    await Bun.sleep(5);
  }
}

const inside = (netns: ScratchNetns, ...words: string[]) =>
  execFileSync('ip', ['netns', 'exec', netns.name, ...words], { stdio: 'pipe' });

kernel('a host that takes a watched address and speaks is told, with its MAC, by both families', async () => {
  await using site = new Site();
  await site.listening({ '10.9.1.5': 'reserve', 'fd00:9::5': 'in-use' });
  inside(site.far, 'sysctl', '-qw', 'net.ipv4.conf.eth0.arp_notify=1', 'net.ipv6.conf.eth0.ndisc_notify=1');
  const [{ address: mac } = {}] = site.far.ask('link show eth0');
  site.far.ip('link set eth0 down');
  site.far.ip('address add 10.9.1.5/16 dev eth0');
  site.far.ip('link set eth0 up');
  site.far.ip('address add fd00:9::5/64 dev eth0');
  await until('both are told', () => site.claims.length >= 2);
  expect(site.claims.sort()).toEqual([`10.9.1.5 ${mac} reserve 1 eth0`, `fd00:9::5 ${mac} in-use 1 eth0`]);
});

kernel(
  'what others say of other addresses, ask for, and probe though it is taken, is nobody’s business',
  async () => {
    await using site = new Site();
    await site.listening({ '10.9.1.5': 'in-use', 'fd00:9::5': 'in-use' });
    site.send(
      announcementFrame(rogue, Ip.parse('10.9.1.6')),
      questionFrame(rogue, Ip.parse('10.9.1.5')),
      questionFrame(rogue, Ip.parse('10.9.1.5'), Ip.parse('10.9.0.99')),
      questionFrame(rogue, Ip.parse('fd00:9::5')),
      announcementFrame(rogue, Ip.parse('10.9.1.5')),
    );
    await until('the last is told', () => site.claims.length > 0);
    expect(site.claims).toEqual([`10.9.1.5 ${rogue} in-use 1 eth0`]);
  },
);

kernel(
  'a probe for an address of the reserve is a claim: whoever sent it will take what nobody answers for',
  async () => {
    await using site = new Site();
    await site.listening({ '10.9.1.5': 'reserve', 'fd00:9::5': 'reserve' });
    site.send(questionFrame(rogue, Ip.parse('10.9.1.5')), questionFrame(rogue, Ip.parse('fd00:9::5')));
    await until('both are told', () => site.claims.length >= 2);
    expect(site.claims.sort()).toEqual([
      `10.9.1.5 ${rogue} reserve 1 eth0`,
      `fd00:9::5 ${rogue} reserve 1 eth0`,
    ]);
  },
);

kernel('an address is watched from the call on, and no longer than to the next', async () => {
  await using site = new Site();
  await site.listening({});
  const [first, second] = [Ip.parse('10.9.1.5'), Ip.parse('10.9.1.6')];
  site.watcher.watch(new Map([['10.9.1.5', 'in-use']]));
  // Messages go to the thread by themselves: nothing wakes it but the bell.
  await Bun.sleep(50 * slowness());
  site.send(announcementFrame(rogue, second), announcementFrame(rogue, first));
  await until('the first is told', () => site.claims.length === 1);
  site.watcher.watch(new Map([['10.9.1.6', 'in-use']]));
  await Bun.sleep(50 * slowness());
  site.send(announcementFrame(rogue, first), announcementFrame(rogue, second));
  await until('the second is told', () => site.claims.length === 2);
  expect(site.claims).toEqual([`10.9.1.5 ${rogue} in-use 1 eth0`, `10.9.1.6 ${rogue} in-use 1 eth0`]);
});

kernel('this node’s own frames, sent back by a switch, are no claims', async () => {
  await using site = new Site();
  await site.listening({ '10.9.1.5': 'behind-node', '10.9.1.6': 'in-use' });
  const { mac = rogue } = site.node.netlink.links.get('eth0');
  const derived = Mac.derived('0a:58', Ip.parse('10.9.1.6'));
  site.far.ip('link add switch type bridge');
  site.far.ip('link set switch up');
  site.far.ip('link set eth0 master switch');
  site.far.ip('link set eth0 type bridge_slave hairpin on');
  site.send(
    announcementFrame(mac, Ip.parse('10.9.1.5')),
    announcementFrame(derived, Ip.parse('10.9.1.6')),
    announcementFrame(rogue, Ip.parse('10.9.1.6')),
  );
  await until('the stranger is told', () => site.claims.length > 0);
  await site.figured(({ echoes }) => echoes === 1);
  expect(site.claims).toEqual([`10.9.1.6 ${rogue} in-use 1 eth0`]);
});

kernel('a frame from outside with a living pod’s own MAC is told as a twin’s, after a second', async () => {
  await using site = new Site();
  await site.listening({ '10.9.1.6': 'in-use' });
  const derived = Mac.derived('0a:58', Ip.parse('10.9.1.6'));
  site.send(announcementFrame(derived, Ip.parse('10.9.1.6')));
  await until('it is told', () => site.claims.length > 0);
  expect(site.claims).toEqual([`10.9.1.6 ${derived} in-use 1 eth0`]);
});

kernel('the node’s own pods may announce themselves and probe: their frames never come in', async () => {
  await using site = new Site();
  using pod = new ScratchNetns();
  await site.listening({ '10.9.1.5': 'in-use' });
  site.node.ip(`link add link eth0 name pod0 netns ${pod.name} type macvlan mode bridge`);
  pod.ip('link set pod0 up');
  const { index, mac = rogue } = pod.netlink.links.get('pod0');
  within(pod.netns, () => {
    const socket = PacketSocket.open({
      index,
      family: 'ipv4',
      filter: everyFilter('ipv4', index),
      groups: [],
    });
    socket.send(announcementFrame(mac, Ip.parse('10.9.1.5')));
    socket.close();
  });
  site.send(announcementFrame(rogue, Ip.parse('10.9.1.5')));
  await until('the stranger is told', () => site.claims.length > 0);
  expect(site.claims).toEqual([`10.9.1.5 ${rogue} in-use 1 eth0`]);
});

/** What arping says to "does anybody have it?"; the kernel of the host that asks isn't involved. */
function arping(netns: ScratchNetns, ip: string): { status: number | null; said: string } {
  const words = ['netns', 'exec', netns.name, 'arping', '-D', '-I', 'eth0', '-c', '3', '-w', '3', ip];
  const { status, stdout } = spawnSync('ip', words, { encoding: 'utf8' });
  return { status, said: stdout };
}

kernel(
  'a third host that probes for the address of a pod behind the node is told that it is taken, by both families',
  async () => {
    await using site = new Site();
    await site.listening({ '10.9.1.5': 'in-use', '10.9.1.6': 'in-use', 'fd00:9::5': 'in-use' });
    // As the data plane does it for its pods.
    for (const key of ['conf/all/forwarding', 'conf/eth0/proxy_ndp']) {
      inside(site.node, 'sysctl', '-qw', `net/ipv6/${key}=1`);
    }
    for (const family of ['ipv4', 'ipv6']) {
      inside(site.node, 'sysctl', '-qw', `net/${family}/neigh/eth0/proxy_delay=0`);
    }
    site.node.ip('neighbour add proxy 10.9.1.5 dev eth0');
    site.node.ip('neighbour add proxy fd00:9::5 dev eth0');
    const { mac = rogue } = site.node.netlink.links.get('eth0');
    expect(arping(site.far, '10.9.1.5')).toEqual({
      status: 1,
      said: expect.stringContaining(`Unicast reply from 10.9.1.5 [${mac.toString().toUpperCase()}]`),
    });
    expect(arping(site.far, '10.9.1.6').status).toBe(0);
    const flagsOf = (netns: ScratchNetns) => JSON.stringify(netns.ask('address show dev eth0'));
    await until('the node has an address to answer from', () => !flagsOf(site.node).includes('tentative'));
    site.far.ip('address add fd00:9::5/64 dev eth0');
    await until('its duplicate detection has failed', () => flagsOf(site.far).includes('"dadfailed":true'));
    // Whoever asks and goes away has claimed nothing.
    expect(site.claims).toEqual([]);
    const { proxied } = await site.figured(({ answered }) => answered === 1);
    expect(proxied).toEqual(['10.9.1.5', 'fd00:9::5']);
  },
);

kernel(
  'of 5,000 ARPs at once all arrive or are counted as lost, and claims among them are told',
  async () => {
    await using site = new Site();
    await site.listening({ '10.9.1.5': 'in-use' });
    const burst = Array.from({ length: 5_000 }, (_, at) =>
      announcementFrame(
        Mac.parse(
          `02:00:00:00:${(at >> 8).toString(16).padStart(2, '0')}:${(at & 255).toString(16).padStart(2, '0')}`,
        ),
        at === 4_999 ? Ip.parse('10.9.1.5') : Ip.parse('10.9.3.3'),
      ),
    );
    site.send(...burst);
    await until('the last is told', () => site.claims.length > 0);
    const { interfaces } = await site.figured(({ interfaces: [eth0] }) => eth0?.arp === 5_000);
    expect(interfaces).toEqual([expect.objectContaining({ arp: 5_000, dropped: 0 })]);
    expect(interfaces[0]?.sources).toBeGreaterThanOrEqual(5_000);
  },
);

kernel('a master that is made again is listened on again', async () => {
  await using site = new Site();
  await site.listening({ '10.9.1.5': 'in-use' });
  site.node.ip('link delete eth0');
  site.watcher.look();
  await until('its loss is told', () => site.faults.length > 0);
  expect(site.faults).toEqual(['eth0 is not there']);
  site.node.ip(`link add eth0 type veth peer name eth0 netns ${site.far.name}`);
  site.node.ip('link set eth0 up');
  site.far.ip('link set eth0 up');
  await site.figured(({ interfaces }) => interfaces.length === 1);
  site.send(announcementFrame(rogue, Ip.parse('10.9.1.5')));
  await until('the stranger is told', () => site.claims.length > 0);
});

kernel('closed, it leaves nothing open', async () => {
  const open = () => readdirSync('/proc/self/fd').length;
  const [before, rounds] = [open(), 10];
  for (let round = 0; round < rounds; round++) {
    await using site = new Site();
    await site.listening({ '10.9.1.5': 'in-use' });
  }
  // What a thread has for itself goes a moment after its end; what each round left would be as many as the rounds.
  await until('no round has left anything', () => open() < before + rounds);
});
