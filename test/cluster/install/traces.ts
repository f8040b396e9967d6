import type { LiveCluster } from '../live-cluster.ts';
import type { LiveNode } from '../node/node.ts';

/** Kinds that come and go by themselves, and lists of what is listed elsewhere. */
const restless =
  /^(events|componentstatuses|leases\.|endpoints$|endpointslices\.|pods\.metrics|nodes\.metrics)/;

/** What an installation could leave behind, a line each: objects, what is written on Nodes, what is on the nodes. */
export async function tracesOf(cluster: LiveCluster): Promise<string[]> {
  const [objects, nodes, ...machines] = await Promise.all([
    objectsOf(cluster),
    writtenOnNodes(cluster),
    ...cluster.nodes.map(onMachine),
  ]);
  return [...objects, ...nodes, ...machines.flat()].sort();
}

async function objectsOf(cluster: LiveCluster): Promise<string[]> {
  const kinds = await linesOf(cluster, ['api-resources', '--verbs=list', '--output=name']);
  const listed = kinds.filter((kind) => !restless.test(kind)).join(',');
  const columns = 'custom-columns=KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name';
  const get = ['get', listed, '--all-namespaces', '--no-headers', '--output', columns];
  // A drained pod of the cluster's own comes back by another name.
  return (await linesOf(cluster, get))
    .map((line) => line.replace(/\s+/g, ' '))
    .filter((line) => !line.startsWith('Pod kube-system '));
}

async function linesOf(cluster: LiveCluster, words: readonly string[]): Promise<string[]> {
  const { status, stdout, stderr } = await cluster.kubectl(words);
  if (status !== 0) {
    throw new Error(`kubectl ${words.join(' ')}: ${stderr}`);
  }
  return stdout.split('\n').filter(Boolean);
}

async function writtenOnNodes(cluster: LiveCluster): Promise<string[]> {
  const { items } = await cluster.must('GET', '/api/v1/nodes');
  // biome-ignore lint/suspicious/noExplicitAny: the API's object
  return items.flatMap(({ metadata, spec, status }: any) => [
    ...Object.entries(metadata.labels).map(([key, value]) => `${metadata.name} label ${key}=${value}`),
    ...Object.keys(metadata.annotations).map((key) => `${metadata.name} annotation ${key}`),
    ...(spec.taints ?? []).map(({ key }: { key: string }) => `${metadata.name} taint ${key}`),
    ...['capacity', 'allocatable'].flatMap((each) =>
      Object.keys(status[each]).map((key) => `${metadata.name} ${each} ${key}`),
    ),
  ]);
}

/** Of links and routes those only that are ours: bridges and pairs of the overlay come with its first pod. */
const looks = [
  'ls /opt/cni/bin /etc/cni/net.d',
  "find /etc /opt /run /var/lib /var/log -xdev -iname '*realip*' -not -path '*/containerd/*' -not -path '*/kubelet/*'",
  'ip -oneline link show type macvlan',
  'ip -oneline link show type vlan',
  "ip route show table all | grep -w 'dev realip[^ ]*' || true",
  'ip rule',
  'ip neighbour show nud permanent',
  'nft list tables | grep realip || true',
];

async function onMachine({ name, machine }: LiveNode): Promise<string[]> {
  const found = await Promise.all(
    looks.map(async (look) => {
      const { status, stdout, stderr } = await machine.enter(['sh', '-c', look]);
      if (status !== 0) {
        throw new Error(`${look} on ${name}: ${stderr}`);
      }
      return stdout.split('\n').filter(Boolean);
    }),
  );
  return found.flat().map((line) => `${name}: ${line}`);
}
