import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Cluster } from './cluster.ts';
import { makeNamespace, tokenOf } from './objects.ts';

const manifest = join(import.meta.dirname, '../../manifests/base/ipam-server/service-account.yaml');

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const paths: Readonly<Record<string, string>> = {
  ServiceAccount: '/api/v1/namespaces/realip-system/serviceaccounts',
  ClusterRole: `${rbac}/clusterroles`,
  ClusterRoleBinding: `${rbac}/clusterrolebindings`,
};

/** Makes the server's service account with the rights of the manifests, no others; a kubeconfig for it. */
export async function makeServerAccount(cluster: Cluster): Promise<string> {
  await makeNamespace(cluster, 'realip-system');
  for (const document of parseAllDocuments(readFileSync(manifest, 'utf8'))) {
    const object = document.toJS() as { kind: string };
    await cluster.must('POST', paths[object.kind] ?? '', object);
  }
  const audience = 'https://kubernetes.default.svc.cluster.local';
  return cluster.kubeconfig(
    'server',
    await tokenOf(cluster, 'realip-system', 'realip-ipam-server', { audience }),
  );
}
