import { until } from '../server/until.ts';
import type { Cluster } from './cluster.ts';

/** Makes a namespace; with controllers, waits for the service account that its pods run under. */
export async function makeNamespace(
  cluster: Cluster,
  name: string,
  labels: Record<string, string> = {},
): Promise<void> {
  await cluster.must('POST', '/api/v1/namespaces', { metadata: { name, labels } });
  if (cluster.hasControllers) {
    const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
    await until(account, async () => (await cluster.call('GET', account)).status === 200, 60_000);
  }
}

/** What a test says of a node. */
export interface NodeWish {
  readonly labels?: Record<string, string>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** What its status says of extended resources, such as `realip.io/ip`. */
  readonly capacity?: Record<string, string>;
}

/** Makes a node object, ready and roomy: enough for the scheduler, though no kubelet is behind it. */
export async function makeNode(
  cluster: Cluster,
  name: string,
  { labels = {}, taints = [], capacity = {} }: NodeWish = {},
): Promise<void> {
  await cluster.must('POST', '/api/v1/nodes', {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', ...labels } },
  });
  // The API server taints each new node not-ready, until its kubelet and a controller have said otherwise.
  await cluster.must('PATCH', `/api/v1/nodes/${name}`, { spec: { taints } });
  const room = { cpu: '1000', memory: '4Ti', pods: '10000', ...capacity };
  await cluster.must('PATCH', `/api/v1/nodes/${name}/status`, {
    status: {
      capacity: room,
      allocatable: room,
      conditions: [{ type: 'Ready', status: 'True', reason: 'Test', message: '' }],
    },
  });
}

/** Makes a service account. */
export async function makeServiceAccount(cluster: Cluster, namespace: string, name: string): Promise<void> {
  await cluster.must('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } });
}

/** What a test says of a pod; the rest is as little as the API server takes. */
export interface PodWish {
  readonly node?: string;
  readonly serviceAccount?: string;
  readonly metadata?: object;
  /** Resources that its container asks for, such as `realip.io/ip`. */
  readonly requests?: Record<string, string>;
  readonly tolerations?: readonly object[];
}

/** Makes a pod, bound to its node at once as the scheduler would; gives its uid. */
export async function makePod(
  cluster: Cluster,
  namespace: string,
  name: string,
  { node, serviceAccount = 'default', metadata = {}, requests = {}, tolerations = [] }: PodWish = {},
): Promise<string> {
  const pod = await cluster.must('POST', `/api/v1/namespaces/${namespace}/pods`, {
    metadata: { name, ...metadata },
    spec: {
      ...(node === undefined ? {} : { nodeName: node }),
      serviceAccountName: serviceAccount,
      automountServiceAccountToken: false,
      tolerations,
      containers: [{ name: 'c', image: 'none', resources: { requests, limits: requests } }],
    },
  });
  return pod.metadata.uid;
}

/** Deletes a pod at once, as after its kubelet has confirmed. */
export async function deletePod(cluster: Cluster, namespace: string, name: string): Promise<void> {
  await cluster.must('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}?gracePeriodSeconds=0`);
}

/** A token of a service account for `audience`, bound to a pod where one is named. */
export async function tokenOf(
  cluster: Cluster,
  namespace: string,
  account: string,
  {
    audience = 'realip',
    pod,
    seconds = 3600,
  }: { audience?: string; pod?: { name: string; uid: string }; seconds?: number } = {},
): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const { status } = await cluster.must('POST', path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences: [audience],
      expirationSeconds: seconds,
      ...(pod === undefined ? {} : { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', ...pod } }),
    },
  });
  return status.token;
}
