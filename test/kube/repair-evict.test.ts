import { until } from '../server/until.ts';
import type { WebhookProcess } from '../webhook/webhook-process.ts';
import { Cluster, firstStartMs, startMs } from './cluster.ts';
import { makeNamespace, makeNode } from './objects.ts';
import { StandInKubelet } from './stand-in-kubelet.ts';
import { metricOf, WebhookSite } from './webhook-site.ts';

const policy = `zones:
  overlay: {type: overlay, nodeSelector: {realip.io/zone: overlay}}
  real:
    type: macvlan
    nodeSelector: {realip.io/zone-type: macvlan}
    tolerations: [{key: realip.io/zone-type, value: macvlan, effect: NoSchedule}]
    ipResource: true
  moon: {type: overlay, nodeSelector: {realip.io/zone: moon}}
default: real
repair: {evict: [unplaced, wrong-zone], namespaces: [shop, blind], after: 1s}
`;

let cluster: Cluster;
let site: WebhookSite;
let kubelet: StandInKubelet;
let webhook: WebhookProcess;

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly annotations?: Record<string, string>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const isReady = ({ metadata, status }: Pod) =>
  metadata.deletionTimestamp === undefined &&
  (status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false);

async function podsOf(namespace: string, app: string): Promise<Pod[]> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${app}`;
  return (await cluster.must('GET', path)).items;
}

const nodesOf = async (namespace: string, app: string) =>
  (await podsOf(namespace, app)).filter(isReady).map(({ spec }) => spec.nodeName);

const uidsOf = async (namespace: string, app: string) =>
  (await podsOf(namespace, app)).map(({ metadata }) => metadata.uid).sort();

/** A Deployment `app` and a budget of pods that must stay. */
function deployment(
  namespace: string,
  app: string,
  { replicas = 1, minAvailable = 0, labels = {}, spec = {} }: DeploymentWish = {},
): object[] {
  const selector = { matchLabels: { app } };
  const template = {
    metadata: { labels: { app, ...labels } },
    spec: { containers: [{ name: 'c', image: 'none' }], ...spec },
  };
  const metadata = { name: app, namespace };
  return [
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec: { selector, minAvailable } },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas, selector, template } },
  ];
}

interface DeploymentWish {
  readonly replicas?: number;
  readonly minAvailable?: number;
  readonly labels?: Record<string, string>;
  readonly spec?: object;
}

async function told(namespace: string, reason: string, app: string): Promise<string[]> {
  const { items } = await cluster.must('GET', `/api/v1/namespaces/${namespace}/events`);
  return items
    .filter((event: { reason: string; involvedObject: { name: string } }) => {
      return event.reason === reason && event.involvedObject.name.startsWith(app);
    })
    .map(({ message }: { message: string }) => message);
}

const tries = (result: string) =>
  metricOf(webhook, `realip_webhook_repair_evictions_total{result="${result}"}`);

beforeAll(async () => {
  cluster = await Cluster.start({ scheduler: true, controllerManager: true });
  site = await WebhookSite.open(cluster, policy);
  await makeNode(cluster, 'mac-1', {
    labels: { 'realip.io/zone-type': 'macvlan' },
    taints: [{ key: 'realip.io/zone-type', value: 'macvlan', effect: 'NoSchedule' }],
    capacity: { 'realip.io/ip': '5' },
  });
  await makeNode(cluster, 'over-1', { labels: { 'realip.io/zone': 'overlay' } });
  for (const namespace of ['shop', 'blind', 'quiet']) {
    await makeNamespace(cluster, namespace);
  }
  // The webhook is away: all of these end on the overlay.
  await cluster.apply(
    ...deployment('shop', 'web', { replicas: 3, minAvailable: 2 }),
    ...deployment('shop', 'precious', { minAvailable: 1 }),
    ...deployment('shop', 'astronaut', { labels: { 'realip.io/zone': 'moon' } }),
    ...deployment('quiet', 'hermit'),
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'bare', namespace: 'shop', labels: { app: 'bare' } },
      spec: { containers: [{ name: 'c', image: 'none' }] },
    },
  );
  kubelet = new StandInKubelet(cluster);
  const where = () =>
    Promise.all(['web', 'precious', 'astronaut', 'bare'].map((app) => nodesOf('shop', app)));
  await until(
    'all run on the overlay',
    async () => (await where()).flat().join() === 'over-1,'.repeat(6).slice(0, -1),
    startMs,
  );
  await until(
    'the budget is counted',
    async () => {
      const { status } = await cluster.must(
        'GET',
        '/apis/policy/v1/namespaces/shop/poddisruptionbudgets/web',
      );
      return status.disruptionsAllowed === 1;
    },
    startMs,
  );
}, firstStartMs);
afterAll(async () => {
  await kubelet?.stop();
  await site?.close();
  await cluster?.stop();
});

test(
  'pods that slipped through are evicted one after the other, within their budget, and come back in their zone',
  async () => {
    const still = {
      precious: await uidsOf('shop', 'precious'),
      astronaut: await uidsOf('shop', 'astronaut'),
      bare: await uidsOf('shop', 'bare'),
      hermit: await uidsOf('quiet', 'hermit'),
    };
    webhook = await site.start('--repair');
    let fewest = 3;
    await until(
      'all pods of the Deployment run in their zone',
      async () => {
        const nodes = await nodesOf('shop', 'web');
        fewest = Math.min(fewest, nodes.length);
        return nodes.join() === 'mac-1,mac-1,mac-1';
      },
      startMs,
    );
    expect(fewest).toBeGreaterThanOrEqual(2);
    for (const pod of (await podsOf('shop', 'web')).filter(isReady)) {
      expect(pod.metadata.annotations).toMatchObject({ 'realip.io/placed-by': 'default' });
    }
    expect(await tries('evicted')).toBe(3);
    await until('it is told', async () => (await told('shop', 'Evicted', 'web')).length === 3, startMs);
    expect((await told('shop', 'Evicted', 'web'))[0]).toMatch(
      /ReplicaSet web-\w+ makes it anew in its zone "real"/,
    );

    await until(
      'the budget is told',
      async () => (await told('shop', 'NotEvicted', 'precious')).length > 0,
      startMs,
    );
    expect((await told('shop', 'NotEvicted', 'precious'))[0]).toMatch(
      /PodDisruptionBudget forbids it now .*precious/,
    );
    expect(await tries('budget')).toBeGreaterThan(0);
    await until(
      'the full zone is told',
      async () => (await told('shop', 'NotEvicted', 'astronaut')).length > 0,
      startMs,
    );
    expect((await told('shop', 'NotEvicted', 'astronaut'))[0]).toContain(
      'no node of zone "moon" could take it',
    );
    expect((await told('shop', 'Unplaced', 'bare'))[0]).toContain('no controller that would make it anew');
    expect((await told('quiet', 'Unplaced', 'hermit'))[0]).toContain('does not let realip evict it');
    expect({
      precious: await uidsOf('shop', 'precious'),
      astronaut: await uidsOf('shop', 'astronaut'),
      bare: await uidsOf('shop', 'bare'),
      hermit: await uidsOf('quiet', 'hermit'),
    }).toEqual(still);
  },
  startMs * 2,
);

test(
  'once the budget allows it, the pod goes, too',
  async () => {
    const path = '/apis/policy/v1/namespaces/shop/poddisruptionbudgets/precious';
    await cluster.must('PATCH', path, { spec: { minAvailable: 0 } });
    await until(
      'it is in its zone',
      async () => (await nodesOf('shop', 'precious')).join() === 'mac-1',
      startMs,
    );
  },
  startMs,
);

test(
  'where the API server does not call the webhook, nothing is evicted: the replacement would slip through as well',
  async () => {
    const configuration =
      '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/realip-webhook';
    const { webhooks } = await cluster.must('GET', configuration);
    const selector = webhooks[0].namespaceSelector;
    const operator = {
      key: 'kubernetes.io/metadata.name',
      operator: 'NotIn',
      values: ['realip-system', 'blind'],
    };
    await cluster.must('PATCH', configuration, {
      webhooks: [{ ...webhooks[0], namespaceSelector: { matchExpressions: [operator] } }],
    });
    // The API server takes a changed configuration up after a moment.
    await until(
      'the webhook is not called',
      async () => {
        const pod = { metadata: { name: 'probe' }, spec: { containers: [{ name: 'c', image: 'none' }] } };
        const { metadata } = await cluster.must('POST', '/api/v1/namespaces/blind/pods?dryRun=All', pod);
        return metadata.annotations === undefined;
      },
      startMs,
    );
    await cluster.apply(...deployment('blind', 'lost'));
    await until('it is told', async () => (await told('blind', 'NotEvicted', 'lost')).length > 0, startMs);
    expect((await told('blind', 'NotEvicted', 'lost'))[0]).toContain(
      'would slip through as well (the webhook did not place it)',
    );
    expect(await told('blind', 'Evicted', 'lost')).toEqual([]);
    expect(await tries('webhook-away')).toBeGreaterThan(0);

    await cluster.must('PATCH', configuration, {
      webhooks: [{ ...webhooks[0], namespaceSelector: selector }],
    });
    await until(
      'it is in its zone',
      async () => (await nodesOf('blind', 'lost')).join() === 'mac-1',
      startMs,
    );
  },
  startMs * 3,
);

test(
  'a node without a free address takes no evicted pod',
  async () => {
    // Five of five addresses are taken by web, precious and lost.
    expect([
      ...(await nodesOf('shop', 'web')),
      ...(await nodesOf('shop', 'precious')),
      ...(await nodesOf('blind', 'lost')),
    ]).toEqual(Array(5).fill('mac-1'));
    await webhook.stop();
    await cluster.apply(...deployment('shop', 'sixth'));
    await until(
      'it slips through',
      async () => (await nodesOf('shop', 'sixth')).join() === 'over-1',
      startMs,
    );
    const before = await uidsOf('shop', 'sixth');
    webhook = await site.start('--repair');
    await until('it is told', async () => (await told('shop', 'NotEvicted', 'sixth')).length > 0, startMs);
    expect((await told('shop', 'NotEvicted', 'sixth'))[0]).toContain('no node of zone "real" could take it');
    expect(await uidsOf('shop', 'sixth')).toEqual(before);
  },
  startMs * 2,
);

test('the stand-in for kubelets had no trouble', () => {
  expect(kubelet.troubles).toEqual([]);
});
