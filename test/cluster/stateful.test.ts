import { until } from '../server/until.ts';
import { LiveCluster } from './live-cluster.ts';
import { Workspace, waitMs } from './workspace.ts';

const real = /^10\.9\.[123]\./;

/** What is kept for pods that are gone counts as room of each node: not for long, here. */
const annotations = { 'realip.io/sticky': 'pod', 'realip.io/retain': '1m' };

let space: Workspace;
beforeAll(async () => {
  const cluster = await LiveCluster.shared();
  space = await Workspace.open(cluster, 'stateful');
  const metadata = (name: string) => ({ name, namespace: space.namespace });
  await cluster.apply(
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata('db'),
      spec: { clusterIP: 'None', selector: { app: 'db' }, ports: [{ port: 8080 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: metadata('db'),
      spec: {
        replicas: 2,
        serviceName: 'db',
        selector: { matchLabels: { app: 'db' } },
        template: {
          metadata: { labels: { app: 'db' }, annotations },
          spec: space.podSpec({ node: 'mac-1' }),
        },
      },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: metadata('job'),
      spec: {
        completions: 3,
        parallelism: 3,
        template: {
          metadata: { labels: { app: 'job' } },
          spec: space.podSpec({
            container: { command: ['sh', '-c', 'hostname -i'], args: [], readinessProbe: null },
            spec: { restartPolicy: 'Never' },
          }),
        },
      },
    },
  );
}, 600_000);
afterAll(async () => {
  await space?.close();
  space?.cluster.close();
}, 600_000);

describe('a StatefulSet with realip.io/sticky', () => {
  async function rolledOut(): Promise<Record<string, string>> {
    await until(
      'all its pods are new and ready',
      async () => {
        const { metadata, status } = await space.get('statefulsets/db', { api: 'apis/apps/v1' });
        return (
          status.observedGeneration === metadata.generation &&
          status.updatedReplicas === 2 &&
          status.readyReplicas === 2 &&
          status.currentRevision === status.updateRevision
        );
      },
      waitMs,
    );
    const pods = await space.podsOf('db');
    return Object.fromEntries(pods.map(({ metadata, status }) => [metadata.name, status.podIP]));
  }
  function officeHears(address: string): string {
    const words = ['-s', '--max-time', '10', `http://${address}:8080/hostname`];
    return space.cluster.office.run('curl', words).stdout;
  }
  async function change(template: object): Promise<void> {
    const patch = JSON.stringify({ spec: { template } });
    await space.kubectl('patch', 'statefulset', 'db', '--type=merge', '-p', patch);
  }

  test('keeps each pod’s address across a rolling update, and on another node', async () => {
    const first = await rolledOut();
    expect(Object.keys(first).sort()).toEqual(['db-0', 'db-1']);
    expect(first['db-0']).not.toBe(first['db-1']);
    const uids = async () => (await space.podsOf('db')).map(({ metadata }) => metadata.uid).sort();
    const before = await uids();

    await change({ metadata: { annotations: { release: '2' } } });
    expect(await rolledOut()).toEqual(first);
    expect(await uids()).not.toEqual(before);

    await change({ spec: { nodeSelector: { 'kubernetes.io/hostname': 'mac-2' } } });
    expect(await rolledOut()).toEqual(first);
    const pods = await space.podsOf('db');
    expect(pods.map(({ spec }) => spec.nodeName)).toEqual(['mac-2', 'mac-2']);
    // The router has their new way already.
    for (const [name, address] of Object.entries(first)) {
      expect(officeHears(address)).toBe(name);
    }
  }, 900_000);
});

test('a Job’s pods return their addresses as they end, while their objects stay', async () => {
  await until(
    'the Job is complete',
    async () => (await space.get('jobs/job', { api: 'apis/batch/v1' })).status.succeeded === 3,
    waitMs,
  );
  const pods = await space.podsOf('job');
  expect(pods).toHaveLength(3);
  const addresses = await Promise.all(
    pods.map(async ({ metadata }) => (await space.kubectl('logs', metadata.name)).trim()),
  );
  expect(new Set(addresses).size).toBe(3);
  for (const address of addresses) {
    expect(address).toMatch(real);
    await until(`${address} rests`, async () => (await space.stateOf(address)) === 'cooling', waitMs);
  }
}, 600_000);

describe('a node out of addresses', () => {
  const ranges = ['mac-2', 'shared'];
  /** What the ledger had of the ranges before they were closed. */
  const were = new Map<string, object>();
  const room = async () =>
    Number((await space.cluster.must('GET', '/api/v1/nodes/mac-2')).status.allocatable['realip.io/ip']);
  const taken = async () =>
    (await space.cluster.ledger.must('GET', '/v1/allocations?node=mac-2&limit=1000')).items.length;
  const hasWarm = async () => {
    const { items } = await space.cluster.ledger.must('GET', '/v1/subnets/lan/map?limit=1000');
    return items.some(
      ({ address, state }: { address: string; state: string }) =>
        state === 'warm' && /^10\.9\.[23]\./.test(address),
    );
  };
  const requests = { resources: { requests: { 'realip.io/ip': '1' }, limits: { 'realip.io/ip': '1' } } };

  beforeAll(async () => {
    const { ledger } = space.cluster;
    for (const name of ranges) {
      const { name: _, ...range } = await ledger.must('GET', `/v1/ranges/${name}`);
      were.set(name, range);
      await ledger.must('PUT', `/v1/ranges/${name}`, { ...range, disabled: true });
    }
    await until(
      'the node has no room left, nor its agent an address in reserve',
      async () => (await room()) <= (await taken()) && !(await hasWarm()),
      waitMs,
    );
  }, 600_000);
  afterAll(async () => {
    for (const [name, range] of were) {
      await space.cluster.ledger.must('PUT', `/v1/ranges/${name}`, range);
    }
  });

  test('leaves pods Pending, tells why, and takes them once there is an address', async () => {
    await space.cluster.apply(
      space.pod('patient', { node: 'mac-2' }),
      // Past the scheduler: as a pod that was on its way while the figure went down.
      space.pod('late', { container: requests, spec: { nodeName: 'mac-2' } }),
      // Past webhook and scheduler: nobody has counted it.
      space.pod('uncounted', { spec: { nodeName: 'mac-2' } }),
    );
    const pending = await space.eventOf('patient', ({ reason }) => reason === 'FailedScheduling');
    expect(pending).toMatch(/^0\/3 nodes are available: .*1 Insufficient realip\.io\/ip/);
    expect((await space.getPod('patient')).status.phase).toBe('Pending');

    await until(
      'the kubelet refuses it',
      async () => (await space.getPod('late')).status.phase === 'Failed',
      waitMs,
    );
    expect((await space.getPod('late')).status).toMatchObject({
      reason: 'OutOfrealip.io/ip',
      message: expect.stringContaining("Node didn't have enough resource: realip.io/ip"),
    });

    await space.eventOf('uncounted', ({ reason }) => reason === 'FailedCreatePodSandBox');
    expect(await space.kubectl('describe', 'pod', 'uncounted')).toMatch(/IPAM_NONE_FREE.*RANGE_EXHAUSTED/);

    for (const [name, range] of were) {
      await space.cluster.ledger.must('PUT', `/v1/ranges/${name}`, range);
    }
    expect(await space.addresses('patient', 'uncounted')).toEqual([
      expect.stringMatching(real),
      expect.stringMatching(real),
    ]);
  }, 900_000);
});
