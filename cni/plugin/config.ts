import { checkMacPrefix } from '../../core/address/mac.ts';
import { Prefix } from '../../core/address/prefix.ts';
import type { Fields, OnFault } from '../../core/cni/fields.ts';
import { faultOfIfname } from '../../core/cni/names.ts';
import { present } from '../../core/cni/present.ts';
import type { CniDns, CniResult } from '../../core/cni/result.ts';
import { readDns, readResult } from '../../core/cni/result-read.ts';
import type { CniVersion } from '../../core/cni/version.ts';
import { Problem } from '../../core/problem/problem.ts';
import type { Sysctl } from '../node/sysctl.ts';
import { type IpamConfig, ipamKeys, isDelegatedTo, readIpamConfig } from './ipam-config.ts';
import { readSysctls } from './sysctl-config.ts';

export const dataplanes = ['macvlan', 'ptp'] as const;
export const modes = ['bridge', 'private', 'vepa', 'passthru'] as const;
export const macSources = ['derived', 'random', 'runtime-given', 'master'] as const;
export const hostAccesses = ['shim', 'veth', 'none'] as const;

/** The network configuration of `type: realip`, defaults filled in. */
export interface Config {
  readonly cniVersion: CniVersion;
  /** The network's name. */
  readonly name: string;
  readonly dataplane: (typeof dataplanes)[number];
  /** Absent: the device of the default route. */
  readonly master?: string;
  readonly mode: (typeof modes)[number];
  readonly vlan?: number;
  /** Absent: the master's. */
  readonly mtu?: number;
  readonly mac: (typeof macSources)[number];
  /** First two octets of derived MACs, under another IPAM plugin; absent: the usual. */
  readonly macPrefix?: string;
  readonly hostAccess: (typeof hostAccesses)[number];
  readonly hostRoutes: readonly Prefix[];
  /** Whether the network is asked for an address before it is used. */
  readonly duplicateDetection: boolean;
  readonly sysctl: readonly Sysctl[];
  readonly ipam: IpamConfig;
  /** Counts instead of the subnet's, where it says anything. */
  readonly dns: CniDns;
  readonly runtime: Fields;
  readonly prevResult?: CniResult;
}

/** Keys of the plugin's own section that mean something. */
export const configKeys = [
  ...[
    'cniVersion',
    'name',
    'type',
    'dataplane',
    'master',
    'mode',
    'vlan',
    'mtu',
    'mac',
    'macPrefix',
    'hostAccess',
    'hostRoutes',
  ],
  ...['duplicateDetection', 'sysctl', 'ipam', 'capabilities', 'runtimeConfig', 'prevResult', 'dns', 'args'],
  // Keys of a conf list that runtimes leave in; they speak to libcni.
  ...['cniVersions', 'disableCheck', 'disableGC', 'loadOnlyInlinedPlugins'],
];

/** Keys that nobody here reads: tolerated, so that a node survives a downgrade, and warned of. */
export function unknownKeys(conf: Fields): string[] {
  const own = conf.keys.filter((key) => !configKeys.includes(key) && !key.startsWith('cni.dev/'));
  const section = conf.object('ipam');
  // Another IPAM plugin knows its own.
  const isDelegated = isDelegatedTo(section.text('type') ?? '');
  const ipam = section.keys.filter((key) => !isDelegated && !ipamKeys.includes(key));
  return [...own, ...ipam.map((key) => `ipam.${key}`)];
}

/** A configuration read field by field; what is wrong goes to `onFault`, and counts as absent where that returns. */
export function readConfig(conf: Fields, cniVersion: CniVersion, name: string, onFault: OnFault): Config {
  const dataplane = conf.oneOf('dataplane', dataplanes) ?? 'macvlan';
  const mode = conf.oneOf('mode', modes) ?? 'bridge';
  const previous = conf.raw('prevResult');
  return {
    cniVersion,
    name,
    dataplane,
    mode,
    mac: conf.oneOf('mac', macSources) ?? 'derived',
    hostAccess:
      conf.oneOf('hostAccess', hostAccesses) ??
      (dataplane === 'macvlan' && mode === 'bridge' ? 'shim' : 'veth'),
    hostRoutes: conf.listOf('hostRoutes', (text) => Prefix.parseNetwork(text)),
    duplicateDetection: conf.flag('duplicateDetection') ?? true,
    sysctl: readSysctls(conf.object('sysctl'), onFault),
    ipam: readIpamConfig(conf.object('ipam')),
    dns: readDns(conf.object('dns')),
    runtime: conf.object('runtimeConfig'),
    ...present({
      master: conf.parsed('master', readIfname),
      macPrefix: conf.parsed('macPrefix', checkMacPrefix),
      vlan: conf.integer('vlan', 1, 4094),
      // 0 is the reference plugin's way of writing "the master's".
      mtu: conf.integer('mtu', 0, 65_535) || undefined,
      prevResult: previous === undefined ? undefined : readResult(previous, cniVersion, onFault),
    }),
  };
}

function readIfname(text: string): string {
  const fault = faultOfIfname(text);
  if (fault !== undefined) {
    throw new Problem('INVALID_NETWORK_CONFIG', `the interface name "${text}" ${fault}`);
  }
  return text;
}
