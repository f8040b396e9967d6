import { columns } from '../../core/columns.ts';
import { isReady } from './conditions.ts';
import type { LiveCluster } from './live-cluster.ts';

// biome-ignore lint/suspicious/noExplicitAny: objects of two APIs
type Item = any;

const table = (rows: readonly string[][]) => columns(rows, 3);

/** What a cluster looks like now: nodes, pods, addresses; what is away is said so. */
export async function statusOf(cluster: LiveCluster): Promise<string> {
  const { status, body } = await cluster.call('GET', '/api/v1/nodes').catch(() => ({ status: 0, body: {} }));
  if (status !== 200) {
    return `The API server of the cluster ${cluster.name} is away.`;
  }
  const pods = await cluster.must('GET', '/api/v1/pods');
  const parts = [
    table([
      ['NODE', 'ADDRESS', 'ZONE', 'READY', 'ROOM', 'DAEMONS'],
      ...body.items.map((node: Item) => rowOfNode(cluster, node)),
    ]),
    table([
      ['POD', 'NODE', 'ADDRESS', 'STATE', 'PLACED BY'],
      ...pods.items.map(({ metadata, spec, status: { podIP, phase } }: Item) => [
        `${metadata.namespace}/${metadata.name}`,
        spec.nodeName ?? '',
        podIP ?? '',
        phase,
        metadata.annotations?.['realip.io/placed-by'] ?? '',
      ]),
    ]),
  ];
  return [...parts, await addresses(cluster)].join('\n\n');
}

function rowOfNode(cluster: LiveCluster, node: Item): string[] {
  const { name, labels } = node.metadata;
  const machine = cluster.nodes.find((each) => each.name === name)?.machine;
  const daemons = ['kubelet', 'containerd', 'kube-proxy', 'flanneld'].filter((each) =>
    machine?.isRunning(each),
  );
  return [
    name,
    node.status.addresses?.[0]?.address ?? '',
    labels['realip.io/zone'] ?? '',
    isReady(node) ? 'yes' : 'no',
    node.status.allocatable?.['realip.io/ip'] ?? '',
    machine?.isOn ? daemons.join(' ') : 'off',
  ];
}

/** Each subnet's use, in the ledger's words. */
async function addresses(cluster: LiveCluster): Promise<string> {
  try {
    const { items } = await cluster.ledger.must('GET', '/v1/subnets');
    const rows = await Promise.all(
      items.map(async ({ name, cidr }: Item) => {
        const { total, free, byState } = await cluster.ledger.must('GET', `/v1/subnets/${name}/usage`);
        const states = Object.entries(byState).map(([state, count]) => `${count} ${state}`);
        return [name, cidr, `${total}`, `${free}`, states.join(', ')];
      }),
    );
    return table([['SUBNET', 'CIDR', 'TOTAL', 'FREE', 'STATES'], ...rows]);
  } catch (error) {
    return `The ledger does not answer: ${error instanceof Error ? error.message : error}`;
  }
}
