/** A cluster on a LAN, as far as switches notice it. */
export interface Layout {
  readonly nodes: number;
  readonly podsPerNode: number;
  readonly dataplane: 'macvlan' | 'ptp';
  /** `hostAccess: shim`: each node has one, beside its macvlan pods. */
  readonly shim: boolean;
  /** VLANs that the pods are on, each pod on one; 1 for a LAN without. Every node may use all of them. */
  readonly vlans: number;
  /** Subnets over all VLANs: two where a VLAN has IPv4 and IPv6. */
  readonly subnets: number;
  /** Addresses of a pod: 1, or 2 with both families. */
  readonly addressesPerPod: number;
  /** Addresses that a node holds ready of each subnet. */
  readonly reserve: number;
  /** Pods that begin on a node in an hour. */
  readonly startsPerHour: number;
  /** Nodes at one access switch. */
  readonly nodesPerSwitch: number;
  /** Where VLANs end at the access switch, and the core routes: then a switch learns its own nodes' MACs only. */
  readonly isRouted: boolean;
  /** MACs of others on these VLANs: hosts, printers, gateways. */
  readonly otherMacs: number;
}

/** What switches and hosts bear; undefined: not known, and not judged. */
export interface Limits {
  /** Entries of an access switch's MAC table. */
  readonly accessMacs?: number;
  /** The same of the core's. */
  readonly coreMacs?: number;
  /** MACs that one port may show (port security, hypervisors). */
  readonly portMacs?: number;
  /** MACs that a node's network card filters by itself; with more it takes in every frame. */
  readonly cardMacs?: number;
  /** Entries of the gateway's neighbour table (Linux: net.ipv4.neigh.default.gc_thresh3, 1024 by default). */
  readonly neighbours?: number;
  /** Broadcasts a second that switches let through (storm control). */
  readonly broadcasts?: number;
}

/** What usual devices bear; whoever knows their own say so. */
export const usualLimits = { accessMacs: 8192, coreMacs: 32_768, broadcasts: 500 } as const satisfies Limits;
