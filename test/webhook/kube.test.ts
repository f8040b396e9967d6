import { until } from '../server/until.ts';
import { call, placedBy, responseOf, review } from './call.ts';
import { FakeApiServer } from './fake-api-server.ts';
import { Folder, WebhookProcess } from './webhook-process.ts';

// A fake API server: the real one joins with the cluster's suites; here its faults are played.
const cluster = new FakeApiServer();
const folder = new Folder();
let webhook: WebhookProcess;
let port = 0;

const overlay = { 'realip.io/zone': 'overlay' };
const pod = { spec: { containers: [{ name: 'web' }] } };

function writeKubeconfig(serverPort: number, server = `http://127.0.0.1:${serverPort}`): void {
  folder.write(
    'kubeconfig',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
}

function inNamespace(namespace: string) {
  return call({ port, body: review(pod, { namespace }) });
}

async function by(namespace: string): Promise<unknown> {
  return placedBy(await inNamespace(namespace));
}

beforeAll(async () => {
  cluster.set('shop', {});
  cluster.set('legacy', overlay);
  writeKubeconfig(await cluster.start());
  webhook = new WebhookProcess(folder, ['--kube'], { KUBECONFIG: folder.file('kubeconfig') });
  port = await webhook.port();
});
afterAll(async () => {
  await webhook.stop();
  cluster.stop();
  folder.remove();
});

test('the namespace’s label decides after the pod and before the rules', async () => {
  expect(await by('legacy')).toBe('namespace');
  expect(await by('shop')).toBe('default');
  const body = review(
    { ...pod, metadata: { labels: { 'realip.io/zone': 'real' } } },
    { namespace: 'legacy' },
  );
  expect(placedBy(await call({ port, body }))).toBe('pod');
});

test('/explain looks the labels up where the caller gives none, and /mutate would', async () => {
  const explained = async (question: object) => {
    const answer = await call({ port, path: '/explain', body: JSON.stringify({ pod, ...question }) });
    return (JSON.parse(answer.text) as { items: object[] }).items[0];
  };
  const known = { placedBy: 'namespace', zone: 'overlay', namespaceLabelsKnown: true };
  expect(await explained({ namespace: 'legacy' })).toMatchObject(known);
  expect(await explained({ namespace: 'legacy', namespaceLabels: {} })).toMatchObject({
    placedBy: 'default',
  });
  expect(await explained({ namespace: 'shop', namespaceLabels: overlay })).toMatchObject(known);
});

test('a changed label counts within 5 s', async () => {
  cluster.set('shop', overlay);
  await until('the label counts', async () => (await by('shop')) === 'namespace', 5000);
  cluster.set('shop', {});
  await until('its loss counts', async () => (await by('shop')) === 'default', 5000);
});

test('a namespace that the watch has not brought yet is fetched before the answer', async () => {
  cluster.set('fresh', overlay, true);
  expect(await by('fresh')).toBe('namespace');
  expect(cluster.requests).toContain('GET /api/v1/namespaces/fresh');
});

test('a namespace that does not exist has no labels', async () => {
  expect(await by('nowhere')).toBe('default');
});

test.each(['', '.', '..', 'Shop'])(
  'a namespace that can’t be, "%s", is not asked for and has no labels',
  async (name) => {
    const before = cluster.requests.length;
    expect(await by(name)).toBe('default');
    expect(cluster.requests.slice(before)).toEqual([]);
  },
);

test('an unknown zone on the namespace is denied', async () => {
  cluster.set('moonbase', { 'realip.io/zone': 'moon' });
  expect(responseOf(await inNamespace('moonbase')).status?.message).toContain('namespace moonbase');
});

test('with the API server away a pod is not placed by guess; afterwards the watch goes on', async () => {
  cluster.setUp(false);
  const cut = performance.now();
  await until('the watch is known to be broken', () =>
    webhook.stderr.includes('the watch on namespaces broke'),
  );
  const met = [await by('legacy'), (await inNamespace('unseen')).status];
  // What is known serves for seconds; a machine that took as long for this has shown nothing.
  if (performance.now() - cut < 4_000) {
    expect(met).toEqual(['namespace', 503]);
  }
  const status = async () => (await inNamespace('legacy')).status;
  await until('the missing labels are told by 503', async () => (await status()) === 503);
  for (const path of ['/mutate', '/validate']) {
    const body = review({ spec: { ...pod.spec, hostNetwork: true } }, { namespace: 'legacy' });
    expect(responseOf(await call({ port, path, body }))).toEqual({ uid: 'u-1', allowed: true });
  }
  const metadata = { labels: { 'realip.io/zone': 'real' } };
  expect(placedBy(await call({ port, body: review({ ...pod, metadata }, { namespace: 'legacy' }) }))).toBe(
    'pod',
  );
  cluster.set('legacy', {});
  cluster.setUp(true);
  await until('the API server’s return counts', async () => (await by('legacy')) === 'default', 5000);
  cluster.set('legacy', overlay);
  await until('changes count again', async () => (await by('legacy')) === 'namespace', 5000);
});

test('where there is no cluster, --kube keeps the webhook from starting', async () => {
  const lost = new WebhookProcess(folder, ['--kube'], { KUBECONFIG: '', KUBERNETES_SERVICE_HOST: '' });
  expect(await lost.exit()).toBe(1);
  expect(lost.stderr).toContain('--kube finds no cluster');
  const misled = new WebhookProcess(folder, ['--kube'], { KUBECONFIG: folder.file('absent') });
  expect(await misled.exit()).toBe(1);
  expect(misled.stderr).toContain('absent');
});

test.each([
  ['a file that is no kubeconfig', 'policy.yaml', 'has no current context'],
  ['a context without a cluster', 'no-cluster', 'the current context "x" names no cluster'],
  ['a cluster without a URL', 'no-url', '"nowhere" is no URL'],
])('KUBECONFIG with %s keeps the webhook from starting, with advice', async (_, file, said) => {
  const context = { 'current-context': 'x', contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }] };
  const users = [{ name: 'u', user: {} }];
  folder.write('no-cluster', JSON.stringify({ ...context, users, clusters: [] }));
  const clusters = [{ name: 'c', cluster: { server: 'nowhere' } }];
  folder.write('no-url', JSON.stringify({ ...context, users, clusters }));
  const lost = new WebhookProcess(folder, ['--kube'], { KUBECONFIG: folder.file(file) });
  expect(await lost.exit()).toBe(1);
  expect(lost.stdout).toBe('');
  expect(lost.stderr).toContain(said);
  expect(lost.stderr).toContain('Set KUBECONFIG to');
  expect(lost.stderr).toContain('CLUSTER_UNKNOWN');
});

test('namespaces that can’t be listed keep it unready, not from listening; an outage later does not', async () => {
  const closed = new FakeApiServer();
  closed.forbids = true;
  writeKubeconfig(await closed.start());
  const started = new WebhookProcess(folder, ['--kube'], { KUBECONFIG: folder.file('kubeconfig') });
  try {
    const its = { port: await started.port(), method: 'GET', type: null };
    const readiness = async () => {
      const { status, text } = await call({ ...its, path: '/readyz' });
      return `${status} ${text}`;
    };
    const synced = async () =>
      /^realip_webhook_namespaces_synced (\d)$/m.exec((await call({ ...its, path: '/metrics' })).text)?.[1];
    expect(await readiness()).toMatch(/^503 the namespaces have not been listed yet/);
    await until('the reason is told', async () => (await readiness()).includes('namespaces is forbidden'));
    expect(await synced()).toBe('0');
    closed.forbids = false;
    await until('the first list counts', async () => (await readiness()) === '200 ok\n');
    await until('the watch is open', async () => (await synced()) === '1');
    closed.setUp(false);
    await until('the labels grow old', async () => (await synced()) === '0');
    expect(await readiness()).toBe('200 ok\n');
  } finally {
    await started.stop();
    closed.stop();
  }
});
