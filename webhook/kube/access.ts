import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { join } from 'node:path';
import { findCluster } from '../../service/cluster.ts';

/** Where kubelet puts what a pod's service account needs. */
const usualFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What a call must show, and the connections that it may use. */
export interface Credentials {
  readonly headers: Record<string, string>;
  readonly agent: HttpAgent;
}

/** How the API server is reached. */
export interface Access {
  readonly url: string;
  /** Read anew each time: tokens and certificates are renewed in their files. */
  readonly credentials: () => Promise<Credentials>;
}

/**
 * By KUBECONFIG, else as every pod finds the API server: KUBERNETES_SERVICE_HOST and _PORT, and the folder of its
 * service account, or the one that REALIP_KUBE_FOLDER names. The Kubernetes client, which knows all that a kubeconfig
 * can hold, takes 70 MiB; a pod gets by without.
 *
 * @throws Problem CLUSTER_UNKNOWN where there is no cluster
 */
export async function findAccess(variables: NodeJS.ProcessEnv): Promise<Access> {
  const { KUBECONFIG, KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = variables;
  if (KUBECONFIG || !host) {
    return byKubeconfig();
  }
  const folder = variables['REALIP_KUBE_FOLDER'] ?? usualFolder;
  return {
    url: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    credentials: async () => {
      const [token, ca] = await Promise.all(
        ['token', 'ca.crt'].map((name) => readFile(join(folder, name), 'utf8')),
      );
      return {
        headers: { authorization: `Bearer ${token?.trim()}` },
        agent: new HttpsAgent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) }),
      };
    },
  };
}

async function byKubeconfig(): Promise<Access> {
  const { config, url } = await findCluster();
  const { HttpMethod, RequestContext } = await import('@kubernetes/client-node');
  return {
    url,
    credentials: async () => {
      const context = new RequestContext(url, HttpMethod.GET);
      await config.applySecurityAuthentication(context);
      return { headers: context.getHeaders(), agent: keptOpen(context.getAgent()) };
    },
  };
}

/** The client makes an agent for one call; a proxy's agent is left as it is. */
function keptOpen(agent: HttpAgent | undefined): HttpAgent {
  if (agent instanceof HttpsAgent && agent.constructor === HttpsAgent) {
    return new HttpsAgent({ ...agent.options, keepAlive: true });
  }
  return agent ?? new HttpAgent({ keepAlive: true });
}
