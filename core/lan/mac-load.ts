import type { Layout } from './layout.ts';

/** MACs that a layout shows, as entries of MAC tables: one a VLAN and MAC. */
export interface MacLoad {
  /** At a node's port. */
  readonly port: number;
  readonly access: number;
  readonly core: number;
  /** Unicast MACs that a node's card has to let through, its own included. */
  readonly card: number;
  /** Neighbour entries of a gateway of all these VLANs: addresses, not MACs. */
  readonly neighbours: number;
}

/**
 * A pod on a macvlan has a MAC of its own, on one VLAN; behind ptp it has its node's. The node shows its own MAC on
 * every VLAN that it asks on. A shim shows none to the LAN. Since whatever is broadcast reaches every switch of a VLAN,
 * every one of them learns all MACs of it, unless the VLAN ends there.
 */
export function macLoadOf(layout: Layout): MacLoad {
  const { nodes, podsPerNode, dataplane, shim, vlans, addressesPerPod, nodesPerSwitch, otherMacs } = layout;
  const isMacvlan = dataplane === 'macvlan';
  const port = vlans + (isMacvlan ? podsPerNode : 0);
  const all = nodes * port + otherMacs;
  const switches = Math.max(1, Math.ceil(nodes / nodesPerSwitch));
  const own = Math.min(nodes, nodesPerSwitch) * port + Math.ceil(otherMacs / switches);
  return {
    port,
    access: layout.isRouted ? own : all,
    // A core that routes sees the racks' routers, one each, on links of their own.
    core: layout.isRouted ? switches : all,
    card: 1 + (isMacvlan ? podsPerNode + (shim ? vlans : 0) : 0),
    neighbours: nodes * (1 + podsPerNode * addressesPerPod) + otherMacs,
  };
}
