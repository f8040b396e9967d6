import { type ConfList, flannelConfList } from '../../cluster/node/overlay.ts';
import { lan, overlayRange, serviceRange } from '../../cluster/plan.ts';

/** A way to give pods a network, on a node that has several in turn. */
export interface Plane {
  readonly name: string;
  /** What is put before realip's own conf list; null where that is the one to be measured. */
  readonly list: ConfList | null;
  /** How its pods' addresses begin: no other plane's do. */
  readonly begins: RegExp;
}

/** The node's leg to its macvlan pods, which upstream's plugin leaves to admins, and the part of the LAN for them. */
export const shim = { name: 'bench-shim', address: '10.9.4.2', pods: '10.9.4.0/24' } as const;

const macvlanList: ConfList = {
  cniVersion: '1.0.0',
  name: 'bench-macvlan',
  plugins: [
    {
      type: 'macvlan',
      master: 'eth0',
      mode: 'bridge',
      ipam: {
        type: 'host-local',
        ranges: [
          [{ subnet: lan.cidr, rangeStart: '10.9.4.10', rangeEnd: '10.9.4.250', gateway: lan.gateway }],
        ],
        routes: [
          { dst: '0.0.0.0/0' },
          { dst: serviceRange, gw: shim.address },
          { dst: overlayRange, gw: shim.address },
        ],
        dataDir: '/var/lib/cni/networks',
      },
    },
  ],
};

/** The plane that is measured beside `peersOf` the others. */
export const realip: Plane = { name: 'realip', list: null, begins: /^10\.9\.[123]\./ };

/** @param subnet the text of the node's subnet.env, as flanneld wrote it */
export function peersOf(subnet: string): readonly [Plane, Plane] {
  return [
    { name: 'macvlan + host-local', list: macvlanList, begins: /^10\.9\.4\./ },
    { name: 'flannel’s bridge', list: flannelConfList(subnet), begins: /^10\.244\./ },
  ];
}
