import type { LiveCluster } from './live-cluster.ts';

/**
 * What the kubelet said of a namespace's pods that it couldn't start at once. While a node has no agent the plugin has
 * three seconds for the server, which may be too short on a busy machine; an agent that lets a call wait is never
 * excused. Volumes come before the network, and the kubelet gives their caches a second.
 */
export async function refusals(cluster: LiveCluster, namespace: string): Promise<string[]> {
  const { items } = await cluster.must('GET', `/api/v1/namespaces/${namespace}/events`);
  const events: readonly { readonly reason: string; readonly message: string }[] = items;
  return events
    .filter(({ reason }) => /^Failed(?!Mount)/.test(reason))
    .map(({ message }) => message)
    .filter((message) => !/no IPAM server answered: .*https:\S+ silent for \d+ ms/.test(message));
}
