import { isReady } from '../conditions.ts';
import type { LiveCluster } from '../live-cluster.ts';
import { killContainer } from '../node/containerd.ts';
import type { Fault } from './fault.ts';

/**
 * All containers of a workload at once; the kubelets start them again.
 *
 * @param label of its pods
 * @param node only those there
 */
export function killedPods(
  cluster: LiveCluster,
  what: string,
  namespace: string,
  label: string,
  node?: string,
): Fault {
  const killed = new Set<string>();
  const where = node === undefined ? '' : `&fieldSelector=spec.nodeName=${node}`;
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${label}${where}`;
  const pods = async () => (await cluster.must('GET', path)).items;
  return {
    name: `${what} killed`,
    strike: async () => {
      for (const { spec, status } of await pods()) {
        for (const { containerID } of status.containerStatuses) {
          killed.add(containerID);
          await killContainer(cluster.node(spec.nodeName).machine, containerID.replace('containerd://', ''));
        }
      }
    },
    isWell: async () => {
      const found = await pods();
      // biome-ignore lint/suspicious/noExplicitAny: the API's objects
      const isNew = ({ status }: any) =>
        // biome-ignore lint/suspicious/noExplicitAny: the same
        (status.containerStatuses ?? []).every(({ containerID }: any) => !killed.has(containerID));
      return found.length > 0 && found.every(isReady) && found.every(isNew);
    },
  };
}
