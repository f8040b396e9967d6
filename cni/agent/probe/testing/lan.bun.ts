import { execFileSync } from 'node:child_process';
import type { Ip } from '../../../../core/address/ip.ts';
import { Mac } from '../../../../core/address/mac.ts';
import { Problem } from '../../../../core/problem/problem.ts';
import { within } from '../../../../netlink/netns.bun.ts';
import { ScratchNetns } from '../../../../netlink/testing/scratch-netns.bun.ts';
import { shimName } from '../../../node/access/shim-identity.ts';
import type { Master } from '../../../node/node.ts';
import { decodeArp, encodeArp } from '../../../probe/arp.ts';
import { encodeFrame, etherTypes } from '../../../probe/ethernet.ts';
import { frameFilter } from '../../../probe/filter.ts';
import { PacketSocket } from '../../../probe/packet-socket.bun.ts';
import { systemClock } from '../clock.ts';
import { LanProber } from '../lan-prober.ts';
import { LanWire } from '../lan-wire.bun.ts';
import { Pace } from '../pace.ts';
import type { Wire } from '../wire.ts';

/** A switch, in a namespace of its own; 10.9.0.0/16 and fd00:9::/64. */
export class Lan {
  readonly switch = new ScratchNetns();

  constructor() {
    this.switch.ip('link add lan type bridge');
    this.switch.ip('link set lan up');
  }

  /** A host with 10.9.0.`number` and fd00:9::ff`number` on its eth0. */
  join(port: string, number: number): Station {
    return new Station(this, port, number);
  }

  /** MACs that the switch has learned. */
  learned(): string[] {
    const text = execFileSync('ip', ['netns', 'exec', this.switch.name, 'bridge', '-json', 'fdb'], {
      encoding: 'utf8',
    });
    const entries: { mac: string; state?: string }[] = JSON.parse(text);
    return entries.filter(({ state }) => state !== 'permanent').map(({ mac }) => mac);
  }

  [Symbol.dispose](): void {
    this.switch[Symbol.dispose]();
  }
}

/** A host on the LAN; judged and moved by iproute2. */
export class Station {
  readonly netns = new ScratchNetns();
  readonly #lan: Lan;
  readonly #port: string;
  readonly #number: number;

  constructor(lan: Lan, port: string, number: number) {
    this.#lan = lan;
    this.#port = port;
    this.#number = number;
    this.connect();
  }

  connect(): void {
    this.#lan.switch.ip(`link add ${this.#port} type veth peer name eth0 netns ${this.netns.name}`);
    this.#lan.switch.ip(`link set dev ${this.#port} master lan up`);
    this.netns.ip('link set eth0 up');
    this.has(`10.9.0.${this.#number}`, 16);
    this.has(`fd00:9::ff${this.#number}`, 64);
  }

  get mac(): string {
    return String(this.netns.ask('link show eth0')[0]?.['address']);
  }

  has(address: string, length = address.includes(':') ? 128 : 32): void {
    const nodad = address.includes(':') ? ' nodad' : '';
    this.netns.ip(`address add ${address}/${length} dev eth0${nodad}`);
  }

  /** As a node answers for its pods behind it. */
  answersFor(...addresses: string[]): void {
    this.netns.ip('link add behind type veth peer name pod');
    this.netns.ip('link set behind up');
    for (const address of addresses) {
      this.netns.ip(`${address.includes(':') ? '-6 ' : ''}route add ${address} dev behind`);
      this.netns.ip(`neigh add proxy ${address} dev eth0`);
    }
    this.#sysctl('net/ipv4/conf/eth0/forwarding', '1');
    this.#sysctl('net/ipv6/conf/all/forwarding', '1');
    this.#sysctl('net/ipv6/conf/eth0/proxy_ndp', '1');
    this.#sysctl('net/ipv4/neigh/eth0/proxy_delay', '0');
    this.#sysctl('net/ipv6/neigh/eth0/proxy_delay', '0');
  }

  /** Of each `of` frames of a family that come, the first `lost` are lost. */
  loses(lost: number, of: number): void {
    const rules = `table netdev lossy {
      chain in {
        type filter hook ingress device "eth0" priority 0;
        ether type arp numgen inc mod ${of} < ${lost} drop
        icmpv6 type nd-neighbor-solicit numgen inc mod ${of} < ${lost} drop
      }
    }`;
    execFileSync('ip', ['netns', 'exec', this.netns.name, 'nft', '-f', '-'], { input: rules });
  }

  packetSockets(): number {
    const [, ...lines] = execFileSync('ip', ['netns', 'exec', this.netns.name, 'cat', '/proc/net/packet'], {
      encoding: 'utf8',
    })
      .trim()
      .split('\n');
    return lines.length;
  }

