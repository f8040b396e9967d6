import { setTimeout as sleep } from 'node:timers/promises';
import { slowness } from '../../netlink/testing/slowness.ts';
import { differencesIn } from './leaks/differences.ts';
import { lookAt } from './leaks/node-look.ts';
import type { Picture, SeenPod } from './leaks/picture.ts';
import type { LiveCluster } from './live-cluster.ts';

// biome-ignore lint/suspicious/noExplicitAny: objects of the APIs, looked into field by field
type Told = any;

/**
 * Waits until the kernels' links, routes, neighbours and proxies, the ledger's allocations and the API server's pods
 * tell the same story; the differences in words that are left when the time is over, none where they agree.
 * Pods that are starting or ending count as differences: let none begin meanwhile.
 *
 * @param withinMs milliseconds on a machine that does nothing else; longer on a busy one
 * @param known differences that others left, which are not told again
 */
export async function leaksOf(
  cluster: LiveCluster,
  withinMs = 180_000,
  known: readonly string[] = [],
): Promise<string[]> {
  const began = Date.now();
  for (;;) {
    const all = await pictureOf(cluster).then(differencesIn, (error: Error) => [error.message]);
    const differences = all.filter((each) => !known.includes(each));
    if (differences.length === 0 || Date.now() - began > withinMs * slowness()) {
      return differences;
    }
    await sleep(1_000);
  }
}

async function pictureOf(cluster: LiveCluster): Promise<Picture> {
  const subnets = await listOf(cluster, '/v1/subnets');
  const [pods, allocations, maps, nodes] = await Promise.all([
    cluster.must('GET', '/api/v1/pods'),
    listOf(cluster, '/v1/allocations'),
    Promise.all(subnets.map(({ name }) => listOf(cluster, `/v1/subnets/${name}/map`))),
    Promise.all(cluster.nodes.map(lookAt)),
  ]);
  return {
    subnets: subnets.map(({ cidr }) => cidr),
    realNodes: cluster.nodes.filter(({ plan }) => plan.type === 'macvlan').map(({ name }) => name),
    pods: pods.items.map(podOf),
    allocations: allocations.map(({ node, containerId, pod, mac, ips }) => ({
      node,
      containerId,
      pod: pod === undefined ? undefined : `${pod.namespace}/${pod.name}`,
      mac,
      addresses: ips.map(({ address }: Told) => address.split('/')[0]),
    })),
    states: maps.flat().filter(({ state }) => state !== 'free'),
    nodes: nodes.filter((node) => node !== null),
  };
}

/** All pages of one of the ledger's lists. */
async function listOf({ ledger }: LiveCluster, path: string): Promise<Told[]> {
  const items: Told[] = [];
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await ledger.must('GET', `${path}?limit=1000${query}`);
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return items;
}

function podOf({ metadata, spec, status }: Told): SeenPod {
  const isOver = ['Succeeded', 'Failed'].includes(status.phase);
  const isStarting = status.phase !== 'Running';
  return {
    name: `${metadata.namespace}/${metadata.name}`,
    node: spec.nodeName,
    hostNetwork: spec.hostNetwork === true,
    phase:
      metadata.deletionTimestamp !== undefined
        ? 'ending'
        : isOver
          ? 'over'
          : isStarting
            ? 'starting'
            : 'running',
    addresses: (status.podIPs ?? []).map(({ ip }: Told) => ip),
  };
}
