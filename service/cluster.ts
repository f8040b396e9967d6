import type { KubeConfig } from '@kubernetes/client-node';
import { Problem, reasonOf } from '../core/problem/problem.ts';

/**
 * How the API server is reached: by KUBECONFIG, else as a pod in the cluster. The client is loaded only here:
 * without `--kube` its memory is not spent.
 *
 * @throws Problem CLUSTER_UNKNOWN where neither is there or can be read, or no API server is named
 */
export async function findCluster(): Promise<{ readonly config: KubeConfig; readonly url: string }> {
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
    throw new Problem('CLUSTER_UNKNOWN', `--kube finds no cluster: ${reasonOf(error)}`, {}, error);
  }
  // Plain HTTP (kubectl proxy) has no TLS to verify, but the client insists on being told.
  config.clusters = config.clusters.map((cluster) =>
    cluster.server?.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  return { config, url: urlIn(config) };
}

/** The API server's URL, without a slash at its end. @throws Problem CLUSTER_UNKNOWN */
function urlIn(config: KubeConfig): string {
  const context = config.getCurrentContext();
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) {
    const why = context
      ? `the current context "${context}" names no cluster`
      : 'the kubeconfig has no current context';
    throw new Problem('CLUSTER_UNKNOWN', `--kube finds no cluster: ${why}`);
  }
  if (!/^https?:\/\//.test(server) || !URL.canParse(server)) {
    throw new Problem('CLUSTER_UNKNOWN', `--kube finds no cluster: "${server}" is no URL of an API server`);
  }
  return server.replace(/\/+$/, '');
}
