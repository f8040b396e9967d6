import type { Authenticator } from '../http/caller.ts';
import type { TokensInUse } from '../tokens/tokens-in-use.ts';
import { ApiServer } from './api-server.ts';
import { NodeKeeper, type NodeKeeperParts } from './node-keeper.ts';
import { Pods } from './pods.ts';
import { type RoleOfAccount, ServiceAccounts } from './service-accounts.ts';
import { TokenReviews } from './token-reviews.ts';

/** Milliseconds for a list of many objects; nobody waits for it. */
const keepingPatience = 15_000;

/** What --kube gives the server. */
export interface KubeCluster {
  readonly pods: Pods;
  readonly reviews: TokenReviews;
  /** Asked by calls of its own: what ADDs wait for neither waits for them nor rests with them. */
  readonly keepNodes: (parts: Omit<NodeKeeperParts, 'api'>) => NodeKeeper;
}

/** By KUBECONFIG, else as a pod; the API server is not asked yet. @throws Problem FLAG_INVALID */
export async function openCluster(audience: string): Promise<KubeCluster> {
  const [api, patient] = [await ApiServer.open(), await ApiServer.open(keepingPatience)];
  return {
    pods: new Pods(api),
    reviews: new TokenReviews(api, audience),
    keepNodes: (parts) => new NodeKeeper({ api: patient, ...parts }),
  };
}

/** The service accounts of the manifests: who may call where no tokens file says otherwise. */
const roles: ReadonlyMap<string, string> = new Map([
  ['realip-system/realip-agent', 'node:*'],
  ['realip-system/realip-viewer', 'viewer'],
  ['realip-system/realip-admin', 'admin'],
]);

/** Who knows the callers: the file first, because it needs nobody else. Null where tokens are not asked for. */
export function authenticatorOf(
  tokens: TokensInUse | null,
  cluster: KubeCluster | null,
): Authenticator | null {
  if (cluster === null) {
    return tokens;
  }
  const roleOf: RoleOfAccount = (account) =>
    tokens === null ? roles.get(`${account.namespace}/${account.name}`) : tokens.roleOfAccount(account);
  const accounts = new ServiceAccounts(cluster.reviews, cluster.pods, roleOf);
  return { callerOf: (token) => tokens?.callerOf(token) ?? accounts.callerOf(token) };
}
