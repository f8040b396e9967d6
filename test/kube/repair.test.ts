import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { documentedIn } from '../monitoring/known-metrics.ts';
import { until } from '../server/until.ts';
import { call } from '../webhook/call.ts';
import type { WebhookProcess } from '../webhook/webhook-process.ts';
import { Cluster, firstStartMs, startMs } from './cluster.ts';
import { makeNamespace, makeNode, makePod, makeServiceAccount, tokenOf } from './objects.ts';
import { metricOf, WebhookSite } from './webhook-site.ts';

const policy = `zones:
  overlay: {type: overlay, nodeSelector: {realip.io/zone: overlay}}
  real: {type: macvlan, nodeSelector: {realip.io/zone-type: macvlan}}
rules:
  - {name: system, match: {namespaces: [kube-system]}, zone: overlay}
  - {name: tools, match: {namespaces: [tools]}, zone: none}
default: real
`;

let cluster: Cluster;
let site: WebhookSite;
let webhook: WebhookProcess;

const misplaced = (kind: string, of = webhook) =>
  metricOf(of, `realip_webhook_misplaced_pods{kind="${kind}"}`);

/** The events of repair on a pod, as `type reason message`. */
async function told(namespace: string, pod: string): Promise<string[]> {
  const { items } = await cluster.must('GET', `/api/v1/namespaces/${namespace}/events`);
  return items
    .filter((event: Told) => event.involvedObject.name === pod)
    .map((event: Told) => `${event.type} ${event.reason} ${event.message}`)
    .sort();
}

