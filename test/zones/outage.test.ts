import { join } from 'node:path';
import { Cluster, firstStartMs, startMs } from '../kube/cluster.ts';
import type { Kubelet } from '../kube/kubelet.ts';
import { makeNamespace } from '../kube/objects.ts';
import type { RunningPod } from '../kube/running-pod.ts';
import { until } from '../server/until.ts';
import { webhookCounts } from './api-metrics.ts';
import { install, isLedNowhere, makeNodes, serving } from './installed.ts';
import { boundPods, type PlacedPod, placedBy, podsOf, zonesOf } from './placed-pods.ts';
import { deploymentOf, podOf } from './workloads.ts';

let cluster: Cluster;
let kubelet: Kubelet;
let count = 0;

beforeAll(async () => {
  cluster = await Cluster.start({ scheduler: true, controllerManager: true, services: true });
  await makeNodes(cluster);
  kubelet = await install(cluster);
  await makeNamespace(cluster, 'shop');
  await makeNamespace(cluster, 'strict', { 'realip.io/placement': 'required' });
}, firstStartMs);
afterAll(async () => {
  await kubelet?.stop();
  await cluster?.stop();
});

const webhook = 'placement.realip.io';
const secret = '/api/v1/namespaces/realip-system/secrets/realip-webhook-ca';

/** Creates a pod as a user would. */
async function create(): Promise<PlacedPod> {
  const pod = podOf(`p-${count++}`, { labels: { app: 'p' } });
  return cluster.must('POST', '/api/v1/namespaces/shop/pods', pod);
}

const strictPod = podOf('only-placed', { namespace: 'strict' });

/** Begins to create pods one after the other; gives what ends that, and then the pods. */
function creating(): () => Promise<PlacedPod[]> {
  let goesOn = true;
  const made: PlacedPod[] = [];
  const loop = (async () => {
    while (goesOn) {
      made.push(await create());
    }
  })();
  return async () => {
    goesOn = false;
    await loop;
    return made;
  };
}

/** What is done to each replica, and undone. */
interface Outage {
  readonly begin: (pod: RunningPod) => void | Promise<void>;
  readonly end: (pod: RunningPod) => void | Promise<void>;
}

const killed: Outage = { begin: (pod) => pod.kill(), end: (pod) => pod.start() };

/** Another process in the webhook's place. */
function answering(fault: string): Outage {
  const program = join(import.meta.dirname, 'faulty-webhook.mjs');
  return {
    begin: async (pod) => {
      const { data } = await cluster.must('GET', secret);
      await pod.kill();
      await pod.start([program, fault, data['tls.crt'], data['tls.key']]);
    },
    end: async (pod) => {
      await pod.kill();
      await pod.start();
    },
  };
}

const outages: Readonly<Record<string, Outage>> = {
  'is killed': killed,
  'is cut off': { begin: (pod) => pod.cut(true), end: (pod) => pod.cut(false) },
  'answers status 500': answering('status 500'),
  'answers garbage': answering('garbage'),
  'answers an empty review': answering('an empty review'),
  hangs: { begin: (pod) => pod.freeze(true), end: (pod) => pod.freeze(false) },
};

