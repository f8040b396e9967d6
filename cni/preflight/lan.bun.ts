import type { Ip } from '../../core/address/ip.ts';
import type { Link } from '../../netlink/message/link.ts';
import { tables } from '../../netlink/message/route.ts';
import { Netlink } from '../../netlink/netlink.bun.ts';
import { writeSysctl, writeSysctlWherePresent } from '../node/sysctl-file.bun.ts';
import type { Config } from '../plugin/config.ts';
import type { Claim } from '../probe/claim.ts';
import { probeBy } from '../probe/prober.bun.ts';
import { echoes } from './echo.bun.ts';
import { error, type Finding, ok, warning } from './finding.ts';

const globalScope = 0;

/** The least that any way carries, so that an echo of it says whether the gateway answers echoes at all. */
const smallPacket = 84;

/**
 * Asks the LAN whether somebody else has the node's own address, and, where the gateway answers, two things more:
 * whether an answer finds its way back to a MAC that is not the master's (a hypervisor that drops forged frames, and
 * Wi-Fi, keep it from that, and pods on macvlans would be reached by nobody), and whether packets of full length come
 * through.
 *
 * @param mtu the pods' where it isn't the master's
 */
export function judgeLan(link: Link, { dataplane, mtu }: Pick<Config, 'dataplane' | 'mtu'>): Finding[] {
  const host = Netlink.open();
  try {
    const own = host.addresses.list({ link }).filter(({ scope }) => scope === globalScope);
    const ips = own.map(({ prefix }) => prefix.address);
    return [
      ...ask(link, ips).map((claim) => duplicate(claim, link)),
      ...judgeGateway(host, link, dataplane, mtu ?? link.mtu),
    ];
  } finally {
    host.close();
  }
}

/** Probes, which teach nobody anything. */
function ask({ index, mac }: Pick<Link, 'index' | 'mac'>, ips: readonly Ip[]): Claim[] {
  return mac === undefined || ips.length === 0
    ? []
    : probeBy([{ index, mac, askersFor: () => ['nobody'] }], ips);
}

function duplicate({ ip, mac }: Claim, { name }: Link): Finding {
  return error(
    'duplicate-address',
    `${ip}, an address of ${name}, is also used by the host with the MAC ${mac}`,
    `Find the port of ${mac} in the switches’ tables, and give one of the two another address.`,
  );
}

function judgeGateway(host: Netlink, link: Link, dataplane: Config['dataplane'], mtu: number): Finding[] {
  const gateway = gatewayBy(host, link);
  if (gateway === undefined) {
    return [];
  }
  if (ask(link, [gateway]).length === 0) {
    return [
      warning(
        'gateway-silent',
        `the gateway ${gateway} does not answer by ${link.name}`,
        'See that it runs and that the port of the switch is in its network; pods get the gateway of their subnet.',
      ),
    ];
  }
  return [
    ...(dataplane === 'macvlan' ? [judgeForeignMac(host, link, gateway)] : []),
    ...judgeWay(link, gateway, mtu),
  ];
}

function judgeForeignMac(host: Netlink, link: Link, gateway: Ip): Finding {
  return answersForeign(host, link, gateway)
    ? ok('foreign-mac', `the network answers MACs other than that of ${link.name}`)
    : error(
        'mac-filtered',
        `${gateway} answers ${link.name}, and does not answer another MAC on it: the network drops foreign MACs`,
        'Allow forged transmits and promiscuous mode (or several MACs a port), or use "dataplane": "ptp".',
      );
}

/** Where the gateway answers no echo at all, its silence says nothing. */
function judgeWay({ name }: Link, gateway: Ip, mtu: number): Finding[] {
  if (gateway.family !== 'ipv4' || !echoes(name, gateway, smallPacket) || echoes(name, gateway, mtu)) {
    return [];
  }
  const words = `${gateway} answers short packets, and none of ${mtu} octets: something on the way carries less`;
  return [
    warning('mtu-path', words, `Raise the MTU of the switch's ports, or lower "mtu" until this is gone.`),
  ];
}

function gatewayBy({ routes }: Netlink, link: Link): Ip | undefined {
  return routes
    .list({ table: tables.main, link })
    .find(({ destination, gateway }) => destination.bits === 0 && gateway !== undefined)?.gateway;
}

/** By a macvlan of the host, made for the question, which has no address and says nothing else. */
function answersForeign({ links }: Netlink, parent: Link, gateway: Ip): boolean {
  const name = `realip-f${process.pid}`;
  links.create({ kind: 'macvlan', mode: 'bridge', name, parent: parent.index });
  const link = links.get(name);
  try {
    writeSysctl({ key: `net/ipv4/conf/${name}/arp_ignore`, value: '8' });
    writeSysctlWherePresent({ key: `net/ipv6/conf/${name}/disable_ipv6`, value: '1' });
    links.change(link, { up: true });
    return ask(link, [gateway]).length > 0;
  } finally {
    links.delete(link);
  }
}
