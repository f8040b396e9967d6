import { until } from '../server/until.ts';
import { Cluster, firstStartMs, startMs } from './cluster.ts';
import { makeNamespace, makeNode, makePod } from './objects.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start({ scheduler: true, controllerManager: true });
  await makeNode(cluster, 'small', { labels: { size: 's' }, capacity: { 'realip.io/ip': '1' } });
  await makeNode(cluster, 'large', { labels: { size: 'l' } });
  await makeNamespace(cluster, 'shop');
}, firstStartMs);
afterAll(() => cluster?.stop());

const podsOf = async () => (await cluster.must('GET', '/api/v1/namespaces/shop/pods')).items;

test(
  'the real controllers make a Deployment’s pods, and the real scheduler binds them where they may be',
  async () => {
    const labels = { app: 'web' };
    await cluster.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { nodeSelector: { size: 'l' }, containers: [{ name: 'c', image: 'none' }] },
        },
      },
    });
    await until(
      'two pods are bound',
      async () => {
        const nodes = (await podsOf()).map(({ spec }: { spec: { nodeName?: string } }) => spec.nodeName);
        return JSON.stringify(nodes) === '["large","large"]';
      },
      startMs,
    );
  },
  startMs,
);

test(
  'kubectl speaks as the admin, and says what the API server said',
  async () => {
    const good = await cluster.kubectl(['get', 'nodes', '-o', 'name']);
    expect(good).toMatchObject({ status: 0, stdout: 'node/large\nnode/small\n' });
    const bad = await cluster.kubectl(['create', '-f', '-'], '{"apiVersion": "v1", "kind": "Pod"}');
    expect(bad).toMatchObject({ status: 1, stderr: expect.stringContaining('name or generateName') });
  },
  startMs,
);

test(
  'after a restart of the API server the scheduler goes on',
  async () => {
    await cluster.stopApiServer();
    await cluster.startApiServer();
    await makePod(cluster, 'shop', 'late');
    const path = '/api/v1/namespaces/shop/pods/late';
    await until(
      'it is bound',
      async () => (await cluster.must('GET', path)).spec.nodeName !== undefined,
      startMs,
    );
  },
  startMs * 2,
);
