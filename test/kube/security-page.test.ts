import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from '../kernel/host.ts';
import { until } from '../server/until.ts';
import { Cluster, firstStartMs, startMs } from './cluster.ts';
import { makeNamespace, makePod, makeServiceAccount } from './objects.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/security.md'), 'utf8');
const files = Object.fromEntries(
  [...page.matchAll(/^```yaml file=(\S+)\n([\s\S]*?)^```$/gm)].map(([, name = '', text = '']) => [
    name,
    text,
  ]),
);

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
  const labels = {
    shop: {},
    tools: { 'realip.io/opt-out': 'allowed', 'realip.io/fixed-addresses': 'allowed' },
    baseline: { 'pod-security.kubernetes.io/enforce': 'baseline' },
    restricted: { 'pod-security.kubernetes.io/enforce': 'restricted' },
  };
  for (const [name, each] of Object.entries(labels)) {
    await makeNamespace(cluster, name, each);
    await makeServiceAccount(cluster, name, 'default');
  }
  for (const name of ['opt-outs.yaml', 'fixed-addresses.yaml']) {
    const { status, stderr } = await cluster.kubectl(['apply', '-f', '-'], files[name]);
    expect([name, status, stderr]).toEqual([name, 0, '']);
  }
  // The API server learns of a policy some moments after it was made.
  const isRefused = async (pod: Pod) => (await dryRun('shop', pod)).status !== 0;
  await until('both policies count', async () => {
    const asks = [optOut, wish('realip.io/addresses', '10.9.1.7')];
    return (await Promise.all(asks.map(isRefused))).every(Boolean);
  });
}, firstStartMs);
afterAll(() => cluster?.stop(), startMs);

const container = { name: 'c', image: 'none' };

/** What the API server says of a pod that nobody keeps. @param as who asks; the cluster's admin when absent */
function dryRun(namespace: string, { metadata = {}, spec = {} }: Pod, ...as: string[]): Promise<Outcome> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace, ...metadata },
    spec: { automountServiceAccountToken: false, containers: [container], ...spec },
  };
  return cluster.kubectl(['create', '--dry-run=server', '-f', '-', ...as], JSON.stringify(pod));
}

interface Pod {
  readonly metadata?: object;
  readonly spec?: object;
}

const wish = (key: string, value: string): Pod => ({ metadata: { annotations: { [key]: value } } });
const marked = (key: string, value: string): Pod => ({ metadata: { labels: { [key]: value } } });
const optOut = wish('realip.io/inject', 'false');
const ownedByDaemonSet: Pod = {
  metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'd', uid: 'u' }] },
};

test.each<[string, Pod, string]>([
  ['realip.io/inject as an annotation', optOut, 'opt out'],
  ['realip.io/inject as a label', marked('realip.io/inject', 'false'), 'opt out'],
  ['the zone none as a label', marked('realip.io/zone', 'none'), 'zone none'],
  ['the zone none as an annotation', wish('realip.io/zone', 'none'), 'zone none'],
  ['a node by name', { spec: { nodeName: 'n1' } }, 'name their node'],
  ['an owner that it has not', ownedByDaemonSet, 'DaemonSet'],
  ['the node’s network', { spec: { hostNetwork: true } }, "node's network"],
])('a pod opts out by %s only where its namespace may', async (_, pod, why) => {
  const refused = await dryRun('shop', pod);
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining(why)]);
  expect(await dryRun('tools', pod)).toMatchObject({ status: 0 });
});

test.each(['realip.io/addresses', 'realip.io/sticky', 'realip.io/retain', 'realip.io/spare'])(
  'a pod has %s only where its namespace may',
  async (key) => {
    const refused = await dryRun('shop', wish(key, '1'));
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('their own choice')]);
    expect(await dryRun('tools', wish(key, '1'))).toMatchObject({ status: 0 });
  },
);

test('an ordinary pod, one that chooses another zone, and those of the DaemonSet controller and of kubelets pass', async () => {
  for (const pod of [{}, marked('realip.io/zone', 'real'), wish('realip.io/inject', 'true')]) {
    expect(await dryRun('shop', pod)).toMatchObject({ status: 0, stderr: '' });
  }
  const controller = 'system:serviceaccount:kube-system:daemon-set-controller';
  expect(await dryRun('shop', ownedByDaemonSet, '--as', controller)).toMatchObject({ status: 0 });
  const kubelet = ['--as', 'system:node:n1', '--as-group', 'system:nodes', '--as-group', 'system:masters'];
  const mirror = { ...wish('kubernetes.io/config.mirror', 'x'), spec: { nodeName: 'n1' } };
  expect((await dryRun('shop', mirror, ...kubelet)).stderr).not.toContain('realip-opt-outs');
});

test('an annotation that asks for an address can’t be added later either, and other changes of such a pod pass', async () => {
  await makePod(cluster, 'shop', 'later');
  const path = '/api/v1/namespaces/shop/pods/later';
  const annotate = (annotations: object) => cluster.call('PATCH', path, { metadata: { annotations } });
  expect(await annotate({ 'realip.io/addresses': '10.9.1.7' })).toMatchObject({ status: 422 });
  expect(await annotate({ team: 'voice' })).toMatchObject({ status: 200 });
  await makePod(cluster, 'tools', 'fixed', wish('realip.io/addresses', '10.9.1.7'));
  const namespace = '/api/v1/namespaces/tools';
  await cluster.must('PATCH', namespace, { metadata: { labels: { 'realip.io/fixed-addresses': null } } });
  const labelled = { metadata: { labels: { tier: 'db' } } };
  expect(await cluster.call('PATCH', `${namespace}/pods/fixed`, labelled)).toMatchObject({ status: 200 });
});

test('Pod Security: baseline refuses to add NET_RAW or NET_ADMIN and asks for no drop; restricted asks to drop all', async () => {
  const capable = (capabilities: object): Pod => ({
    spec: { containers: [{ ...container, securityContext: { capabilities } }] },
  });
  for (const capability of ['NET_RAW', 'NET_ADMIN']) {
    const refused = await dryRun('baseline', capable({ add: [capability] }));
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringContaining('non-default capabilities'),
    ]);
  }
  expect(await dryRun('baseline', {})).toMatchObject({ status: 0 });
  const { status, stderr } = await dryRun('restricted', {});
  expect([status, stderr]).toEqual([1, expect.stringContaining('drop=["ALL"]')]);
});

test('a token that is made for the ledger does not open the API server', async () => {
  const made = await cluster.kubectl(['-n', 'shop', 'create', 'token', 'default', '--audience', 'realip']);
  expect(made.status).toBe(0);
  const kubeconfig = cluster.kubeconfig('ledger', made.stdout.trim());
  const { status, stderr } = await cluster.kubectl(['--kubeconfig', kubeconfig, 'get', 'namespaces']);
  expect([status, stderr]).toEqual([1, expect.stringMatching(/Unauthorized|must be logged in/)]);
});