  unplug(): void {
    this.#lan.switch.ip(`link set dev ${this.#port} down`);
  }

  plug(): void {
    this.#lan.switch.ip(`link set dev ${this.#port} up`);
  }

  /** The node's own interface towards its macvlan pods. */
  shim(): { readonly mac: string } & Disposable {
    const name = shimName(this.netns.netlink.links.get('eth0').index);
    this.netns.ip(`link add ${name} link eth0 address 0e:58:00:00:00:01 type macvlan mode bridge`);
    this.#sysctl(`net/ipv4/conf/${name}/arp_ignore`, '8');
    this.#sysctl(`net/ipv6/conf/${name}/disable_ipv6`, '1');
    this.netns.ip(`link set ${name} up`);
    return {
      mac: '0e:58:00:00:00:01',
      [Symbol.dispose]: () => void this.netns.ip(`link delete ${name}`),
    };
  }

  /** A macvlan beside the others of this host. */
  pod(): Pick<Station, 'has' | 'mac'> & Disposable {
    const netns = new ScratchNetns();
    this.netns.ip('link add pod0 link eth0 type macvlan mode bridge');
    this.netns.ip(`link set pod0 netns ${netns.name} name eth0`);
    netns.ip('link set eth0 up');
    return {
      has: (address) =>
        void netns.ip(
          `address add ${address}/${address.includes(':') ? '64 dev eth0 nodad' : '16 dev eth0'}`,
        ),
      mac: String(netns.ask('link show eth0')[0]?.['address']),
      [Symbol.dispose]: () => netns[Symbol.dispose](),
    };
  }

  /** The real one, working in this host's namespace while the test is in another. */
  prober(): LanProber {
    const wire = new LanWire(this.netns.netlink, () => this.#master());
    return new LanProber({
      wire: inside(wire, this.netns),
      pace: new Pace(),
      clock: systemClock,
      random: Math.random,
      nodes: () => 1,
      silent: () => undefined,
    });
  }

  #master(): Master {
    const { links, addresses } = this.netns.netlink;
    const link = links.find('eth0');
    if (link === undefined) {
      throw new Problem('MASTER_MISSING', 'there is no interface eth0 on this node');
    }
    const own = addresses.list({ link }).filter(({ scope }) => scope === 0);
    return { ...link, shimMac: undefined, addresses: own.map(({ prefix }) => prefix) };
  }

  #sysctl(key: string, value: string): void {
    execFileSync('ip', ['netns', 'exec', this.netns.name, 'sh', '-c', `echo ${value} > /proc/sys/${key}`]);
  }

  [Symbol.dispose](): void {
    this.netns[Symbol.dispose]();
  }
}

/** Each call of it happens in a namespace, where its sockets are then. */
function inside(wire: Wire, { netns }: ScratchNetns): Wire {
  return {
    look: () => within(netns, () => wire.look()),
    knownHere: (ip) => wire.knownHere(ip),
    listen: (ips) => within(netns, () => wire.listen(ips)),
    costOf: (ip) => wire.costOf(ip),
    ask: (ip, asksPods) => wire.ask(ip, asksPods),
    heard: () => wire.heard(),
    rest: () => wire.rest(),
  };
}

/** A host that answers ARP for an address, after a time of its own, tagged for a VLAN if wanted. */
export class LateAnswerer {
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #socket: PacketSocket;

  constructor(station: Station, ip: Ip, delay: number, { vlan }: { readonly vlan?: number } = {}) {
    const { index } = station.netns.netlink.links.get('eth0');
    const filter = frameFilter('ipv4', [ip], index);
    const own = Mac.parse(station.mac);
    this.#socket = within(station.netns.netns, () =>
      PacketSocket.open({ index, family: 'ipv4', filter, groups: [] }),
    );
    this.#timer = setInterval(() => {
      for (let frame = this.#socket.receive(); frame !== undefined; frame = this.#socket.receive()) {
        const arp = decodeArp(frame.subarray(14));
        if (arp?.targetIp.equals(ip)) {
          const { senderMac: targetMac, senderIp: targetIp } = arp;
          const payload = encodeArp({
            operation: 'reply',
            senderMac: own,
            senderIp: ip,
            targetMac,
            targetIp,
          });
          const plain = encodeFrame({ destination: targetMac, source: own, type: etherTypes.arp, payload });
          const tagged = Uint8Array.of(
            ...plain.subarray(0, 12),
            0x81,
            0,
            0,
            vlan ?? 0,
            ...plain.subarray(12),
          );
          setTimeout(() => this.#socket.send(vlan === undefined ? plain : tagged), delay);
        }
      }
    }, 5);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }
}
