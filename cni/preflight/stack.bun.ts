import type { Link } from '../../netlink/message/link.ts';
import type { Netlink } from '../../netlink/netlink.bun.ts';
import { files } from '../files.ts';
import { defaultDevice } from '../node/default-device.bun.ts';
import type { Config } from '../plugin/config.ts';
import { type Finding, warning } from './finding.ts';

const globalScope = 0;
/** Of rp_filter: a packet is dropped unless its answer would leave by the interface that it came by. */
const strict = 1;

/** What the node's own stack would do to pods: addresses that are yet to come, filters that drop what is theirs. */
export function judgeStack(host: Netlink, link: Link, config: Pick<Config, 'dataplane'>): Finding[] {
  return [
    ...judgeAddress(host, link),
    ...(config.dataplane === 'ptp' ? judgeReversePath(host, link) : []),
    ...judgeBridgeFilter(link),
  ];
}

function isAddressed(host: Netlink, link: Link): boolean {
  return host.addresses.list({ link }).some(({ scope }) => scope === globalScope);
}

/** A master without an address carries pods; one that is to have one, as the default route's, waits for it. */
function judgeAddress(host: Netlink, link: Link): Finding[] {
  const isAlone = defaultDevice(host) === undefined;
  return isAlone && !isAddressed(host, link)
    ? [
        warning(
          'network-incomplete',
          `${link.name} has no address yet, and the node no default route: its networking is not complete`,
          'Wait for DHCP or the network manager (systemd: After=network-online.target); pods do not reach their node before.',
        ),
      ]
    : [];
}

/** All that a `ptp` pod sends and gets is routed by the node. */
function judgeReversePath(host: Netlink, link: Link): Finding[] {
  const values = ['all', link.name].map((each) => read(`/proc/sys/net/ipv4/conf/${each}/rp_filter`) ?? 0);
  const isStrict = Math.max(...values) === strict;
  const leadsAway = defaultDevice(host)?.index !== link.index;
  return isStrict && leadsAway
    ? [
        warning(
          'rp-filter',
          `rp_filter is strict on ${link.name}, and the default route leaves by another interface: what comes to pods from beyond its networks is dropped`,
          `sysctl -w net.ipv4.conf.${link.name}.rp_filter=2, and in /etc/sysctl.d for the next boot.`,
        ),
      ]
    : [];
}

function judgeBridgeFilter({ name, kind }: Link): Finding[] {
  const isFiltered = ['ip', 'ip6'].some(
    (each) => read(`/proc/sys/net/bridge/bridge-nf-call-${each}tables`) === 1,
  );
  return kind === 'bridge' && isFiltered
    ? [
        warning(
          'bridge-filter',
          `${name} is a bridge, and bridge-nf-call-iptables is on: the node's firewall (FORWARD) sees, and may drop, what pods exchange with the LAN`,
          'sysctl -w net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0, or rules that let the pods’ addresses pass; or pods on the bridge’s port.',
        ),
      ]
    : [];
}

function read(path: string): number | undefined {
  const { existsSync, readFileSync } = files();
  return existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined;
}
