import type { Family, Ip } from '../../../core/address/ip.ts';
import type { Link } from '../../../netlink/message/link.ts';
import { NetlinkError } from '../../../netlink/message/netlink-error.ts';
import { announceBy } from '../../probe/announcer.bun.ts';
import type { HostAccess } from '../access/host-access.bun.ts';
import { peerOf, quieten } from '../access/pair-end.bun.ts';
import { PodWays } from '../access/pod-ways.bun.ts';
import type { Master } from '../node.ts';
import type { HostSide, Plan } from '../plan.ts';
import type { Site } from '../site.bun.ts';
import { writeSysctl } from '../sysctl-file.bun.ts';
import type { Undo } from '../undo.ts';
import { answeringFaults, ensureAnswering } from './answering.bun.ts';
import { hostEndAlias, hostEndMac } from './host-end.ts';
import { Proxies } from './proxies.bun.ts';

/** The host leads to the pod by its end of the pair, and answers for it on the master. */
export class PtpAccess implements HostAccess {
  readonly #side: HostSide;

  constructor(side: HostSide) {
    this.#side = side;
  }

  lead({ host, master }: Site, link: Link, { mac }: Plan, undo: Undo): void {
    const end = host.links.get(peerOf(link));
    ensureAnswering(host, master.name, this.#families);
    writeSysctl({ key: `net/ipv4/conf/${end.name}/forwarding`, value: '1' });
    quieten(end.name);
    host.links.change(end, { up: true, alias: hostEndAlias(master.index) });
    const ways = new PodWays(host, end.index);
    const proxies = new Proxies(host, master.index);
    proxies.mend();
    for (const { ip, source } of this.#side.ways) {
      // The route goes with the pair.
      ways.add(ip, mac, source);
      undo.push(`stop answering for ${ip}`, () => proxies.remove(ip));
      proxies.add(ip);
    }
    announce(
      master,
      this.#side.ways.map(({ ip }) => ip),
    );
  }

  faults({ host, master }: Site, link: Link, { mac }: Plan): string[] {
    const end = link.kind === 'veth' ? host.links.find(peerOf(link)) : undefined;
    if (end === undefined || end.kind !== 'veth') {
      return ["the host's end of the pair is not on this host"];
    }
    const ways = new PodWays(host, end.index);
    const proxies = new Proxies(host, master.index);
    return [
      ...(end.up ? [] : [`the host's end ${end.name} is down`]),
      ...(end.mac?.equals(hostEndMac) ? [] : [`the host's end ${end.name} has lost the MAC ${hostEndMac}`]),
      ...this.#side.ways.flatMap(({ ip }) => [
        ...ways.faults(ip, mac, end.name),
        ...(proxies.has(ip) ? [] : [`the host doesn't answer for ${ip} on ${master.name} (proxy neighbour)`]),
      ]),
      ...answeringFaults(master.name, this.#families),
    ];
  }

  get #families(): Family[] {
    return [...new Set(this.#side.ways.map(({ ip }) => ip.family))];
  }
}

/**
 * The LAN may hold the MAC of another node, where the addresses were before. A network that can't be told now learns it
 * by asking: no reason to start no pod.
 */
function announce({ index, mac }: Master, ips: readonly Ip[]): void {
  try {
    if (mac !== undefined) {
      announceBy({ index, mac }, ips);
    }
  } catch (error) {
    if (!(error instanceof NetlinkError)) {
      throw error;
    }
  }
}
