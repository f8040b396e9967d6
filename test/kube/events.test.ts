import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { slowness } from '../../netlink/testing/slowness.ts';
import { until } from '../server/until.ts';
import { Cluster, firstStartMs, startMs } from './cluster.ts';
import { makeNamespace, makePod, tokenOf } from './objects.ts';
import { makeAccountOf } from './server-account.ts';

let cluster: Cluster;
let agent: ChildProcess;
let said = '';
let pod: { namespace: string; name: string; uid: string };
const bun = join(import.meta.dirname, '../../node_modules/@oven/bun-linux-x64-baseline/bin/bun');
const folder = () => join(cluster.folder, 'agent-account');
const audience = 'https://kubernetes.default.svc.cluster.local';

const writeToken = async () =>
  writeFileSync(
    join(folder(), 'token'),
    await tokenOf(cluster, 'realip-system', 'realip-agent', { audience }),
  );

beforeAll(async () => {
  cluster = await Cluster.start();
  await makeNamespace(cluster, 'realip-system');
  await makeAccountOf(cluster, 'agent');
  await makeNamespace(cluster, 'shop');
  await cluster.must('POST', '/api/v1/namespaces/shop/serviceaccounts', { metadata: { name: 'default' } });
  pod = { namespace: 'shop', name: 'web-0', uid: await makePod(cluster, 'shop', 'web-0') };
  mkdirSync(folder());
  copyFileSync(join(cluster.folder, 'ca.crt'), join(folder(), 'ca.crt'));
  await writeToken();
  const { hostname, port } = new URL(cluster.url);
  agent = spawn(bun, [join(import.meta.dirname, 'tell-events.bun.ts')], {
    env: {
      PATH: process.env['PATH'],
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      REALIP_KUBE_FOLDER: folder(),
      HTTPS_PROXY: 'http://127.0.0.1:1',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  agent.stdout?.on('data', (data) => {
    said += data;
  });
  await until('the agent is there', async () => said.includes('ready'));
}, firstStartMs);
afterAll(async () => {
  agent?.kill();
  await cluster?.stop();
});

/** @param later milliseconds that have passed for the agent's clock */
function warn(reason: string, message: string, of: object = pod, later = 0): void {
  agent.stdin?.write(`${JSON.stringify([of, reason, message, later])}\n`);
}

async function eventsOf(uid: string) {
  const selector = encodeURIComponent(`involvedObject.uid=${uid}`);
  const { items } = await cluster.must('GET', `/api/v1/namespaces/shop/events?fieldSelector=${selector}`);
  return items;
}

test('a conflict is an event on the pod, as kubectl describe shows it, with the rights of the manifest', async () => {
  warn('AddressConflict', '52:54:00:12:34:56 uses 10.9.1.5, too');
  await until('it is there', async () => (await eventsOf(pod.uid)).length === 1);
  expect(await eventsOf(pod.uid)).toEqual([
    expect.objectContaining({
      type: 'Warning',
      reason: 'AddressConflict',
      message: '52:54:00:12:34:56 uses 10.9.1.5, too',
      count: 1,
      source: { component: 'realip-agent', host: 'n1' },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', ...pod },
    }),
  ]);
});

test('the same again within five minutes is no second event', async () => {
  warn('AddressConflict', 'again');
  warn('AddressReserveEmpty', 'none is ready');
  await until('the other reason is there', async () => (await eventsOf(pod.uid)).length === 2);
  const [conflict] = (await eventsOf(pod.uid)).filter(
    ({ reason }: { reason: string }) => reason === 'AddressConflict',
  );
  expect(conflict.message).toBe('52:54:00:12:34:56 uses 10.9.1.5, too');
});

test('after five minutes the event itself says how often it was', async () => {
  warn('AddressConflict', 'still', pod, 301_000);
  const conflict = async () =>
    (await eventsOf(pod.uid)).find(({ reason }: { reason: string }) => reason === 'AddressConflict');
  await until('it is changed', async () => (await conflict()).message === 'still');
  expect((await conflict()).count).toBe(3);
});

test('it may tell events and nothing else', async () => {
  const may = async (verb: string, resource: string) => {
    const review = await cluster.must('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: 'system:serviceaccount:realip-system:realip-agent',
        resourceAttributes: { namespace: 'shop', verb, resource },
      },
    });
    return review.status.allowed;
  };
  expect([await may('create', 'events'), await may('patch', 'events')]).toEqual([true, true]);
  for (const [verb, resource] of [
    ['list', 'events'],
    ['delete', 'events'],
    ['get', 'pods'],
    ['get', 'secrets'],
  ] as const) {
    expect([verb, resource, await may(verb, resource)]).toEqual([verb, resource, false]);
  }
});

test('a token that was replaced counts from then on; a bad one costs its event and no more', async () => {
  writeFileSync(join(folder(), 'token'), 'not a token');
  warn('AddressConflict', 'lost', { ...pod, uid: 'another' });
  await until('the refusal is told', async () => said.includes('lost: the API server answers 401'));
  await writeToken();
  warn('AddressConflict', 'told', { ...pod, uid: 'a-third' });
  await until('it is there', async () => (await eventsOf('a-third')).length === 1);
});

test(
  'while the API server is away nobody waits for it, and the event is told when it is back',
  async () => {
    await cluster.stopApiServer();
    said = '';
    warn('AddressConflict', 'told late', { ...pod, uid: 'a-fourth' });
    await until('it is taken', async () => said.includes('told in'));
    expect(Number(/told in ([\d.]+) ms/.exec(said)?.[1])).toBeLessThan(100 * slowness());
    await cluster.startApiServer();
    await until('it is there', async () => (await eventsOf('a-fourth')).length === 1, startMs);
    expect(said).not.toContain('lost');
  },
  // Its own limits follow the machine's load.
  startMs * 6,
);
