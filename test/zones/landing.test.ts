import { join } from 'node:path';
import { Cluster, firstStartMs, startMs } from '../kube/cluster.ts';
import type { Kubelet } from '../kube/kubelet.ts';
import { makeNamespace } from '../kube/objects.ts';
import { until } from '../server/until.ts';
import { install, makeNodes } from './installed.ts';
import { boundPods, placedBy, zonesOf } from './placed-pods.ts';
import { cronJobOf, daemonSetOf, deploymentOf, jobOf, podOf, statefulSetOf } from './workloads.ts';

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

/** What the pods with `app=NAME` are, once they are bound. */
const bound = (name: string, count: number, namespace = 'shop') =>
  boundPods(cluster, namespace, `app=${name}`, count);

const applyFile = async (name: string) => {
  const file = join(import.meta.dirname, 'fixtures', name);
  expect(await cluster.kubectl(['apply', '-f', file])).toMatchObject({ status: 0, stderr: '' });
};

test.each([
  ['a Deployment', deploymentOf],
  ['a StatefulSet', statefulSetOf],
  ['a Job', jobOf],
] as const)(
  '%s’s pods land on the real-IP nodes, with one address counted in one container',
  async (kind, make) => {
    const name = kind.toLowerCase().replace(/^a /, '');
    await cluster.apply(make(name, { replicas: 3 }));
    const pods = await bound(name, 3);
    expect(zonesOf(pods)).toEqual(['real']);
    for (const pod of pods) {
      expect(placedBy(pod)).toBe('default');
      expect(pod.spec.nodeSelector).toEqual({ 'realip.io/zone-type': 'macvlan' });
      expect(pod.spec.containers.map(({ resources }) => resources?.limits)).toEqual([
        { 'realip.io/ip': '1' },
      ]);
    }
  },
  startMs,
);

test(
  'the pods of a CronJob’s Job and a bare pod land on the real-IP nodes too',
  async () => {
    await cluster.apply(cronJobOf('nightly', { replicas: 1 }), podOf('bare', { labels: { app: 'bare' } }));
    const created = await cluster.kubectl(['-n', 'shop', 'create', 'job', 'now', '--from=cronjob/nightly']);
    expect(created).toMatchObject({ status: 0, stderr: '' });
    expect(zonesOf([...(await bound('nightly', 1)), ...(await bound('bare', 1))])).toEqual(['real']);
  },
  startMs,
);

test(
  'CoreDNS as kubeadm makes it lands on the overlay nodes, with what it wished for itself',
  async () => {
    await applyFile('coredns.yaml');
    const pods = await boundPods(cluster, 'kube-system', 'k8s-app=kube-dns', 2);
    expect(zonesOf(pods)).toEqual(['overlay']);
    for (const pod of pods) {
      expect(placedBy(pod)).toBe('cluster-dns');
      expect(pod.spec.nodeSelector).toEqual({ 'kubernetes.io/os': 'linux', 'realip.io/zone': 'overlay' });
      expect(pod.spec.tolerations).toContainEqual({ key: 'CriticalAddonsOnly', operator: 'Exists' });
      expect(pod.spec.containers[0]?.resources?.limits).toEqual({ memory: '170Mi' });
    }
  },
  startMs,
);

test(
  'ingress-nginx’s controller and the Jobs of its admission land on the overlay nodes',
  async () => {
    await applyFile('ingress-nginx.yaml');
    const pods = await boundPods(cluster, 'ingress-nginx', 'app.kubernetes.io/name=ingress-nginx', 3);
    expect(zonesOf(pods)).toEqual(['overlay']);
    expect(pods.map(placedBy)).toEqual(['ingress', 'ingress', 'ingress']);
  },
  startMs,
);

test(
  'a namespace’s label, and before it the pod’s own, chooses the zone',
  async () => {
    await cluster.apply(
      deploymentOf('by-namespace', { namespace: 'overlaid' }),
      deploymentOf('by-pod', { namespace: 'overlaid', labels: { 'realip.io/zone': 'real' } }),
      deploymentOf('by-annotation', { annotations: { 'realip.io/zone': 'overlay' } }),
    );
    const byNamespace = await bound('by-namespace', 2, 'overlaid');
    expect([zonesOf(byNamespace), ...byNamespace.map(placedBy)]).toEqual([
      ['overlay'],
      'namespace',
      'namespace',
    ]);
    const byPod = await bound('by-pod', 2, 'overlaid');
    expect([zonesOf(byPod), ...byPod.map(placedBy)]).toEqual([['real'], 'pod', 'pod']);
    const byAnnotation = await bound('by-annotation', 2);
    expect([zonesOf(byAnnotation), ...byAnnotation.map(placedBy)]).toEqual([['overlay'], 'pod', 'pod']);
  },
  startMs,
);