test.each(Object.keys(outages))(
  'while the webhook %s, pods are created within its time-out, unplaced and off the real-IP nodes',
  async (name) => {
    const { begin, end } = outages[name] ?? killed;
    const before = await webhookCounts(cluster, webhook);
    await Promise.all(kubelet.pods.map(begin));
    const made: PlacedPod[] = [];
    try {
      for (let each = 0; each < 3; each++) {
        const began = Date.now();
        made.push(await create());
        // Two seconds and what a busy machine adds; without its time-out the API server would wait ten, or for ever.
        expect(Date.now() - began).toBeLessThan(30_000);
      }
      // Controllers find the same.
      await cluster.apply(deploymentOf(`web-${count}`, { labels: { wave: `${count}` } }));
      const web = await boundPods(cluster, 'shop', `wave=${count}`, 2);
      made.push(...web);
      // A namespace that would rather have no pod than an unplaced one.
      const refused = await cluster.kubectl(['create', '-f', '-'], JSON.stringify(strictPod));
      expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('failed calling webhook') });
    } finally {
      await Promise.all(kubelet.pods.map(end));
    }
    expect(made.map(placedBy)).toEqual(Array(5).fill(undefined));
    const after = await webhookCounts(cluster, webhook);
    expect(after.failedOpen - before.failedOpen).toBe(5);
    expect(after.rejected).toBe(before.rejected);
    const names = new Set(made.map(({ metadata }) => metadata.name));
    await until(
      'they are bound',
      async () => (await podsOf(cluster, 'shop')).every(({ spec }) => spec.nodeName !== undefined),
      startMs,
    );
    const bound = (await podsOf(cluster, 'shop')).filter(({ metadata }) => names.has(metadata.name));
    expect(zonesOf(bound)).toEqual(['overlay']);
    await kubelet.ready(2);
    await serving(cluster);
  },
  startMs * 3,
);

test(
  'with one of two replicas killed, only pods that the dead one was asked about slip through, until it is known to be dead',
  async () => {
    const before = await webhookCounts(cluster, webhook);
    const stop = creating();
    const [first] = kubelet.pods;
    if (first === undefined) {
      throw new Error('there are two pods of the webhook');
    }
    await first.kill();
    await kubelet.ready(1);
    await isLedNowhere(cluster, first.ip);
    await serving(cluster);
    const slipped = (await stop()).filter((pod) => placedBy(pod) === undefined);
    const { failedOpen } = await webhookCounts(cluster, webhook);
    // Those that were only tried while Services still led to it count there too.
    expect(slipped.length).toBeLessThanOrEqual(failedOpen - before.failedOpen);
    process.stderr.write(`one of two replicas killed: ${slipped.length} pods slipped through\n`);
    const later = await Promise.all(Array.from({ length: 20 }, create));
    expect(new Set(later.map(placedBy))).toEqual(new Set(['default']));
    await first.start();
    await kubelet.ready(2);
  },
  startMs * 3,
);

test(
  'while both replicas are rolled, each of the pods created meanwhile is placed',
  async () => {
    const old = new Set(kubelet.pods);
    const before = await webhookCounts(cluster, webhook);
    const stop = creating();
    const roll = ['-n', 'realip-system', 'rollout', 'restart', 'deployment/realip-webhook'];
    expect(await cluster.kubectl(roll)).toMatchObject({ status: 0 });
    await until(
      'both have been replaced',
      async () => {
        const pods = await podsOf(cluster, 'realip-system', 'app.kubernetes.io/name=realip-webhook');
        return pods.length === 2 && kubelet.pods.every((pod) => !old.has(pod) && pod.isReady);
      },
      startMs,
    );
    const made = await stop();
    expect(made.length).toBeGreaterThan(5);
    expect(made.filter((pod) => placedBy(pod) === undefined)).toEqual([]);
    expect((await webhookCounts(cluster, webhook)).failedOpen).toBe(before.failedOpen);
  },
  startMs * 2,
);

test(
  'after a restart of the API server each pod is placed, and a namespace’s label counts again',
  async () => {
    await cluster.stopApiServer();
    await cluster.startApiServer();
    const made = await Promise.all(Array.from({ length: 20 }, create));
    expect(new Set(made.map(placedBy))).toEqual(new Set(['default']));
    expect(await webhookCounts(cluster, webhook)).toMatchObject({ failedOpen: 0, rejected: 0 });
    const label = (value: string | null) =>
      cluster.must('PATCH', '/api/v1/namespaces/shop', { metadata: { labels: { 'realip.io/zone': value } } });
    await label('overlay');
    await until('the label counts', async () => placedBy(await create()) === 'namespace', startMs);
    await label(null);
  },
  startMs * 3,
);
