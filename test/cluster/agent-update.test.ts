import { until } from '../server/until.ts';
import { partRefs } from './image/part-images.ts';
import { LiveCluster, type PodManifest } from './live-cluster.ts';

const namespace = 'agent-update';
const node = 'mac-1';
const agents = '/apis/apps/v1/namespaces/realip-system/daemonsets/realip-agent';
/** Generous: the machine beneath may be busy with other things. */
const longestMs = 300_000;

let cluster: LiveCluster;
beforeAll(async () => {
  cluster = await LiveCluster.shared();
  await cluster.must('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
}, 900_000);
afterAll(async () => {
  await cluster?.call('DELETE', `/api/v1/namespaces/${namespace}`);
  cluster?.close();
}, 120_000);

const podOf = (name: string): PodManifest => ({
  metadata: { name, namespace },
  spec: {
    nodeSelector: { 'kubernetes.io/hostname': node },
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'main', image: partRefs.agnhost }],
  },
});

/** The names of the agent’s pods on the node. */
async function agentsOf(): Promise<string[]> {
  const query = `labelSelector=app.kubernetes.io/name%3Drealip-agent&fieldSelector=spec.nodeName%3D${node}`;
  const { items } = await cluster.must('GET', `/api/v1/namespaces/realip-system/pods?${query}`);
  return items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
}

async function isUpdated(): Promise<boolean> {
  const { metadata, status } = await cluster.must('GET', agents);
  const { observedGeneration, desiredNumberScheduled, updatedNumberScheduled, numberReady } = status;
  return (
    observedGeneration === metadata.generation &&
    updatedNumberScheduled === desiredNumberScheduled &&
    numberReady === desiredNumberScheduled
  );
}

/** What the kubelet said of pods that it couldn't start at once, but for the slowness of a busy machine. */
async function refusals(): Promise<string[]> {
  const { items } = await cluster.must('GET', `/api/v1/namespaces/${namespace}/events`);
  return items
    .filter(({ reason }: { reason: string }) => /^Failed/.test(reason))
    .map(({ message }: { message: string }) => message)
    .filter((message: string) => !/silent for \d+ ms/.test(message));
}

/** How many addresses of the node the ledger has for pods of this namespace. */
async function heldHere(): Promise<number> {
  const { items } = await cluster.ledger.must('GET', `/v1/allocations?node=${node}`);
  const held = items.filter(({ pod }: { pod?: { namespace: string } }) => pod?.namespace === namespace);
  return held.length;
}

test('while the agents are updated one by one, each pod that comes to their nodes starts, and none is refused', async () => {
  const [former] = await agentsOf();
  const { status, stderr } = await cluster.kubectl([
    ...['-n', 'realip-system', 'rollout', 'restart', 'daemonset/realip-agent'],
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  let count = 0;
  const began = Date.now();
  do {
    const pod = await cluster.runPod(podOf(`during-${count}`));
    expect(pod.status.podIP).toMatch(/^10\.9\./);
    count += 1;
  } while (!(await isUpdated()) && Date.now() - began < longestMs);
  expect(await isUpdated()).toBe(true);
  expect(await agentsOf()).not.toContain(former);
  expect(count).toBeGreaterThan(2);
  expect(await refusals()).toEqual([]);
}, 900_000);

test('while a node has no agent the plugin asks the server itself, with the credentials that the agent left', async () => {
  const aside = { spec: { template: { spec: { nodeSelector: { 'realip.io/no-such-node': 'true' } } } } };
  const back = { spec: { template: { spec: { nodeSelector: { 'realip.io/no-such-node': null } } } } };
  await cluster.must('PATCH', agents, aside);
  try {
    await until('the agent has gone', async () => (await agentsOf()).length === 0, longestMs);
    const { status } = await cluster.runPod(podOf('alone'));
    expect(status.podIP).toMatch(/^10\.9\./);
    expect(await refusals()).toEqual([]);
    expect(await agentsOf()).toEqual([]);
  } finally {
    await cluster.must('PATCH', agents, back);
    await until('the agents are back', isUpdated, longestMs);
  }
  await cluster.must('DELETE', `/api/v1/namespaces/${namespace}`);
  await until(
    'its pods have gone',
    async () => (await cluster.call('GET', `/api/v1/namespaces/${namespace}`)).status === 404,
    longestMs,
  );
  await until('the ledger has none of them', async () => (await heldHere()) === 0, longestMs);
}, 900_000);
