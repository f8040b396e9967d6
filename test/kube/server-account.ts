import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Cluster } from './cluster.ts';
import { makeNamespace, tokenOf } from './objects.ts';

const manifests = join(import.meta.dirname, '../../manifests/base');

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const paths: Readonly<Record<string, string>> = {
  ServiceAccount: '/api/v1/namespaces/realip-system/serviceaccounts',
  ClusterRole: `${rbac}/clusterroles`,
  ClusterRoleBinding: `${rbac}/clusterrolebindings`,
};

/** Makes a part's service account, with the rights of its manifest and no others. */
export async function makeAccountOf(cluster: Cluster, part: 'ipam-server' | 'agent'): Promise<void> {
  const manifest = join(manifests, part, 'service-account.yaml');
  for (const document of parseAllDocuments(readFileSync(manifest, 'utf8'))) {
    const object = document.toJS() as { kind: string };
    await cluster.must('POST', paths[object.kind] ?? '', object);
  }
}

/** Makes the server's service account; a kubeconfig for it. */
export async function makeServerAccount(cluster: Cluster): Promise<string> {
  await makeNamespace(cluster, 'realip-system');
  await makeAccountOf(cluster, 'ipam-server');
  const audience = 'https://kubernetes.default.svc.cluster.local';
  return cluster.kubeconfig(
    'server',
    await tokenOf(cluster, 'realip-system', 'realip-ipam-server', { audience }),
  );
}
