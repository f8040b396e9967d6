import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Cluster, startMs } from '../kube/cluster.ts';
import { Kubelet } from '../kube/kubelet.ts';
import { makeNode } from '../kube/objects.ts';
import { until } from '../server/until.ts';

const base = join(import.meta.dirname, '../../manifests/base');

/** Two nodes of each zone, labelled and tainted as manifests/README.md asks; none has a kubelet. */
export async function makeNodes(cluster: Cluster): Promise<void> {
  const macvlan = { key: 'realip.io/zone-type', value: 'macvlan', effect: 'NoSchedule' };
  for (const name of ['overlay-1', 'overlay-2']) {
    await makeNode(cluster, name, {
      labels: { 'realip.io/zone': 'overlay', 'realip.io/zone-type': 'overlay' },
    });
  }
  for (const name of ['real-1', 'real-2']) {
    await makeNode(cluster, name, {
      labels: { 'realip.io/zone': 'real', 'realip.io/zone-type': 'macvlan' },
      taints: [macvlan],
      capacity: { 'realip.io/ip': '10000' },
    });
  }
}

/** The manifests as shipped. */
export async function applyBase(cluster: Cluster): Promise<void> {
  const { status, stderr } = await cluster.kubectl(['apply', '-k', base]);
  if (status !== 0) {
    throw new Error(`kubectl apply: ${stderr}`);
  }
}

/** What manifests/README.md tells an admin to do, and no more; then waits until both replicas serve. */
export async function install(cluster: Cluster): Promise<Kubelet> {
  const kubelet = new Kubelet(cluster, 'realip-system');
  await applyBase(cluster);
  await kubelet.ready(2);
  await serving(cluster);
  return kubelet;
}

/** Waits until the API server reaches it wherever the Service leads: until rounds of pods, only tried, are all placed. */
export async function serving(cluster: Cluster): Promise<void> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'tried-' },
    spec: { containers: [{ name: 'c', image: 'none' }] },
  };
  const isPlaced = async () => {
    const { status, body } = await cluster.call('POST', '/api/v1/namespaces/default/pods?dryRun=All', pod);
    return status === 201 && body.metadata.annotations?.['realip.io/placed-by'] !== undefined;
  };
  let rounds = 0;
  await until(
    'the API server reaches the webhook',
    async () => {
      const placed = await Promise.all(Array.from({ length: 8 }, isPlaced));
      rounds = placed.every(Boolean) ? rounds + 1 : 0;
      return rounds === 4;
    },
    startMs,
  );
}

/** Waits until kube-proxy leads no new connection to a pod any more: connections that are open already hide it. */
export async function isLedNowhere(cluster: Cluster, ip: string): Promise<void> {
  const [nsenter = '', ...entering] = cluster.network?.entering ?? [];
  const isLedTo = () => {
    const rules = spawnSync(nsenter, [...entering, 'nft', 'list', 'table', 'ip', 'kube-proxy'], {
      encoding: 'utf8',
    });
    return rules.status !== 0 || rules.stdout.includes(`dnat to ${ip}:`);
  };
  await until(`no Service leads to ${ip}`, () => !isLedTo(), startMs);
}
