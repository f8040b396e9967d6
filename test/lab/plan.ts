/** The lab's plan: who is where, as a company would write it down. */

export interface NodePlan {
  readonly name: string;
  readonly address: string;
  readonly type: 'macvlan' | 'overlay';
  readonly zone: string;
  /** The node's part of the overlay (Flannel) network. */
  readonly overlay: string;
  /** Physical addresses that only this node hands out; n2 lives on the zone's shared range. */
  readonly range?: readonly [first: string, last: string];
  /** A further range of its own, for the agent's reserve; no agent runs where there is none. */
  readonly reserve?: readonly [first: string, last: string];
}

export const lan = {
  cidr: '10.9.0.0/16',
  bits: 16,
  gateway: '10.9.0.1',
  /** The IPAM server and the webhook; in a cluster, the control plane's machines. */
  control: '10.9.0.10',
  shared: ['10.9.2.10', '10.9.2.13'],
  /** Short, so that one can watch an address being used again; 120 s by default. */
  cooldownSeconds: 2,
} as const;

/** The office is another network, behind the gateway. */
export const office = { address: '10.20.0.50', gateway: '10.20.0.1', bits: 24 } as const;

export const overlay = { cidr: '10.244.0.0/16', services: '10.96.0.0/12', dnsService: '10.96.0.10' } as const;

export const nodes: readonly NodePlan[] = [
  {
    name: 'n1',
    address: '10.9.0.11',
    type: 'macvlan',
    zone: 'real',
    overlay: '10.244.1.0',
    range: ['10.9.1.10', '10.9.1.12'],
    reserve: ['10.9.1.20', '10.9.1.27'],
  },
  {
    name: 'n2',
    address: '10.9.0.12',
    type: 'macvlan',
    zone: 'real',
    overlay: '10.244.2.0',
    reserve: ['10.9.2.20', '10.9.2.27'],
  },
  { name: 'n3', address: '10.9.0.13', type: 'overlay', zone: 'overlay', overlay: '10.244.3.0' },
];

/** The port that every pod and host of the lab answers on. */
export const port = 8080;

export const policy = `zones:
  overlay: {type: overlay, nodeSelector: {realip.io/zone: overlay}, tolerations: []}
  real:
    type: macvlan
    nodeSelector: {realip.io/zone-type: macvlan}
    tolerations: [{key: realip.io/zone-type, value: macvlan, effect: NoSchedule}]
    ipResource: true
    dns: {policy: keep}
rules:
  - {name: cluster-dns, match: {namespaces: [kube-system], labels: {k8s-app: kube-dns}}, zone: overlay}
  - {name: ingress, match: {labels: {app.kubernetes.io/name: ingress-nginx}}, zone: overlay}
  - {name: system, match: {namespaces: ["kube-*"]}, zone: none}
default: real
`;
