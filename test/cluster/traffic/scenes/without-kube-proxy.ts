import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubernetes } from '../../../parts/catalogue.ts';
import { goPart } from '../../../parts/go-part.ts';
import type { LiveNode } from '../../node/node.ts';
import { serviceRange } from '../../plan.ts';
import type { Cast } from '../cast.ts';
import { expectThat, type Scene } from '../scene.ts';
import { callOnce, patiently } from '../spot.ts';
import { askClusterDns, callServices } from './services.ts';

const subnet = '/v1/subnets/lan';

/** Services where no kube-proxy runs on the business pods’ node: translated by a node of the overlay. */
export const withoutKubeProxy: Scene = {
  title: 'Without kube-proxy on the node: Services by way of a node of the overlay',
  checks: [
    {
      title: 'a route of the node to the overlay’s node brings all its pods to Services and DNS',
      see: (cast) =>
        withNoProxy(cast, async (node, gateway) => {
          const pod = cast.player('shop-2');
          const { address } = await cast.service('inside');
          const answer = await callOnce(pod, address, 'hostname').catch(() => 'none');
          expectThat(answer === 'none', `without kube-proxy and without a route ${answer} answers`);
          node.host.ip(`route add ${serviceRange} via ${gateway}`);
          try {
            await callServices(cast, pod, ['inside', 'shop-1', 'shop-2']);
            await askClusterDns(cast, pod);
          } finally {
            node.host.ip(`route delete ${serviceRange} via ${gateway}`);
          }
          return `on ${node.name}: ip route add ${serviceRange} via ${gateway}`;
        }),
    },
    {
      title: 'a route of the subnet, in place of a hostRoute, brings its pods there past their node',
      see: (cast) =>
        withNoProxy(cast, async (node, gateway) => {
          const route = { dst: serviceRange, gw: gateway };
          await withSubnetRoute(cast, route, () =>
            withoutHostRoute(node, async () => {
              const pod = await patiently('a pod is made by the new conf list', async () => {
                const made = await cast.enter({ name: 'routed', on: node.name });
                const routes = await made.run(['ip', 'route']);
                if (!routes.includes(`${serviceRange} via ${gateway}`) || routes.includes('metric')) {
                  await cast.leave('routed');
                  throw new Error(routes);
                }
                return made;
              });
              await callServices(cast, pod, ['inside', 'shop-1', 'shop-2']);
              await askClusterDns(cast, pod);
              await cast.leave('routed');
            }),
          );
          return `subnet lan: routes ${JSON.stringify([route])}`;
        }),
    },
  ],
};

/** While mac-2 has no kube-proxy, and nothing that one left. */
async function withNoProxy(
  cast: Cast,
  act: (node: LiveNode, gateway: string) => Promise<string>,
): Promise<string> {
  const node = cast.cluster.node('mac-2');
  await node.kill('kube-proxy');
  try {
    const { status, stderr } = await node.enter([join(goPart(kubernetes), 'kube-proxy'), '--cleanup']);
    expectThat(status === 0, `kube-proxy --cleanup: ${stderr}`);
    return await act(node, cast.cluster.node('over-1').address);
  } finally {
    node.start('kube-proxy');
    // Whoever comes next finds it as it was.
    await callServices(cast, cast.player('shop-2'), ['inside']);
  }
}

/** While pods are given a route by their subnet. */
async function withSubnetRoute({ cluster }: Cast, route: object, act: () => Promise<void>): Promise<void> {
  const { name: _, ...before } = await cluster.ledger.must('GET', subnet);
  await cluster.ledger.must('PUT', subnet, { ...before, routes: [route] });
  try {
    await act();
  } finally {
    await cluster.ledger.must('PUT', subnet, before);
  }
}

/** While a node’s conf list leads nothing of Services by the node. */
async function withoutHostRoute({ machine }: LiveNode, act: () => Promise<void>): Promise<void> {
  const file = join(machine.disk, 'etc/cni/net.d/00-realip.conflist');
  const before = readFileSync(file, 'utf8');
  const list = JSON.parse(before) as { plugins: { hostRoutes: string[] }[] };
  for (const plugin of list.plugins) {
    plugin.hostRoutes = plugin.hostRoutes.filter((each) => each !== serviceRange);
  }
  replace(file, JSON.stringify(list));
  try {
    await act();
  } finally {
    replace(file, before);
  }
}

/** Never half written: the runtime reads it at any time. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
