/** The cluster's plan: who is where, as a company would write it down. The same in every cluster. */

export interface NodePlan {
  readonly name: string;
  readonly address: string;
  readonly zone: 'real' | 'overlay';
  readonly type: 'macvlan' | 'overlay';
}

export const lan = { cidr: '10.9.0.0/16', bits: 16, gateway: '10.9.0.1' } as const;

/** The office is another network, behind the router. */
export const office = { address: '10.8.0.2', gateway: '10.8.0.1', bits: 24 } as const;

export const controlPlane = { address: '10.9.0.10', apiPort: 6443, storePort: 2379, peerPort: 2380 } as const;

export const serviceRange = '10.96.0.0/16';

export const clusterDns = '10.96.0.10';

export const overlayRange = '10.244.0.0/16';

export const nodes: readonly NodePlan[] = [
  { name: 'mac-1', address: '10.9.0.11', zone: 'real', type: 'macvlan' },
  { name: 'mac-2', address: '10.9.0.12', zone: 'real', type: 'macvlan' },
  { name: 'over-1', address: '10.9.0.13', zone: 'overlay', type: 'overlay' },
];

/** One more node of the overlay, which joins while the cluster runs, and leaves again: see `joinSpare`. */
export const spare: NodePlan = { name: 'over-2', address: '10.9.0.14', zone: 'overlay', type: 'overlay' };

/** On the overlay node. */
export const ipamServer = { address: '10.9.0.13', port: 8443 } as const;
