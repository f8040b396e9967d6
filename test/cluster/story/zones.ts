import type { LiveCluster } from '../live-cluster.ts';
import { nodes } from '../plan.ts';
import { patiently } from '../traffic/spot.ts';

interface ZoneStep {
  readonly title: string;
  see(cluster: LiveCluster): Promise<string>;
}

/** What each zone has come to be by the installation, the overlay first: the real one needs what runs there. */
export const zoneByZone: readonly ZoneStep[] = [
  {
    title: 'zone overlay: over-1 is labelled, and bears IPAM server and webhook',
    see: async (cluster) => {
      expectZone(await nodeOf(cluster, 'over-1'), 'overlay', 0);
      const apps = ['realip-ipam-server', 'realip-webhook'];
      return (await Promise.all(apps.map((app) => runningOn(cluster, app, 'over-1')))).join(', ');
    },
  },
  {
    title: 'zone overlay: CoreDNS, started again, is placed there by the webhook',
    see: async (cluster) => {
      const { kubectl } = cluster;
      const run = async (...words: string[]) => {
        const { status, stderr } = await kubectl.call(cluster, ['-n', 'kube-system', 'rollout', ...words]);
        if (status !== 0) {
          throw new Error(stderr);
        }
      };
      await run('restart', 'deployment/coredns');
      await run('status', 'deployment/coredns', '--timeout=5m');
      return 'kubectl rollout restart deployment/coredns';
    },
  },
  {
    title: 'zone real: mac-1 and mac-2 are labelled, tainted, and have addresses to give',
    see: async (cluster) => {
      const real = nodes.filter(({ type }) => type === 'macvlan');
      const seen = real.map(({ name }) =>
        patiently(`${name} has addresses to give`, async () => {
          const node = await nodeOf(cluster, name);
          expectZone(node, 'real', 1);
          return `${name}: ${node.status.allocatable['realip.io/ip']}`;
        }),
      );
      return (await Promise.all(seen)).join(', ');
    },
  },
];

async function nodeOf(cluster: LiveCluster, name: string) {
  return await cluster.must('GET', `/api/v1/nodes/${name}`);
}

// biome-ignore lint/suspicious/noExplicitAny: the API's object
function expectZone({ metadata, spec }: any, zone: string, taints: number): void {
  const zoneOf = metadata.labels['realip.io/zone'];
  const own = (spec.taints ?? []).filter(({ key }: { key: string }) => key.startsWith('realip.io/'));
  if (zoneOf !== zone || own.length !== taints) {
    throw new Error(`${metadata.name} is in the zone ${zoneOf}, with ${own.length} taints`);
  }
}

/** @throws Error unless all of its pods run there */
async function runningOn(cluster: LiveCluster, app: string, node: string): Promise<string> {
  const selector = encodeURIComponent(`app.kubernetes.io/name=${app}`);
  const path = `/api/v1/namespaces/realip-system/pods?labelSelector=${selector}`;
  const { items } = await cluster.must('GET', path);
  const elsewhere = items.filter(({ spec }: { spec: { nodeName: string } }) => spec.nodeName !== node);
  if (items.length === 0 || elsewhere.length > 0) {
    throw new Error(`${items.length} pods of ${app}, of which ${elsewhere.length} are not on ${node}`);
  }
  return `${items.length} of ${app}`;
}
