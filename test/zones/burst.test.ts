import { Cluster, firstStartMs, startMs } from '../kube/cluster.ts';
import type { Kubelet } from '../kube/kubelet.ts';
import { makeNamespace } from '../kube/objects.ts';
import { webhookCounts } from './api-metrics.ts';
import { install, makeNodes } from './installed.ts';
import { boundPods, placedBy, podsOf, zonesOf } from './placed-pods.ts';
import { deploymentOf, jobOf, podOf } from './workloads.ts';

let cluster: Cluster;
let kubelet: Kubelet;

beforeAll(async () => {
  cluster = await Cluster.start({ scheduler: true, controllerManager: true, services: true });
  await makeNodes(cluster);
  kubelet = await install(cluster);
  await makeNamespace(cluster, 'shop');
  await makeNamespace(cluster, 'overlaid', { 'realip.io/zone': 'overlay' });
}, firstStartMs);
afterAll(async () => {
  await kubelet?.stop();
  await cluster?.stop();
});

const burstMs = 600_000;

/** Makes bare pods, so many at a time. */
async function makeBare(namespace: string, count: number, atOnce: number): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const pod = podOf(`bare-${next++}`, { namespace, labels: { app: 'bare' } });
      await cluster.must('POST', `/api/v1/namespaces/${namespace}/pods`, pod);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

test(
  'of 2,000 pods created at once each is placed and bound in its zone, and no call of the webhook failed',
  async () => {
    const began = Date.now();
    await Promise.all([
      cluster.apply(
        deploymentOf('web', { replicas: 600 }),
        jobOf('batch', { replicas: 400 }),
        deploymentOf('inner', { namespace: 'overlaid', replicas: 500 }),
      ),
      makeBare('shop', 300, 5),
      makeBare('overlaid', 200, 5),
    ]);
    const [real, overlay] = await Promise.all([
      boundPods(cluster, 'shop', '', 1_300, burstMs),
      boundPods(cluster, 'overlaid', '', 700, burstMs),
    ]);
    const seconds = (Date.now() - began) / 1_000;
    expect([zonesOf(real), new Set(real.map(placedBy))]).toEqual([['real'], new Set(['default'])]);
    expect([zonesOf(overlay), new Set(overlay.map(placedBy))]).toEqual([['overlay'], new Set(['namespace'])]);
    const { calls, failedOpen, rejected, within } = await webhookCounts(cluster, 'placement.realip.io');
    expect({ failedOpen, rejected }).toEqual({ failedOpen: 0, rejected: 0 });
    expect(calls).toBeGreaterThanOrEqual(2_000);
    process.stderr.write(
      `2,000 pods created and bound in ${seconds.toFixed(0)} s; half of the webhook's calls, as the API server saw them, within ${within(0.5)} ms, 99 of 100 within ${within(0.99)} ms\n`,
    );
  },
  burstMs + startMs,
);

test(
  'the burst leaves nothing behind that is not placed',
  async () => {
    for (const namespace of ['shop', 'overlaid']) {
      const unplaced = (await podsOf(cluster, namespace)).filter((pod) => placedBy(pod) === undefined);
      expect(unplaced).toEqual([]);
    }
  },
  startMs,
);
