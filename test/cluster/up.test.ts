import { partRefs } from './image/part-images.ts';
import { LiveCluster } from './live-cluster.ts';
import { nodes } from './plan.ts';

let cluster: LiveCluster;
beforeAll(async () => {
  cluster = await LiveCluster.shared();
}, 600_000);
afterAll(() => cluster?.close());

test('each node is Ready, with its own address, and runs pods', async () => {
  const { items } = await cluster.must('GET', '/api/v1/nodes');
  // biome-ignore lint/suspicious/noExplicitAny: the API's object
  const addresses = items.map(({ metadata, status }: any) => [
    metadata.name,
    status.addresses.find(({ type }: { type: string }) => type === 'InternalIP').address,
  ]);
  expect(addresses.sort()).toEqual(nodes.map(({ name, address }) => [name, address]));
  const pods = await Promise.all(
    nodes.map(({ name }) =>
      cluster.runPod({
        metadata: { name: `on-${name}` },
        spec: {
          nodeName: name,
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'main', image: partRefs.agnhost }],
        },
      }),
    ),
  );
  for (const { metadata, status } of pods) {
    const { stdout } = await cluster.kubectl(['exec', metadata.name, '--', 'hostname', '-i']);
    expect(stdout.trim()).toBe(status.podIP);
  }
  for (const { metadata } of pods) {
    await cluster.must('DELETE', `/api/v1/namespaces/default/pods/${metadata.name}`);
  }
}, 600_000);