test(
  'a DaemonSet’s pods stay as they are: on each node whose taints they bear',
  async () => {
    await cluster.apply(
      daemonSetOf('plain'),
      daemonSetOf('everywhere', { spec: { tolerations: [{ operator: 'Exists' }] } }),
    );
    const plain = await bound('plain', 2);
    expect(zonesOf(plain)).toEqual(['overlay']);
    const everywhere = await bound('everywhere', 5);
    expect(zonesOf(everywhere)).toEqual(['control-plane', 'overlay', 'real']);
    expect([...plain, ...everywhere].map(placedBy)).toEqual(Array(7).fill(undefined));
  },
  startMs,
);

test(
  'hostNetwork, opted-out and mirror pods stay as they are, and the taint keeps them off the real-IP nodes',
  async () => {
    const mirror = { 'kubernetes.io/config.mirror': 'abc' };
    await cluster.apply(
      deploymentOf('host-network', { spec: { hostNetwork: true } }),
      deploymentOf('opted-out', { labels: { 'realip.io/inject': 'false' } }),
      deploymentOf('opted-out-too', { annotations: { 'realip.io/inject': 'false' } }),
      podOf('mirror', { labels: { app: 'mirror' }, annotations: mirror, spec: { nodeName: 'overlay-1' } }),
      podOf('pinned', { labels: { app: 'pinned' }, spec: { nodeName: 'overlay-2' } }),
    );
    for (const [name, count] of [
      ['host-network', 2],
      ['opted-out', 2],
      ['opted-out-too', 2],
      ['mirror', 1],
      ['pinned', 1],
    ] as const) {
      const pods = await bound(name, count);
      expect([name, zonesOf(pods), ...pods.map(placedBy)]).toEqual([
        name,
        ['overlay'],
        ...Array(count).fill(undefined),
      ]);
      expect(pods.map(({ spec }) => spec.nodeSelector)).toEqual(Array(count).fill(undefined));
    }
  },
  startMs,
);

test(
  'a system pod, whose zone is none, keeps its own wishes and stays off the real-IP nodes',
  async () => {
    await cluster.apply(deploymentOf('metrics', { namespace: 'kube-system', replicas: 4 }));
    const pods = await bound('metrics', 4, 'kube-system');
    expect(zonesOf(pods)).toEqual(['overlay']);
    expect(pods.map(({ spec }) => spec.nodeSelector)).toEqual(Array(4).fill(undefined));
    expect(new Set(pods.map(placedBy))).toEqual(new Set(['system']));
  },
  startMs,
);

const conflicting = { spec: { nodeSelector: { 'realip.io/zone-type': 'overlay' } } };

test(
  'kubectl tells the user which wishes of a pod contradict its zone',
  async () => {
    const { status, stderr } = await cluster.kubectl(
      ['create', '-f', '-'],
      JSON.stringify(podOf('torn', conflicting)),
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/admission webhook "placement\.realip\.io" denied the request/);
    for (const word of ['realip.io/zone-type', 'overlay', 'macvlan', '"real"']) {
      expect(stderr).toContain(word);
    }
    const unknown = { labels: { 'realip.io/zone': 'reel' } };
    const answer = await cluster.kubectl(['create', '-f', '-'], JSON.stringify(podOf('lost', unknown)));
    expect(answer.stderr).toMatch(/denied the request.*reel.*overlay.*real/);
    const address = { annotations: { 'realip.io/addresses': '10.9.01.7' } };
    const wrong = await cluster.kubectl(['create', '-f', '-'], JSON.stringify(podOf('odd', address)));
    expect(wrong.stderr).toMatch(/"annotations\.realip\.io" denied the request.*10\.9\.01\.7/);
  },
  startMs,
);

test(
  'a Deployment whose pods contradict their zone says why in an event of its ReplicaSet',
  async () => {
    await cluster.apply(deploymentOf('torn-apart', conflicting));
    const selector = encodeURIComponent('involvedObject.kind=ReplicaSet,reason=FailedCreate');
    let messages: string[] = [];
    await until(
      'the event is there',
      async () => {
        const path = `/api/v1/namespaces/shop/events?fieldSelector=${selector}`;
        const { items } = await cluster.must('GET', path);
        messages = items.map(({ message }: { message: string }) => message);
        return messages.length > 0;
      },
      startMs,
    );
    expect(messages[0]).toMatch(/placement\.realip\.io.*realip\.io\/zone-type.*overlay/);
  },
  startMs,
);

test(
  'pods of its own namespace are never sent to the webhook',
  async () => {
    await cluster.apply(podOf('own', { namespace: 'realip-system', labels: { app: 'own' } }));
    const pods = await bound('own', 1, 'realip-system');
    expect([zonesOf(pods), ...pods.map(placedBy)]).toEqual([['overlay'], undefined]);
    const conflict = podOf('own-too', { namespace: 'realip-system', ...conflicting });
    expect((await cluster.kubectl(['create', '-f', '-'], JSON.stringify(conflict))).status).toBe(0);
  },
  startMs,
);
