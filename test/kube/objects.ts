import type { Cluster } from './cluster.ts';

/** Makes a namespace. */
export async function makeNamespace(
  cluster: Cluster,
  name: string,
  labels: Record<string, string> = {},
): Promise<void> {
  await cluster.must('POST', '/api/v1/namespaces', { metadata: { name, labels } });
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
}

/** Makes a pod, bound to its node at once as the scheduler would; gives its uid. */
export async function makePod(
  cluster: Cluster,
  namespace: string,
  name: string,
  { node, serviceAccount = 'default', metadata = {} }: PodWish = {},
): Promise<string> {
  const pod = await cluster.must('POST', `/api/v1/namespaces/${namespace}/pods`, {
    metadata: { name, ...metadata },
    spec: {
      ...(node === undefined ? {} : { nodeName: node }),
      serviceAccountName: serviceAccount,
      automountServiceAccountToken: false,
      containers: [{ name: 'c', image: 'none' }],
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
