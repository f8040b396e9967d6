import type { Family, Ip } from '../../core/address/ip.ts';
import type { Mac } from '../../core/address/mac.ts';
import type { Prefix } from '../../core/address/prefix.ts';
import type { Sysctl } from './sysctl.ts';

/** A pod with a MAC of its own on the LAN; in mode `passthru` the pod has the master for itself. */
export interface MacvlanSettings {
  readonly kind: 'macvlan';
  readonly mode: 'bridge' | 'private' | 'vepa' | 'passthru';
}

/** A pod behind its node, which answers for it on the LAN: the LAN sees one MAC a node. */
export interface PtpSettings {
  readonly kind: 'ptp';
}

/** What is certain about a pod's interface before it has an address. */
export interface Sketch {
  readonly ifname: string;
  readonly dataplane: MacvlanSettings | PtpSettings;
  readonly mtu: number;
  /** Absent while it is not known yet. */
  readonly mac?: Mac;
  /** Parameters of the pod, written before the interface goes up. */
  readonly sysctls: readonly Sysctl[];
  /** The families in which the pod sends by its host what is not for the host itself (`hostRoutes`). */
  readonly forwards: readonly Family[];
}

/** What a pod's interface and its host shall look like: made by ADD, held against the kernel by CHECK. */
export interface Plan extends Sketch {
  readonly mac: Mac;
  readonly ips: readonly Prefix[];
  readonly routes: readonly PlannedRoute[];
  /** Entries that never age, in the pod. */
  readonly neighbours: readonly PlannedNeighbour[];
  /** What the host needs to reach the pod; absent without `hostAccess`. */
  readonly host?: HostSide;
}

export interface PlannedRoute {
  readonly destination: Prefix;
  /** Absent: the destination is on the link. */
  readonly gateway?: Ip;
  /** The address to speak from, where the link has none of its own. */
  readonly source?: Ip;
  /** The gateway is outside the pod's subnets, and on the link all the same. */
  readonly onlink?: boolean;
  readonly mtu?: number;
  readonly advmss?: number;
  readonly priority?: number;
  readonly table?: number;
  readonly scope?: number;
}

export interface PlannedNeighbour {
  readonly ip: Ip;
  readonly mac: Mac;
}

/** The host's routes to one pod. */
export interface HostSide {
  /** Which interface of the host leads to the pod. */
  readonly by: 'shim' | 'veth' | 'ptp';
  readonly ways: readonly HostWay[];
  /** What the pod has on its end of the pair that leads to the host beside its interface (`veth`). */
  readonly podEnd?: PodEnd;
}

export type PodEnd = Pick<Plan, 'routes' | 'neighbours'>;

/** The host's route to an address of the pod. */
export interface HostWay {
  readonly ip: Ip;
  /** The address that the host speaks to the pod from; absent where the master has none of that family. */
  readonly source?: Ip;
}