interface Told {
  readonly involvedObject: { readonly name: string };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

async function eventCount(): Promise<number> {
  return (await cluster.must('GET', '/api/v1/events')).items.length;
}

/** Binds a pod as the scheduler does. */
async function bind(namespace: string, name: string, node: string): Promise<void> {
  await cluster.must('POST', `/api/v1/namespaces/${namespace}/pods/${name}/binding`, {
    metadata: { name },
    target: { kind: 'Node', name: node },
  });
}

async function makeBoundPod(namespace: string, name: string, node: string): Promise<void> {
  await makePod(cluster, namespace, name);
  await bind(namespace, name, node);
}

beforeAll(async () => {
  cluster = await Cluster.start();
  site = await WebhookSite.open(cluster, policy);
  await makeNode(cluster, 'mac-1', { labels: { 'realip.io/zone-type': 'macvlan' } });
  await makeNode(cluster, 'over-1', { labels: { 'realip.io/zone': 'overlay' } });
  for (const namespace of ['shop', 'tools']) {
    await makeNamespace(cluster, namespace);
  }
  for (const namespace of ['shop', 'tools', 'kube-system']) {
    await makeServiceAccount(cluster, namespace, 'default');
  }
  // The webhook is away: these slip through.
  await makePod(cluster, 'shop', 'waiting');
  await makeBoundPod('shop', 'lucky', 'mac-1');
  await makeBoundPod('shop', 'astray', 'over-1');
  await makeBoundPod('kube-system', 'dns', 'mac-1');
  await makeBoundPod('tools', 'builder', 'mac-1');
  await makePod(cluster, 'shop', 'pinned', { node: 'over-1' });
  await makePod(cluster, 'shop', 'aloof', { metadata: { labels: { 'realip.io/inject': 'false' } } });
}, firstStartMs);
afterAll(async () => {
  await site?.close();
  await cluster?.stop();
});

test(
  'pods that slipped through while the webhook was away are told once it is back: what it means and what to do',
  async () => {
    webhook = await site.start('--repair');
    await until('they are counted', async () => (await misplaced('unplaced')) === 4, startMs);
    await until('all are told', async () => (await eventCount()) >= 6, startMs);
    expect(await told('shop', 'waiting')).toEqual([
      'Warning Unplaced The realip webhook did not see this pod at its creation, so nothing steered it to its zone ' +
        '"real" (decided by default); it has no node yet. ' +
        'The policy does not let realip evict it: delete it when it suits, and its controller makes it anew, in its zone.',
    ]);
    expect(await told('shop', 'lucky')).toEqual([
      expect.stringMatching(/^Warning Unplaced .* is on node mac-1/),
    ]);
    expect(await told('shop', 'astray')).toEqual([
      expect.stringMatching(/^Warning Unplaced .* is on node over-1/),
      expect.stringMatching(
        /^Warning WrongZone .*node over-1, which is not of its zone "real" \(decided by default\)/,
      ),
    ]);
    expect(await told('kube-system', 'dns')).toEqual([
      expect.stringMatching(/^Warning Unplaced /),
      expect.stringMatching(
        /^Warning WrongZone .*node mac-1, which is not of its zone "overlay" \(decided by system\)/,
      ),
    ]);
    expect(await misplaced('wrong-zone')).toBe(2);
  },
  startMs,
);

test('each metric that docs/zones explains is there', async () => {
  const { text } = await call({ port: await webhook.port(), method: 'GET', path: '/metrics' });
  // Those of --own-ca: own-ca.test.ts.
  const documented = documentedIn('zones').filter((name) => !/_(own_)?ca_/.test(name));
  expect(documented).toContain('realip_webhook_repair_acting');
  for (const name of documented) {
    expect([name, text.includes(`# TYPE ${name} `)]).toEqual([name, true]);
  }
});

test('pods that are never touched, and those that the policy leaves alone, make no noise', async () => {
  for (const [namespace, pod] of [
    ['shop', 'pinned'],
    ['shop', 'aloof'],
    ['tools', 'builder'],
  ] as const) {
    expect([pod, await told(namespace, pod)]).toEqual([pod, []]);
  }
  expect(await misplaced('harmless')).toBe(1);
});

test(
  'a pod that the webhook places is not found; with its rule gone it is told as outdated, without alarm',
  async () => {
    await makePod(cluster, 'shop', 'placed');
    await bind('shop', 'placed', 'mac-1');
    await until('the loop has passed it', async () => (await misplaced('unplaced')) === 4, startMs);
    expect(await told('shop', 'placed')).toEqual([]);
    site.folder.write('policy.yaml', policy.replace('default: real', 'default: overlay'));
    await until('it is told', async () => (await told('shop', 'placed')).length === 1, startMs);
    expect(await told('shop', 'placed')).toEqual([
      expect.stringMatching(/^Normal Outdated This pod is on node mac-1; .* belongs to the zone "overlay"/),
    ]);
    expect(await misplaced('outdated')).toBe(1);
    site.folder.write('policy.yaml', policy);
    await until('it is fine again', async () => (await misplaced('outdated')) === 0, startMs);
  },
  startMs * 2,
);

test(
  'a pod that is mended or gone is not counted any more',
  async () => {
    await cluster.must('DELETE', '/api/v1/namespaces/shop/pods/waiting?gracePeriodSeconds=0');
    await until('it is forgotten', async () => (await misplaced('unplaced')) === 3, startMs);
  },
  startMs,
);

test(
  'of two replicas one acts; when it is killed the other takes over, and nothing is told twice',
  async () => {
    const second = await site.startAside('--repair');
    const acting = (of: WebhookProcess) => metricOf(of, 'realip_webhook_repair_acting');
    expect([await acting(webhook), await acting(second)]).toEqual([1, 0]);
    expect(await misplaced('unplaced', second)).toBeUndefined();
    const before = await eventCount();
    await webhook.stop();
    await until('the second acts', async () => (await acting(second)) === 1, startMs);
    await until('it knows the pods', async () => (await misplaced('unplaced', second)) === 3, startMs);
    await makeBoundPod('shop', 'fresh', 'over-1');
    await until('it tells of new ones', async () => (await told('shop', 'fresh')).length === 2, startMs);
    expect(await eventCount()).toBe(before + 2);
    // An orderly end lets the lease go at once.
    webhook = await site.start('--repair');
    second.signal('SIGTERM');
    expect(await second.exit()).toBe(0);
    const { spec } = await cluster.must(
      'GET',
      '/apis/coordination.k8s.io/v1/namespaces/realip-system/leases/realip-webhook-repair',
    );
    expect(spec.leaseTransitions).toBeGreaterThan(0);
    await until('the first acts', async () => (await acting(webhook)) === 1, startMs);
  },
  startMs * 2,
);

test(
  'a replica that stood still meanwhile does not act when it wakes',
  async () => {
    const acting = (of: WebhookProcess) => metricOf(of, 'realip_webhook_repair_acting');
    const second = await site.startAside('--repair');
    webhook.signal('SIGSTOP');
    await until('the second acts', async () => (await acting(second)) === 1, startMs);
    webhook.signal('SIGCONT');
    expect([await acting(webhook), await acting(second)]).toEqual([0, 1]);
    await second.stop();
    await until('the first acts again', async () => (await acting(webhook)) === 1, startMs);
  },
  startMs * 2,
);

test(
  'while the API server is away nobody acts; with its return the work goes on, and nothing is told twice',
  async () => {
    await until('it knows the pods', async () => (await misplaced('unplaced')) === 4, startMs);
    const before = await eventCount();
    await cluster.stopApiServer();
    const acting = () => metricOf(webhook, 'realip_webhook_repair_acting');
    await until('the lease is over', async () => (await acting()) === 0, startMs);
    await cluster.startApiServer();
    await until('it acts again', async () => (await acting()) === 1, startMs);
    await cluster.must('PATCH', '/api/v1/nodes/over-1', { metadata: { labels: { changed: 'yes' } } });
    await until('it knows the pods again', async () => (await misplaced('unplaced')) === 4, startMs);
    await cluster.must('DELETE', '/api/v1/namespaces/shop/pods/fresh?gracePeriodSeconds=0');
    await until('it sees changes', async () => (await misplaced('unplaced')) === 3, startMs);
    expect(await eventCount()).toBe(before);
  },
  startMs * 2,
);

test('the account of the webhook may ask what would become of a pod, but make, change or delete none', async () => {
  const audience = 'https://kubernetes.default.svc.cluster.local';
  const token = await tokenOf(cluster, 'realip-system', 'realip-webhook', { audience });
  const pod = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'smuggled', namespace: 'shop' },
    spec: { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'none' }] },
  });
  const as = ['--kubeconfig', cluster.kubeconfig('restricted', token)];
  const real = await cluster.kubectl([...as, 'create', '-f', '-'], pod);
  expect(real).toMatchObject({ status: 1, stderr: expect.stringContaining('as a dry run only') });
  expect(await cluster.kubectl([...as, 'create', '--dry-run=server', '-f', '-'], pod)).toMatchObject({
    status: 0,
  });
  for (const [verb, what] of [
    ['delete', 'pods'],
    ['patch', 'pods'],
    ['patch', 'nodes'],
    ['get', 'secrets'],
    ['list', 'events'],
    ['delete', 'leases'],
    ['create', 'deployments.apps'],
  ] as const) {
    expect([
      verb,
      what,
      (await cluster.kubectl([...as, 'auth', 'can-i', verb, what, '-n', 'shop'])).stdout,
    ]).toEqual([verb, what, 'no\n']);
  }
});

