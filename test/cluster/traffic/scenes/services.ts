import { clusterDns } from '../../plan.ts';
import type { Cast, Name } from '../cast.ts';
import { expectSeen, expectThat, type Scene } from '../scene.ts';
import { call, type Spot } from '../spot.ts';

/** Services and cluster DNS from business pods, with kube-proxy on their node. */
export const services: Scene = {
  title: 'Services and cluster DNS, from business pods',
  checks: [
    {
      title: 'a business pod calls ClusterIPs: of the overlay, of its own node’s pods, of another node’s',
      see: (cast) => callServices(cast, cast.player('shop-1'), ['inside', 'billing', 'shop-2']),
    },
    {
      title: 'a business pod resolves names by the cluster’s DNS',
      see: (cast) => askClusterDns(cast, cast.player('shop-1')),
    },
  ],
};

/** Has a pod call the ClusterIPs of others. */
export async function callServices({ service }: Cast, from: Spot, names: readonly Name[]): Promise<string> {
  for (const name of names) {
    const { address } = await service(name);
    expectSeen('who answered', await call(from, address, 'hostname'), name);
  }
  return `${from.name} → ${names.join(', ')}`;
}

/** Has a pod find a Service by its name. */
export async function askClusterDns({ namespace }: Cast, from: Spot): Promise<string> {
  const settings = await from.run(['cat', '/etc/resolv.conf']);
  expectThat(settings.includes(`nameserver ${clusterDns}`), `it asks another server: ${settings}`);
  const name = `inside.${namespace}.svc.cluster.local`;
  expectSeen('who answered', await call(from, name, 'hostname'), 'inside');
  return `${name}, told by ${clusterDns}`;
}
