import type { Link } from '../../netlink/message/link.ts';
import { isErrno, NetlinkError } from '../../netlink/message/netlink-error.ts';
import { Netlink } from '../../netlink/netlink.bun.ts';
import { files } from '../files.ts';
import { masqueradeFault } from '../node/access/masquerade.bun.ts';
import { defaultDevice } from '../node/default-device.bun.ts';
import type { Config } from '../plugin/config.ts';
import { error, type Finding, ok, warning } from './finding.ts';
import { judgeStack } from './stack.bun.ts';
import { judgeVeth } from './veth.ts';
import { judgeVlan } from './vlan.bun.ts';

/** The master as preflight found it; absent where there is none. */
export interface LowerJudgement {
  readonly findings: Finding[];
  readonly link?: Link;
}

/** Judges what pods' interfaces will stand on: the master, and what the kernel makes on it. */
export function judgeLower(
  config: Pick<Config, 'master' | 'mode' | 'mtu' | 'dataplane' | 'hostAccess' | 'hostRoutes' | 'vlan'>,
): LowerJudgement {
  const host = Netlink.open();
  try {
    const link = config.master === undefined ? defaultDevice(host) : host.links.find(config.master);
    if (link === undefined) {
      return { findings: [missing(config.master)] };
    }
    const findings = [
      ok('master', `pods share ${link.name}, MTU ${link.mtu}`),
      ...judgeState(link),
      ...judgeMtu(link, config.mtu),
      ...judgeVlan(host, link, config.vlan),
      ...(config.dataplane === 'macvlan' ? judgeMacvlan(host, link, config) : []),
      ...(config.dataplane === 'ptp' || config.hostAccess === 'veth' ? judgeVeth(host) : []),
      ...judgeStack(host, link, config),
      ...judgeForwarding(config),
      ...judgeNat(config),
    ];
    return { findings, link };
  } finally {
    host.close();
  }
}

function missing(master: string | undefined): Finding {
  return master === undefined
    ? error(
        'master-missing',
        'there is no default route whose device could be the master: networking is not complete, or it has none',
        'Wait for networking to be complete, or name the interface: "master": "eth0".',
      )
    : error(
        'master-missing',
        `there is no interface ${master} on this node`,
        'List them with "ip link" and correct "master"; one that comes later at boot is waited for by the agent.',
      );
}

function judgeState({ name, up, carrier }: Link): Finding[] {
  if (!up) {
    return [error('master-down', `${name} is down`, `ip link set ${name} up`)];
  }
  return carrier
    ? []
    : [
        error(
          'master-down',
          `${name} is up and has no carrier`,
          'Look at the cable and the port of the switch.',
        ),
      ];
}

function judgeMtu({ name, mtu }: Link, wanted: number | undefined): Finding[] {
  return wanted !== undefined && wanted > mtu
    ? [
        error(
          'mtu-too-large',
          `mtu is ${wanted}, and ${name} has an MTU of ${mtu} only`,
          `Raise it with "ip link set ${name} mtu ${wanted}", or lower "mtu".`,
        ),
      ]
    : [];
}

/** Makes one, down, and takes it away: only the kernel knows what it can do on this interface. */
function judgeMacvlan({ links }: Netlink, parent: Link, { mode }: Pick<Config, 'mode'>): Finding[] {
  const name = `realip-f${process.pid}`;
  try {
    links.create({ kind: 'macvlan', mode, name, parent: parent.index });
    links.delete(links.get(name));
    return [ok('macvlan', `the kernel makes macvlans in mode ${mode} on ${parent.name}`)];
  } catch (refusal) {
    if (!(refusal instanceof NetlinkError)) {
      throw refusal;
    }
    return [refused(refusal, parent)];
  }
}

function refused(refusal: NetlinkError, { name }: Link): Finding {
  const { message } = refusal;
  if (isErrno(refusal, 'EOPNOTSUPP')) {
    const cure = 'modprobe macvlan, or a kernel with CONFIG_MACVLAN.';
    return error('kernel-lacks-macvlan', 'the kernel has no macvlan', cure);
  }
  if (isErrno(refusal, 'EBUSY')) {
    const cure = 'Take it out, or name the bond (or another interface) as "master".';
    return error('master-in-bridge', `${name} is part of a bridge, a bond or the like`, cure);
  }
  if (isErrno(refusal, 'EPERM')) {
    return error('not-root', 'preflight may not make interfaces', 'Run it as root.');
  }
  return error('macvlan-refused', message, 'The message is the kernel’s.');
}

function judgeForwarding({ dataplane, hostRoutes }: Pick<Config, 'dataplane' | 'hostRoutes'>): Finding[] {
  if (dataplane !== 'ptp' && hostRoutes.length === 0) {
    return [];
  }
  const { existsSync, readFileSync } = files();
  const families = [
    ['IPv4', '/proc/sys/net/ipv4/ip_forward', 'net.ipv4.ip_forward'],
    ['IPv6', '/proc/sys/net/ipv6/conf/all/forwarding', 'net.ipv6.conf.all.forwarding'],
  ] as const;
  return families
    .filter(([, path]) => existsSync(path) && readFileSync(path, 'utf8').trim() === '0')
    .map(([family, , key]) =>
      warning(
        'forwarding-off',
        `the node does not forward ${family}, and pods reach others through it`,
        `sysctl -w ${key}=1, and in /etc/sysctl.d for the next boot.`,
      ),
    );
}

/** A macvlan's services need the node to bring replies back by itself. */
function judgeNat({ dataplane, hostRoutes }: Pick<Config, 'dataplane' | 'hostRoutes'>): Finding[] {
  const fault = dataplane === 'macvlan' && hostRoutes.length > 0 ? masqueradeFault() : undefined;
  if (fault === undefined) {
    return [];
  }
  const words = `the kernel takes no rule that leads replies of services back to pods: ${fault}`;
  const cure =
    'modprobe -a nf_tables nft_chain_nat nft_ct nft_nat nft_masq (Linux 5.2 or newer), or drop "hostRoutes".';
  return [error('nat-refused', words, cure)];
}
