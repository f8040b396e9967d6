import type { LiveCluster } from '../live-cluster.ts';

const server = ['--namespace', 'realip-system', 'deployment/realip-ipam-server'];

/**
 * Makes the nodes with real IPs those that the specs look at. They count only nodes without taints as such that pods can
 * be on, and pin pods to each of them; so the real-IP nodes lose theirs, which the IPAM server must not put back,
 * and the overlay's, where the webhook lets none of these pods go, is cordoned.
 *
 * @throws Error with kubectl's words
 */
export async function setStage(cluster: LiveCluster): Promise<void> {
  const namesOf = (type: string) =>
    cluster.nodes.filter(({ plan }) => plan.type === type).map(({ name }) => name);
  const writeNothing = [
    { op: 'add', path: '/spec/template/spec/containers/0/args/-', value: '--kube-nodes=off' },
  ];
  await kubectl(cluster, 'patch', ...server, '--type=json', '--patch', JSON.stringify(writeNothing));
  await kubectl(cluster, 'rollout', 'status', ...server, '--timeout=5m');
  await kubectl(cluster, 'taint', 'node', ...namesOf('macvlan'), 'realip.io/zone-type-');
  await kubectl(cluster, 'cordon', ...namesOf('overlay'));
}

async function kubectl(cluster: LiveCluster, ...words: string[]): Promise<void> {
  const { status, stderr } = await cluster.kubectl(words);
  if (status !== 0) {
    throw new Error(`kubectl ${words.join(' ')}: ${stderr}`);
  }
}
