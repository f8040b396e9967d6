import type { LiveCluster } from '../../cluster/live-cluster.ts';
import { metricsAddress } from '../../cluster/node/containerd.ts';
import type { LiveNode } from '../../cluster/node/node.ts';
import { sumOf } from './exposition.ts';

const runtime = (operation: string) =>
  `kubelet_runtime_operations_duration_seconds{operation_type="${operation}"}`;

/** As kubelet sees its calls of the runtime. */
const ofKubelet = {
  sandbox: runtime('run_podsandbox'),
  containerMade: runtime('create_container'),
  containerStarted: runtime('start_container'),
  containerStopped: runtime('stop_container'),
  sandboxStopped: runtime('stop_podsandbox'),
};

/** As containerd sees its plugins: all of a conf list, with its own for the loopback. */
const ofContainerd = {
  network: 'containerd_cri_sandbox_create_network_seconds',
  networkEnded: 'containerd_cri_sandbox_delete_network_seconds',
};

/** What a node's parts did for pods, in milliseconds since they were started, all pods together. */
export type Work = Readonly<Record<keyof typeof ofKubelet | keyof typeof ofContainerd, number>>;

/** Reads the histograms that kubelet and containerd keep. */
export async function workOf(cluster: LiveCluster, node: LiveNode): Promise<Work> {
  const [kubelet, { stdout: containerd }] = await Promise.all([
    cluster.must('GET', `/api/v1/nodes/${node.name}/proxy/metrics`),
    node.enter(['curl', '-fsS', `http://${metricsAddress}/v1/metrics`]),
  ]);
  const milliseconds = <Names extends Record<string, string>>(text: string, names: Names) =>
    Object.fromEntries(
      Object.entries(names).map(([key, histogram]) => [key, sumOf(text, histogram) * 1000]),
    ) as Record<keyof Names, number>;
  return { ...milliseconds(kubelet, ofKubelet), ...milliseconds(containerd, ofContainerd) };
}
