import type { Admin } from '../kube/admin.ts';
import { until } from '../server/until.ts';
import { isReady } from './conditions.ts';
import type { LiveNode } from './node/node.ts';
import { installPlugins, subnetOf, writeConfList } from './node/overlay.ts';

/** Generous: the machine beneath may be busy with other things. */
const longestMs = 180_000;

/** A node's daemons, its plugins; it is Ready in the end, where it has a pod network by now. */
export async function joinCluster(cluster: Admin, node: LiveNode, bare: boolean): Promise<void> {
  const path = `/api/v1/nodes/${node.name}`;
  node.start('kubelet');
  node.start('kube-proxy');
  const hasOverlay = bare || node.plan.type === 'overlay';
  installPlugins(node.machine, ['loopback', 'portmap', ...(hasOverlay ? ['bridge', 'host-local'] : [])]);
  await until(
    `${node.name} has its part of the overlay`,
    async () => {
      const { status, body } = await cluster.call('GET', path);
      return status === 200 && body.spec.podCIDR !== undefined;
    },
    longestMs,
  );
  node.start('flanneld');
  let subnet: string | null = null;
  await until(
    `flannel is up on ${node.name}`,
    async () => {
      subnet = await subnetOf(node.machine);
      return subnet !== null;
    },
    longestMs,
  );
  if (hasOverlay) {
    writeConfList(node.machine, subnet ?? '');
    await until(`${node.name} is Ready`, async () => isReady(await cluster.must('GET', path)), longestMs);
  }
}
