import { Cluster, firstStartMs, startMs } from './cluster.ts';
import { makeNamespace, makeServiceAccount } from './objects.ts';
import { WebhookSite } from './webhook-site.ts';

const policy = `zones:
  real: {type: macvlan, nodeSelector: {realip.io/zone-type: macvlan}}
default: real
`;
const required = { 'realip.io/placement': 'required' };

let cluster: Cluster;
let site: WebhookSite;

beforeAll(async () => {
  cluster = await Cluster.start();
  site = await WebhookSite.open(cluster, policy);
  await makeNamespace(cluster, 'shop');
  await makeNamespace(cluster, 'vault', required);
  await cluster.must('PATCH', '/api/v1/namespaces/realip-system', { metadata: { labels: required } });
  for (const namespace of ['shop', 'vault', 'realip-system']) {
    await makeServiceAccount(cluster, namespace, 'default');
  }
}, firstStartMs);
afterAll(async () => {
  await site?.close();
  await cluster?.stop();
}, startMs);

let made = 0;
/** What the API server says to a new pod: who placed it, or why it is refused. */
async function create(namespace: string, metadata: object = {}, spec: object = {}): Promise<unknown> {
  made += 1;
  const { status, body } = await cluster.call('POST', `/api/v1/namespaces/${namespace}/pods`, {
    metadata: { name: `pod-${made}`, ...metadata },
    spec: { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'none' }], ...spec },
  });
  return status === 201 ? (body.metadata.annotations?.['realip.io/placed-by'] ?? 'nobody') : body.message;
}

test('with the webhook away pods are created unplaced, but in namespaces that require a placement', async () => {
  expect(await create('shop')).toBe('nobody');
  expect(await create('vault')).toMatch(/failed calling webhook "placement-required\.realip\.io".*refused/);
  // What it never touches is not held up by it either.
  expect(await create('vault', { labels: { 'realip.io/inject': 'false' } })).toBe('nobody');
  expect(await create('vault', { annotations: { 'realip.io/inject': 'false' } })).toBe('nobody');
  expect(await create('vault', {}, { hostNetwork: true })).toBe('nobody');
  // Whatever its labels say, its own namespace is never sent to it.
  expect(await create('realip-system')).toBe('nobody');
});

test('with the webhook there pods are placed in both', async () => {
  await site.start();
  expect(await create('shop')).toBe('default');
  expect(await create('vault')).toBe('default');
  expect(await create('vault', { annotations: { 'realip.io/inject': 'no' } })).toBe('default');
  expect(await create('vault', { annotations: { 'realip.io/zone': 'moon' } })).toMatch(/"moon".*not known/);
  expect(await create('realip-system')).toBe('nobody');
});
