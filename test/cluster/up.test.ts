import { partRefs } from './image/part-images.ts';
import { LiveCluster } from './live-cluster.ts';
import { nodes } from './plan.ts';

let cluster: LiveCluster;
beforeAll(async () => {
  cluster = await LiveCluster.shared();
}, 900_000);
afterAll(() => cluster?.close());

// biome-ignore lint/suspicious/noExplicitAny: the API's objects
type Item = any;

test('each node is Ready in its zone, and cluster DNS is on the overlay by the webhook’s word alone', async () => {
  const { items } = await cluster.must('GET', '/api/v1/nodes');
  const zones = items.map(({ metadata, status }: Item) => [
    metadata.name,
    status.addresses.find(({ type }: Item) => type === 'InternalIP').address,
    metadata.labels['realip.io/zone'],
  ]);
  expect(zones.toSorted()).toEqual(nodes.map(({ name, address, zone }) => [name, address, zone]));
  const dns = '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-dns';
  const [pod] = (await cluster.must('GET', dns)).items;
  expect(pod.spec.nodeName).toBe('over-1');
  expect(pod.metadata.annotations['realip.io/placed-by']).toBe('cluster-dns');
  const { spec } = await cluster.must('GET', '/apis/apps/v1/namespaces/kube-system/deployments/coredns');
  expect(spec.template.spec.nodeSelector).toBeUndefined();
});

test('a pod of which nothing is said gets a real IP, which the ledger knows and the office reaches', async () => {
  const namespace = 'up-test';
  await cluster.must('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
  try {
    const { spec, status } = await cluster.runPod({
      metadata: { name: 'business', namespace },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'web',
            image: partRefs.agnhost,
            args: ['netexec', '--http-port=8080'],
            ports: [{ containerPort: 8080 }],
          },
        ],
      },
    });
    expect(cluster.node(spec.nodeName).zone).toBe('real');
    const ip: string = status.podIP;
    expect(ip).toMatch(/^10\.9\.[123]\./);
    expect(await cluster.ledger.must('GET', `/v1/addresses/${ip}`)).toMatchObject({
      address: ip,
      state: 'allocated',
    });
    const { stdout } = cluster.office.run('curl', ['-sS', '--max-time', '30', `http://${ip}:8080/hostname`]);
    expect(stdout).toBe('business');
    const exec = await cluster.kubectl(['exec', '-n', namespace, 'business', '--', 'hostname', '-i']);
    expect(exec.stdout.trim()).toBe(ip);
    // Only the node itself reaches into its own mounts and processes.
    const inside = await cluster.node(spec.nodeName).enter(['ls', '/etc/cni/net.d']);
    expect(inside.stdout).toContain('00-realip.conflist');
  } finally {
    await cluster.must('DELETE', `/api/v1/namespaces/${namespace}`);
  }
}, 600_000);
