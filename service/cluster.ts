import type { KubeConfig } from '@kubernetes/client-node';
import { Problem, reasonOf } from '../core/problem/problem.ts';

/**
 * How the API server is reached: by KUBECONFIG, else as a pod in the cluster. The client is loaded only here:
 * without `--kube` its memory is not spent.
 *
 * @throws Problem FLAG_INVALID where neither is there or can be read
 */
export async function findCluster(): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    if (process.env['KUBECONFIG']) {
      config.loadFromDefault();
    } else if (process.env['KUBERNETES_SERVICE_HOST']) {
      config.loadFromCluster();
    } else {
      throw new Error('KUBECONFIG is not set, and this is no pod of a cluster');
    }
  } catch (error) {
    throw new Problem('FLAG_INVALID', `--kube finds no cluster: ${reasonOf(error)}`, {}, error);
  }
  // Plain HTTP (kubectl proxy) has no TLS to verify, but the client insists on being told.
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  return config;
}
