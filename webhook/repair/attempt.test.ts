import type { KubeCall } from '../kube/api-server.ts';
import { loadPolicy } from '../policy/load.ts';
import { type Attempt, attempt } from './attempt.ts';
import type { RawPod } from './raw-pod.ts';
import type { StoredNode } from './stored-node.ts';
import { storedPod } from './stored-pod.ts';

const loaded = loadPolicy(`zones:
  real: {type: macvlan, nodeSelector: {zone: real}, ipResource: true}
default: real
`);
if (!loaded.ok) {
  throw new Error('the policy of this test does not load');
}
const { policy } = loaded;
const zone = policy.zones.get('real') ?? null;

/** With room for one pod. */
const node: StoredNode = { name: 'n1', labels: { zone: 'real' }, taints: [], isOpen: true, addresses: 1 };

const containers = [{ resources: { requests: { 'realip.io/ip': '1' } } }];

const holder: RawPod = {
  metadata: { namespace: 'shop', name: 'holder', uid: 'h', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { nodeName: 'n1', containers },
  status: { phase: 'Running' },
};
const strayed: RawPod = {
  metadata: { namespace: 'shop', name: 'web', uid: 'w', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { nodeName: 'elsewhere', containers: [{}] },
  status: { phase: 'Running' },
};
/** What a dry run makes of it. */
const placed: RawPod = {
  metadata: { ...strayed.metadata, annotations: { 'realip.io/placed-by': 'default' } },
  spec: { nodeSelector: { zone: 'real' }, containers },
};

async function attemptBeside(other: RawPod): Promise<Attempt> {
  const stored = storedPod(strayed);
  const call = ({ method, path }: KubeCall) =>
    Promise.resolve(
      method === 'GET'
        ? { status: 200, date: 0, body: strayed }
        : { status: 201, date: 0, body: path.endsWith('?dryRun=All') ? placed : {} },
    );
  return await attempt(
    { stored, policy, finding: { flaws: ['wrong-zone'], zone, by: 'default', refusal: null } },
    {
      api: { call },
      pods: new Map([
        ['shop/web', stored],
        ['shop/holder', storedPod(other)],
      ]),
      nodes: new Map([['n1', node]]),
      mayAct: () => true,
    },
  );
}

const deletionTimestamp = '2026-01-01T00:01:00Z';

test.each<[string, Attempt['result'], RawPod]>([
  ['runs', 'no-room', holder],
  ['is on its way out', 'no-room', { ...holder, metadata: { ...holder.metadata, deletionTimestamp } }],
  ['has done its work', 'evicted', { ...holder, status: { phase: 'Succeeded' } }],
  ['has failed', 'evicted', { ...holder, status: { phase: 'Failed' } }],
])('beside a pod that has the last address and %s: %s, as the scheduler counts', async (_, result, other) => {
  expect((await attemptBeside(other)).result).toBe(result);
});
