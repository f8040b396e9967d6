import { until } from '../server/until.ts';
import { agentsOf } from './agents.ts';
import { inTurn } from './in-turn.ts';
import { LiveCluster } from './live-cluster.ts';
import { refusals } from './refusals.ts';
import { Workspace } from './workspace.ts';

const node = 'mac-1';
const agents = '/apis/apps/v1/namespaces/realip-system/daemonsets/realip-agent';
/** Generous: the machine beneath may be busy with other things. */
const longestMs = 300_000;

let cluster: LiveCluster;
let space: Workspace;
beforeAll(async () => {
  cluster = await LiveCluster.shared();
  space = await Workspace.open(cluster, 'agent-away');
}, 900_000);
afterAll(
  () =>
    inTurn(
      () => space?.close(),
      () => cluster?.close(),
    ),
  900_000,
);

async function isUpdated(): Promise<boolean> {
  const { metadata, status } = await cluster.must('GET', agents);
  const { observedGeneration, desiredNumberScheduled, updatedNumberScheduled, numberReady } = status;
  return (
    observedGeneration === metadata.generation &&
    updatedNumberScheduled === desiredNumberScheduled &&
    numberReady === desiredNumberScheduled
  );
}

test('while a node has no agent the plugin asks the server itself, with the credentials that the agent left', async () => {
  const aside = { spec: { template: { spec: { nodeSelector: { 'realip.io/no-such-node': 'true' } } } } };
  const back = { spec: { template: { spec: { nodeSelector: { 'realip.io/no-such-node': null } } } } };
  await cluster.must('PATCH', agents, aside);
  try {
    await until('the agent has gone', async () => (await agentsOf(cluster, node)).length === 0, longestMs);
    const { status } = await cluster.runPod(space.pod('alone', { node }));
    expect(status.podIP).toMatch(/^10\.9\./);
    expect(await refusals(cluster, space.namespace)).toEqual([]);
    expect(await agentsOf(cluster, node)).toEqual([]);
  } finally {
    await cluster.must('PATCH', agents, back);
    await until('the agents are back', isUpdated, longestMs);
  }
  // The ledger has nothing of it then.
  await space.close();
}, 900_000);
