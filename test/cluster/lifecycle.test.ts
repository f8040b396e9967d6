import { until } from '../server/until.ts';
import { LiveCluster } from './live-cluster.ts';
import { Workspace, waitMs } from './workspace.ts';

const real = /^10\.9\.[123]\./;
const everywhere = [{ operator: 'Exists' }];

let space: Workspace;
let herd: Workspace;
let limited: Workspace;
beforeAll(async () => {
  const cluster = await LiveCluster.shared();
  space = await Workspace.open(cluster, 'lifecycle', 2);
  herd = await Workspace.open(cluster, 'herd');
  limited = await Workspace.open(cluster, 'limited');
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'addresses', namespace: limited.namespace },
    spec: { hard: { 'requests.realip.io/ip': '1' } },
  });
  const labels = { app: 'everywhere' };
  await cluster.apply(
    space.pod('twin', { node: 'mac-1' }),
    space.pod('twin', { node: 'mac-2', namespace: space.namespaces[1] ?? '' }),
    // Of the range that all nodes may use.
    space.pod('lost', { node: 'mac-2', annotations: { 'realip.io/addresses': '10.9.3.78' } }),
    space.pod('slow', {
      node: 'mac-1',
      // Its container takes no notice of a polite end.
      container: { command: ['sh', '-c', "trap '' TERM; agnhost netexec --http-port=8080"], args: [] },
      spec: { terminationGracePeriodSeconds: 20 },
    }),
    space.pod('host', {
      node: 'mac-1',
      container: { args: ['netexec', '--http-port=18080', '--udp-port=18081'], readinessProbe: null },
      spec: { hostNetwork: true, tolerations: everywhere },
    }),
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'everywhere', namespace: space.namespace },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: space.podSpec({ spec: { tolerations: everywhere } }) },
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'herd', namespace: herd.namespace },
      spec: {
        replicas: 10,
        selector: { matchLabels: { app: 'herd' } },
        template: { metadata: { labels: { app: 'herd' } }, spec: herd.podSpec() },
      },
    },
  );
}, 600_000);
afterAll(async () => {
  for (const each of [space, herd, limited]) {
    await each?.close();
  }
  space?.cluster.close();
}, 600_000);

function officeHears(address: string): string {
  return space.cluster.office.run('curl', ['-s', '--max-time', '3', `http://${address}:8080/hostname`])
    .stdout;
}

test('two pods of one name in two namespaces have an address each, and the ledger knows which is whose', async () => {
  const [one = '', two = ''] = space.namespaces;
  const pods = await Promise.all([one, two].map((name) => space.cluster.waitRunning('twin', name)));
  const addresses: string[] = pods.map(({ status }) => status.podIP);
  expect(new Set(addresses).size).toBe(2);
  for (const [index, address] of addresses.entries()) {
    const record = (await space.given()).find(({ ips }) => ips[0].address.startsWith(`${address}/`));
    expect(record.pod).toMatchObject({ namespace: space.namespaces[index], name: 'twin' });
    expect(officeHears(address)).toBe('twin');
  }
}, 600_000);

test('a DaemonSet for all nodes has a pod on each: real IPs in one zone, the overlay’s in the other', async () => {
  await until(
    'it is on all nodes',
    async () => {
      const { status } = await space.get('daemonsets/everywhere', { api: 'apis/apps/v1' });
      return status.numberReady === space.cluster.nodes.length;
    },
    waitMs,
  );
  const pods = await space.podsOf('everywhere');
  for (const { spec, status, metadata } of pods) {
    expect(status.podIP).toMatch(spec.nodeName === 'over-1' ? /^10\.244\./ : real);
    expect(metadata.annotations ?? {}).not.toHaveProperty('realip.io/placed-by');
  }
}, 600_000);

test('a hostNetwork pod is left alone: it has its node’s address, and the ledger nothing of it', async () => {
  const { metadata, spec, status } = await space.cluster.waitRunning('host', space.namespace);
  expect(status.podIP).toBe(space.cluster.node('mac-1').address);
  expect(metadata.annotations ?? {}).not.toHaveProperty('realip.io/placed-by');
  expect(spec.containers[0].resources).toEqual({});
  expect((await space.given()).map(({ pod }) => pod.name)).not.toContain('host');
}, 600_000);

test('a pod deleted by force keeps its address from all others until its sandbox is gone', async () => {
  const [slow = ''] = await space.addresses('slow');
  await space.kubectl('delete', 'pod', 'slow', '--force', '--grace-period=0', '--wait=false');
  const { status } = await space.cluster.call('GET', `/api/v1/namespaces/${space.namespace}/pods/slow`);
  expect(status).toBe(404);
  await until('its address rests', async () => (await space.stateOf(slow)) === 'cooling', waitMs);
  expect(officeHears(slow)).toBe('');
}, 600_000);

test('a pod deleted by force while its kubelet is down keeps its address, and its successor gets another', async () => {
  const { cluster } = space;
  const [lost = ''] = await space.addresses('lost');
  const node = cluster.node('mac-2');
  await node.kill('kubelet');
  try {
    await space.kubectl('delete', 'pod', 'lost', '--force', '--grace-period=0', '--wait=false');
    await cluster.apply(
      space.pod('lost', { node: 'mac-1' }),
      // Asks for the very address.
      space.pod('thief', { node: 'mac-1', annotations: { 'realip.io/addresses': lost } }),
    );
    const [successor] = await space.addresses('lost');
    expect(successor).not.toBe(lost);
    await space.eventOf(
      'thief',
      ({ reason, message }) => reason === 'FailedCreatePodSandBox' && message.includes(`${lost} `),
    );
    // The old one lives, and has it.
    expect(officeHears(lost)).toBe('lost');
    expect(await space.stateOf(lost)).toBe('allocated');
  } finally {
    node.start('kubelet');
  }
  await until('the old sandbox is gone', () => officeHears(lost) !== 'lost', waitMs);
  await until('its address rests', async () => (await space.stateOf(lost)) === 'cooling', waitMs);
}, 900_000);

test('a namespace with ten pods goes, and returns ten addresses', async () => {
  await until(
    'ten pods are ready',
    async () => (await herd.get('deployments/herd', { api: 'apis/apps/v1' })).status.readyReplicas === 10,
    waitMs,
  );
  const addresses = (await herd.podsOf('herd')).map(({ status }) => status.podIP);
  expect(new Set(addresses).size).toBe(10);
  await herd.close();
  for (const address of addresses) {
    expect(await herd.stateOf(address)).toBe('cooling');
  }
}, 600_000);

test('a quota of addresses holds back the pod beyond it, with a clear reason', async () => {
  await limited.cluster.apply(limited.pod('first'));
  await until(
    'the quota is counted',
    async () =>
      (await limited.get('resourcequotas/addresses')).status.used?.['requests.realip.io/ip'] === '1',
    waitMs,
  );
  const { status, stderr } = await limited.cluster.kubectl(
    ['apply', '-f', '-'],
    JSON.stringify(limited.pod('second')),
  );
  expect(status).not.toBe(0);
  expect(stderr).toContain(
    'exceeded quota: addresses, requested: requests.realip.io/ip=1, used: requests.realip.io/ip=1, limited: requests.realip.io/ip=1',
  );
  expect(await limited.addresses('first')).toEqual([expect.stringMatching(real)]);
}, 600_000);
