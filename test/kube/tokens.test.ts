import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { slowness } from '../../netlink/testing/slowness.ts';
import type { Answer } from '../server/answer.ts';
import { request } from '../server/lan.ts';
import { type Server, startServerIn } from '../server/process.ts';
import { until } from '../server/until.ts';
import { Cluster, firstStartMs, startMs } from './cluster.ts';
import { deletePod, makePod, makeServiceAccount, tokenOf } from './objects.ts';
import { makeServerAccount } from './server-account.ts';

let cluster: Cluster;
let kubeconfig = '';
let server: Server;
const uids = new Map<string, string>();

const file = () => join(cluster.folder, 'tokens.yaml');
const tokens = `tokens: [{token: the-admin, role: admin}]
serviceAccounts:
  - {namespace: realip-system, name: realip-agent, role: "node:*"}
  - {namespace: realip-system, name: watcher, role: viewer}
`;

beforeAll(async () => {
  cluster = await Cluster.start();
  kubeconfig = await makeServerAccount(cluster);
  for (const account of ['realip-agent', 'realip-viewer', 'watcher', 'stranger']) {
    await makeServiceAccount(cluster, 'realip-system', account);
  }
  for (const node of ['n1', 'n2']) {
    const pod = { node, serviceAccount: 'realip-agent' };
    uids.set(`agent-${node}`, await makePod(cluster, 'realip-system', `agent-${node}`, pod));
  }
  writeFileSync(file(), tokens);
  server = await startServerIn({ KUBECONFIG: kubeconfig }, 'memory:', '--kube', '--tokens', file());
  for (const [path, body] of [
    ['/v1/zones/real', { type: 'macvlan' }],
    ['/v1/subnets/lan', { zone: 'real', cidr: '10.9.0.0/16' }],
    ['/v1/ranges/shared', { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.255' }],
  ] as const) {
    await server.call('PUT', path, body, { token: 'the-admin' });
  }
}, firstStartMs);
afterAll(async () => {
  await server?.stop();
  await cluster?.stop();
});

const agentToken = (node: string, options: Parameters<typeof tokenOf>[3] = {}) =>
  tokenOf(cluster, 'realip-system', 'realip-agent', {
    pod: { name: `agent-${node}`, uid: uids.get(`agent-${node}`) ?? '' },
    ...options,
  });

const as = (token: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  server.call(method, path, body, { token });

/** How many TokenReviews the API server has answered. */
async function reviews(): Promise<number> {
  const text: string = await cluster.must('GET', '/metrics');
  const samples = text.matchAll(/^apiserver_request_total\{.*resource="tokenreviews".*\} (\d+)$/gm);
  return [...samples].reduce((sum, [, count]) => sum + Number(count), 0);
}

test('an agent’s token is for the node of the pod that it is bound to, and for no other', async () => {
  const token = await agentToken('n1');
  expect((await as(token, 'PUT', '/v1/nodes/n1', { zone: 'real' })).status).toBe(201);
  expect((await as(token, 'PUT', '/v1/nodes/n2', { zone: 'real' })).status).toBe(403);
  expect((await as(token, 'POST', '/v1/allocations', request('c1'))).status).toBe(201);
  const foreign = await as(token, 'POST', '/v1/allocations', request('c2', { node: 'n2' }));
  expect(foreign).toMatchObject({ status: 403, body: { code: 'ROLE_INSUFFICIENT' } });
  expect((await as(token, 'GET', '/v1/zones')).status).toBe(403);
});

test('a token that is bound to no pod is no node’s', async () => {
  const token = await tokenOf(cluster, 'realip-system', 'realip-agent');
  const answer = await as(token, 'POST', '/v1/allocations', request('c3'));
  expect(answer).toMatchObject({ status: 403, body: { code: 'ROLE_INSUFFICIENT' } });
  expect(answer.body.detail).toContain('bound to no pod');
});

test('service accounts have the role that the file gives them, others none, whoever they are', async () => {
  const watcher = await tokenOf(cluster, 'realip-system', 'watcher');
  expect((await as(watcher, 'GET', '/v1/zones')).status).toBe(200);
  expect((await as(watcher, 'PUT', '/v1/zones/x', { type: 'macvlan' })).status).toBe(403);
  const stranger = await tokenOf(cluster, 'realip-system', 'stranger');
  const refused = await as(stranger, 'GET', '/v1/zones');
  expect(refused).toMatchObject({ status: 403, body: { code: 'ROLE_INSUFFICIENT' } });
  expect(refused.body.detail).toContain('system:serviceaccount:realip-system:stranger');
});

test('a token for another audience, a broken one and a stranger’s are 401; without one only the probes answer', async () => {
  const cluster401 = await agentToken('n1', { audience: 'https://kubernetes.default.svc.cluster.local' });
  const good = await agentToken('n1');
  const broken = `${good.slice(0, -4)}AAAA`;
  for (const token of [cluster401, broken, 'opaque', 'a.b.c']) {
    expect(await as(token, 'GET', '/v1/zones')).toMatchObject({
      status: 401,
      body: { code: 'TOKEN_MISSING' },
    });
  }
  expect((await server.call('GET', '/v1/zones')).status).toBe(401);
  expect((await server.call('GET', '/metrics')).status).toBe(401);
  expect((await server.call('GET', '/readyz')).status).toBe(200);
});

test('a role taken from the file stops at once, though the token is remembered', async () => {
  const watcher = await tokenOf(cluster, 'realip-system', 'watcher');
  expect((await as(watcher, 'GET', '/v1/zones')).status).toBe(200);
  writeFileSync(file(), tokens.replace(/.*watcher.*\n/, ''));
  await until('the role is gone', async () => (await as(watcher, 'GET', '/v1/zones')).status === 403, 5_000);
  writeFileSync(file(), tokens);
  await until('the role is back', async () => (await as(watcher, 'GET', '/v1/zones')).status === 200, 5_000);
});

test('many calls with one new token are one review', async () => {
  const token = await agentToken('n2');
  const before = await reviews();
  const calls = Array.from({ length: 100 }, () => as(token, 'GET', '/v1/allocations?node=n2'));
  expect(new Set((await Promise.all(calls)).map(({ status }) => status))).toEqual(new Set([200]));
  expect((await reviews()) - before).toBe(1);
});

test('a token whose pod is gone is known no more', async () => {
  const uid = await makePod(cluster, 'realip-system', 'agent-n3', {
    node: 'n3',
    serviceAccount: 'realip-agent',
  });
  const token = await tokenOf(cluster, 'realip-system', 'realip-agent', { pod: { name: 'agent-n3', uid } });
  await deletePod(cluster, 'realip-system', 'agent-n3');
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
  await until('the API server knows it no more', async () => {
    const { status } = await cluster.must('POST', '/apis/authentication.k8s.io/v1/tokenreviews', review);
    return status.authenticated !== true;
  });
  expect((await as(token, 'GET', '/v1/allocations?node=n3')).status).toBe(401);
});

test('beyond loopback it starts without a tokens file, and knows the accounts of the manifests', async () => {
  const other = await startServerIn(
    { KUBECONFIG: kubeconfig },
    'memory:',
    ...['--kube', '--listen', '0.0.0.0:0', '--insecure-http', '--token-audience', 'addresses'],
  );
  const url = other.url.replace('0.0.0.0', '127.0.0.1');
  const status = async (token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return (await fetch(`${url}/v1/zones`, { headers })).status;
  };
  expect(await status()).toBe(401);
  const viewer = (audience: string) => tokenOf(cluster, 'realip-system', 'realip-viewer', { audience });
  expect(await status(await viewer('addresses'))).toBe(200);
  expect(await status(await viewer('realip'))).toBe(401);
  await other.stop();
});

test(
  'with the API server away, known tokens work, others are 503 with Retry-After, until it is back',
  async () => {
    const known = await agentToken('n1');
    const fresh = await agentToken('n1');
    expect((await as(known, 'GET', '/v1/allocations?node=n1')).status).toBe(200);
    await cluster.stopApiServer();
    expect((await as('the-admin', 'GET', '/v1/zones')).status).toBe(200);
    expect((await as(known, 'POST', '/v1/allocations', request('while-away'))).status).toBe(201);
    const refused = await as(fresh, 'GET', '/v1/allocations?node=n1');
    expect(refused).toMatchObject({ status: 503, body: { code: 'KUBE_UNAVAILABLE' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await server.call('GET', '/readyz')).status).toBe(200);
    await cluster.startApiServer();
    await until(
      'the token is known',
      async () => (await as(fresh, 'GET', '/v1/allocations?node=n1')).status === 200,
    );
  },
  startMs,
);

test(
  'a silent API server costs a call two seconds, and those that follow nothing',
  async () => {
    const tokensOfN1 = await Promise.all(Array.from({ length: 20 }, () => agentToken('n1')));
    cluster.freezeApiServer(true);
    try {
      const start = Date.now();
      const answers = await Promise.all(
        tokensOfN1.map((token) => as(token, 'GET', '/v1/allocations?node=n1')),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
      expect((await as(tokensOfN1[0] ?? '', 'GET', '/v1/allocations?node=n1')).status).toBe(503);
      expect(Date.now() - start).toBeLessThan(6_000 * slowness());
      expect((await as('the-admin', 'GET', '/v1/zones')).status).toBe(200);
    } finally {
      cluster.freezeApiServer(false);
    }
    const [token = ''] = tokensOfN1;
    await until(
      'the token is known',
      async () => (await as(token, 'GET', '/v1/allocations?node=n1')).status === 200,
    );
  },
  startMs,
);
