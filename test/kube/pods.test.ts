import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from '../server/answer.ts';
import { request } from '../server/lan.ts';
import { type Server, startServerIn } from '../server/process.ts';
import { until } from '../server/until.ts';
import { Cluster, firstStartMs, startMs } from './cluster.ts';
import { deletePod, makeNamespace, makePod, makeServiceAccount, tokenOf } from './objects.ts';
import { makeServerAccount } from './server-account.ts';

let cluster: Cluster;
let server: Server;
const nodeTokens = new Map<string, string>();

beforeAll(async () => {
  cluster = await Cluster.start();
  const kubeconfig = await makeServerAccount(cluster);
  await makeServiceAccount(cluster, 'realip-system', 'realip-agent');
  await makeNamespace(cluster, 'shop', { team: 'web' });
  await makeServiceAccount(cluster, 'shop', 'default');
  const file = join(cluster.folder, 'tokens.yaml');
  writeFileSync(
    file,
    `tokens: [{token: the-admin, role: admin}]
serviceAccounts: [{namespace: realip-system, name: realip-agent, role: "node:*"}]
`,
  );
  server = await startServerIn({ KUBECONFIG: kubeconfig }, 'memory:', '--kube', '--tokens', file);
  for (const [path, body] of [
    ['/v1/zones/real', { type: 'macvlan' }],
    ['/v1/subnets/lan', { zone: 'real', cidr: '10.9.0.0/16' }],
    ['/v1/ranges/shared', { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.255' }],
    ['/v1/nodes/n1', { zone: 'real' }],
    ['/v1/nodes/n2', { zone: 'real' }],
  ] as const) {
    expect((await as('the-admin', 'PUT', path, body)).status).toBe(201);
  }
  for (const node of ['n1', 'n2']) {
    const uid = await makePod(cluster, 'realip-system', `agent-${node}`, {
      node,
      serviceAccount: 'realip-agent',
    });
    const pod = { name: `agent-${node}`, uid };
    nodeTokens.set(node, await tokenOf(cluster, 'realip-system', 'realip-agent', { pod }));
  }
}, firstStartMs);
afterAll(async () => {
  await server?.stop();
  await cluster?.stop();
});

const as = (token: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  server.call(method, path, body, { token });

/** An allocation by a node's own token. */
function allocate(node: string, containerId: string, pod: object, more: object = {}): Promise<Answer> {
  const body = request(containerId, { node, pod, ...more });
  return as(nodeTokens.get(node) ?? '', 'POST', '/v1/allocations', body);
}

const addressOf = ({ body }: Answer): string | undefined => body.ips?.[0]?.address.replace('/16', '');

async function reserve(name: string, body: object): Promise<void> {
  expect((await as('the-admin', 'PUT', `/v1/reservations/${name}`, body)).status).toBe(201);
}

test('a pod gets its reservation on its own node, with its own uid, and no other node gets it', async () => {
  await reserve('web-0', { addresses: ['10.9.1.201'], pod: { namespace: 'shop', name: 'web-0' } });
  const uid = await makePod(cluster, 'shop', 'web-0', { node: 'n1' });
  const pod = { namespace: 'shop', name: 'web-0', uid };
  for (const [node, asked] of [
    ['n2', pod],
    ['n1', { ...pod, uid: '00000000-0000-0000-0000-000000000000' }],
  ] as const) {
    const refused = await allocate(node, 'thief', asked);
    expect(refused).toMatchObject({ status: 403, body: { code: 'POD_NOT_ON_NODE' } });
  }
  expect(addressOf(await allocate('n1', 'web-0', pod))).toBe('10.9.1.201');
});

test('a reservation whose pod does not exist is given to no node', async () => {
  await reserve('ghost', { addresses: ['10.9.1.202'], pod: { namespace: 'shop', name: 'ghost' } });
  for (const name of ['ghost', '../nodes']) {
    const answer = await allocate(
      'n1',
      'ghost',
      { namespace: 'shop', name, uid: 'x' },
      { addresses: ['10.9.1.202'] },
    );
    expect([403, 409]).toContain(answer.status);
  }
});

test('a pod made again under its name gets its reservation once the new one is on the node', async () => {
  await reserve('db-0', { addresses: ['10.9.1.203'], pod: { namespace: 'shop', name: 'db-0' } });
  const first = await makePod(cluster, 'shop', 'db-0', { node: 'n1' });
  const pod = { namespace: 'shop', name: 'db-0' };
  expect(addressOf(await allocate('n1', 'db-first', { ...pod, uid: first }))).toBe('10.9.1.203');
  await as(nodeTokens.get('n1') ?? '', 'DELETE', '/v1/allocations/realip/db-first/eth0');
  await deletePod(cluster, 'shop', 'db-0');
  const second = await makePod(cluster, 'shop', 'db-0', { node: 'n2' });
  expect((await allocate('n1', 'db-late', { ...pod, uid: first })).status).toBe(403);
  expect(addressOf(await allocate('n2', 'db-second', { ...pod, uid: second }))).toBe('10.9.1.203');
});

test('a workload is found through its ReplicaSet, and a node’s own word about it counts for nothing', async () => {
  const of = (kind: string, name: string, uid: string) => ({
    ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid, controller: true }],
  });
  const template = {
    metadata: { labels: { app: 'api' } },
    spec: { containers: [{ name: 'c', image: 'none' }] },
  };
  const replicaSet = await cluster.must('POST', '/apis/apps/v1/namespaces/shop/replicasets', {
    metadata: { name: 'api-5f', ...of('Deployment', 'api', '11111111-1111-1111-1111-111111111111') },
    spec: { replicas: 0, selector: { matchLabels: { app: 'api' } }, template },
  });
  await reserve('api', {
    addresses: ['10.9.1.204'],
    owner: { namespace: 'shop', kind: 'Deployment', name: 'api' },
  });
  const metadata = of('ReplicaSet', 'api-5f', replicaSet.metadata.uid);
  const uid = await makePod(cluster, 'shop', 'api-5f-x', { node: 'n1', metadata });
  const liar = await makePod(cluster, 'shop', 'liar', { node: 'n2' });
  const owner = { kind: 'Deployment', name: 'api' };
  const lie = { namespace: 'shop', name: 'liar', uid: liar, owner };
  expect(addressOf(await allocate('n2', 'liar', lie))).not.toBe('10.9.1.204');
  const pod = { namespace: 'shop', name: 'api-5f-x', uid };
  const { body } = await as('the-admin', 'GET', '/v1/allocations?pod=shop/liar');
  expect(body.items[0].pod.owner).toBeUndefined();
  expect(addressOf(await allocate('n1', 'api', pod))).toBe('10.9.1.204');
  const listed = await as('the-admin', 'GET', '/v1/allocations?pod=shop/api-5f-x');
  expect(listed.body.items[0].pod.owner).toMatchObject(owner);
});

test('labels of pod and namespace choose the range, as the API server has them, not as a node says', async () => {
  const match = { namespaceLabels: { team: 'web' }, podLabels: { tier: 'front' } };
  const range = { subnet: 'lan', start: '10.9.2.0', end: '10.9.2.255', match };
  expect((await as('the-admin', 'PUT', '/v1/ranges/front', range)).status).toBe(201);
  const labelled = { node: 'n1', metadata: { labels: { tier: 'front' } } };
  const front = await makePod(cluster, 'shop', 'front', labelled);
  const back = await makePod(cluster, 'shop', 'back', { node: 'n1' });
  const claim = { labels: { tier: 'front' }, namespaceLabels: { team: 'web' } };
  expect(addressOf(await allocate('n1', 'front', { namespace: 'shop', name: 'front', uid: front }))).toMatch(
    /^10\.9\.2\./,
  );
  const liar = { namespace: 'shop', name: 'back', uid: back, ...claim };
  expect(addressOf(await allocate('n1', 'back', liar))).toMatch(/^10\.9\.1\./);
  const ghost = { namespace: 'shop', name: 'no-such-pod', uid: 'x', ...claim };
  expect(addressOf(await allocate('n1', 'no-such', ghost))).toMatch(/^10\.9\.1\./);
});

test('the annotation realip.io/addresses is honoured, a request’s own wish goes before, a bad one is told', async () => {
  const annotated = (text: string) => ({
    node: 'n1',
    metadata: { annotations: { 'realip.io/addresses': text } },
  });
  const uid = await makePod(cluster, 'shop', 'fixed', annotated('10.9.1.77'));
  const pod = { namespace: 'shop', name: 'fixed', uid };
  expect(addressOf(await allocate('n1', 'fixed', pod))).toBe('10.9.1.77');
  expect(addressOf(await allocate('n1', 'fixed-2', pod, { addresses: ['10.9.1.78'] }))).toBe('10.9.1.78');
  await makePod(cluster, 'shop', 'broken', annotated('10.9.1.079'));
  const refused = await allocate('n1', 'broken', { namespace: 'shop', name: 'broken' });
  expect(refused).toMatchObject({ status: 409, body: { code: 'ANNOTATION_INVALID' } });
  expect(refused.body.detail).toContain('realip.io/addresses');
});

test('the annotation realip.io/sticky keeps a pod its address', async () => {
  const annotations = { 'realip.io/sticky': 'pod', 'realip.io/retain': '1h' };
  const uid = await makePod(cluster, 'shop', 'keeper', { node: 'n1', metadata: { annotations } });
  const pod = { namespace: 'shop', name: 'keeper', uid };
  const address = addressOf(await allocate('n1', 'keeper', pod)) ?? '';
  await as(nodeTokens.get('n1') ?? '', 'DELETE', '/v1/allocations/realip/keeper/eth0');
  const { body } = await as('the-admin', 'GET', `/v1/addresses/${address}`);
  expect(body.state).toBe('reserved');
  expect(addressOf(await allocate('n1', 'keeper-again', pod))).toBe(address);
});

test('a batch looks its pods up too, each by itself', async () => {
  await reserve('batch-0', { addresses: ['10.9.1.209'], pod: { namespace: 'shop', name: 'batch-0' } });
  const uid = await makePod(cluster, 'shop', 'batch-0', { node: 'n2' });
  const pod = { namespace: 'shop', name: 'batch-0', uid };
  const batch = (node: string) =>
    as(nodeTokens.get(node) ?? '', 'POST', '/v1/allocations:batch', {
      allocate: [request(`batch-${node}`, { node, pod }), request(`other-${node}`, { node })],
    });
  const [refused, other] = (await batch('n1')).body.allocated;
  expect([refused.status, refused.code, other.ips.length]).toEqual([403, 'POD_NOT_ON_NODE', 1]);
  const [given] = (await batch('n2')).body.allocated;
  expect(given.ips[0].address).toBe('10.9.1.209/16');
  const { network, containerId, ifname } = request('batch-n2');
  const again = await as(nodeTokens.get('n2') ?? '', 'POST', '/v1/allocations:batch', {
    release: [{ network, containerId, ifname }],
    allocate: [request('batch-n2', { node: 'n2', pod })],
  });
  expect(again.body.allocated[0].ips[0].address).toBe('10.9.1.209/16');
});

test(
  'with the API server away: what exists is answered, pods known a moment ago too, others get 503',
  async () => {
    const known = {
      namespace: 'shop',
      name: 'known',
      uid: await makePod(cluster, 'shop', 'known', { node: 'n1' }),
    };
    const unknown = {
      namespace: 'shop',
      name: 'new',
      uid: await makePod(cluster, 'shop', 'new', { node: 'n1' }),
    };
    expect((await allocate('n1', 'known', known)).status).toBe(201);
    await cluster.stopApiServer();
    expect((await allocate('n1', 'known', known)).status).toBe(200);
    expect((await allocate('n1', 'known-again', known)).status).toBe(201);
    const refused = await allocate('n1', 'new', unknown);
    expect(refused).toMatchObject({ status: 503, body: { code: 'KUBE_UNAVAILABLE' } });
    expect(refused.headers['retry-after']).toBeDefined();
    const gone = await as(nodeTokens.get('n1') ?? '', 'DELETE', '/v1/allocations/realip/known/eth0');
    expect(gone.status).toBe(204);
    await cluster.startApiServer();
    await until('the pod is found', async () => (await allocate('n1', 'new', unknown)).status === 201);
  },
  startMs,
);