test('the component adds the flag and the rights to the base, which has neither', async () => {
  const manifests = join(import.meta.dirname, '../../manifests');
  const overlay = join(cluster.folder, 'overlay');
  mkdirSync(overlay);
  const path = (name: string) => relative(overlay, join(manifests, name));
  const builtFrom = async (components: readonly string[]) => {
    const kustomization = { resources: [path('base')], components: components.map(path) };
    writeFileSync(join(overlay, 'kustomization.yaml'), JSON.stringify(kustomization));
    const { status, stdout, stderr } = await cluster.kubectl(['kustomize', overlay]);
    expect([status, stderr]).toEqual([0, '']);
    const objects = parseAllDocuments(stdout).map((document) => document.toJS());
    const deployment = objects.find(({ kind, metadata }) => {
      return kind === 'Deployment' && metadata.name === 'realip-webhook';
    });
    const [container] = deployment.spec.template.spec.containers;
    const verdict = await cluster.kubectl(['apply', '--dry-run=server', '-k', overlay]);
    return { args: container.args, names: objects.map(({ metadata }) => metadata.name), verdict };
  };
  const base = await builtFrom([]);
  expect(base.args).not.toContain('--repair');
  expect(base.names.join()).not.toMatch(/repair|dry-runs/);
  const repaired = await builtFrom(['components/repair']);
  expect(repaired.args).toEqual([...base.args, '--repair']);
  expect(repaired.names).toEqual(
    expect.arrayContaining(['realip-webhook-repair', 'realip-webhook-dry-runs-only']),
  );
  expect(repaired.verdict).toMatchObject({ status: 0 });
});
