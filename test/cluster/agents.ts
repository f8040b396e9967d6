import { isReady } from './conditions.ts';
import type { LiveCluster } from './live-cluster.ts';

/** The label of nodes whose data plane isn't the usual one, and of the agents that serve it. */
export const planeLabel = 'realip.io/dataplane';

export interface Agent {
  /** Its pod's. */
  readonly name: string;
  readonly plane: string;
  /** Its plugin is installed by then. */
  readonly isReady: boolean;
}

/** The agents that are on a node: one, two while they are exchanged for another plane's, or none. */
export async function agentsOf(cluster: LiveCluster, node: string): Promise<Agent[]> {
  const query = `labelSelector=app.kubernetes.io/name%3Drealip-agent&fieldSelector=spec.nodeName%3D${node}`;
  const { items } = await cluster.must('GET', `/api/v1/namespaces/realip-system/pods?${query}`);
  // biome-ignore lint/suspicious/noExplicitAny: the API's objects
  return items.map((pod: any) => ({
    name: pod.metadata.name,
    plane: pod.metadata.labels[planeLabel] ?? 'macvlan',
    isReady: isReady(pod),
  }));
}
