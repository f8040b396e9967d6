import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { until } from '../server/until.ts';
import { call, placedBy, review } from '../webhook/call.ts';
import { Folder, WebhookProcess } from '../webhook/webhook-process.ts';
import { Cluster, firstStartMs } from './cluster.ts';
import { makeNamespace, makeServiceAccount, tokenOf } from './objects.ts';
import { metricOf } from './webhook-site.ts';

const patienceMs = 60_000;
const manifests = join(import.meta.dirname, '../../manifests');
const maps = '/api/v1/namespaces/realip-system/configmaps';

/** A policy whose only rule has the name `name`. */
function policyNamed(name: string): string {
  return `zones:
  overlay: {type: overlay, nodeSelector: {realip.io/zone: overlay}}
rules:
  - {name: ${name}, zone: overlay}
default: none
`;
}

interface Manifest {
  readonly kind: string;
}

let cluster: Cluster;
let kubeconfig = '';
const folder = new Folder();
const running: WebhookProcess[] = [];

function start(policy: string): WebhookProcess {
  const webhook = new WebhookProcess(folder, ['--kube', '--policy', policy], { KUBECONFIG: kubeconfig });
  running.push(webhook);
  return webhook;
}

async function rule(port: number): Promise<unknown> {
  const answer = await call({ port, body: review({ spec: { containers: [{ name: 'web' }] } }) });
  // 503 while the namespace's labels can't be read.
  return answer.status === 200 ? placedBy(answer) : undefined;
}

function refused(webhook: WebhookProcess): Promise<number | undefined> {
  return metricOf(webhook, 'realip_webhook_reloads_total{what="policy",result="refused"}');
}

beforeAll(async () => {
  cluster = await Cluster.start();
  await makeNamespace(cluster, 'realip-system');
  await makeServiceAccount(cluster, 'realip-system', 'realip-webhook');
  const rights = ['base/webhook/service-account.yaml', 'components/live-policy/rights.yaml'].flatMap((name) =>
    parseAllDocuments(readFileSync(join(manifests, name), 'utf8')).map((each) => each.toJS() as Manifest),
  );
  await cluster.apply(...rights.filter(({ kind }) => kind !== 'ServiceAccount'));
  const audience = 'https://kubernetes.default.svc.cluster.local';
  const token = await tokenOf(cluster, 'realip-system', 'realip-webhook', { audience, seconds: 7200 });
  kubeconfig = cluster.kubeconfig('webhook', token);
}, firstStartMs);
afterEach(async () => {
  for (const webhook of running.splice(0)) {
    await webhook.stop();
  }
  await cluster.call('DELETE', `${maps}/realip-policy`);
});
afterAll(async () => {
  folder.remove();
  await cluster?.stop();
});

test('an edit of the ConfigMap counts at once; a bad one, or its deletion, leaves the last good in use', async () => {
  const metadata = { name: 'realip-policy' };
  await cluster.must('POST', maps, { metadata, data: { 'policy.yaml': policyNamed('first') } });
  const webhook = start('configmap:realip-system/realip-policy');
  const port = await webhook.port();
  expect(await rule(port)).toBe('first');
  const edit = (text: string) =>
    cluster.must('PATCH', `${maps}/realip-policy`, { data: { 'policy.yaml': text } });

  await edit(policyNamed('second'));
  await until('the edit counts', async () => (await rule(port)) === 'second', patienceMs);

  await edit('zones: 5\n');
  const place = 'configmap:realip-system/realip-policy/policy.yaml:1: zones must be a mapping';
  await until('the bad edit is told', () => Promise.resolve(webhook.stderr.includes(place)), patienceMs);
  expect(await refused(webhook)).toBe(1);
  expect(await rule(port)).toBe('second');

  await cluster.must('DELETE', `${maps}/realip-policy`);
  await until('the deletion is told', async () => (await refused(webhook)) === 2, patienceMs);
  expect(webhook.stderr).toContain('the ConfigMap was deleted');
  expect(await rule(port)).toBe('second');

  await cluster.must('POST', maps, { metadata, data: { 'other.yaml': policyNamed('third') } });
  await until('the missing key is told', async () => (await refused(webhook)) === 3, patienceMs);
  expect(await rule(port)).toBe('second');

  await edit(policyNamed('third'));
  await until('the new ConfigMap counts', async () => (await rule(port)) === 'third', patienceMs);
}, 300_000);

test('an edit while the API server was away counts after its return', async () => {
  const metadata = { name: 'realip-policy' };
  await cluster.must('POST', maps, { metadata, data: { mine: policyNamed('first') } });
  const webhook = start('configmap:realip-system/realip-policy/mine');
  const port = await webhook.port();
  await cluster.stopApiServer();
  await until(
    'the loss of the watch is told',
    () => Promise.resolve(webhook.stderr.includes('the watch on the policy’s ConfigMap broke')),
    patienceMs,
  );
  expect(webhook.stderr).not.toContain('the policy can’t be read');
  await cluster.startApiServer();
  await cluster.must('PATCH', `${maps}/realip-policy`, { data: { mine: policyNamed('second') } });
  await until('the edit counts', async () => (await rule(port)) === 'second', patienceMs);
}, 300_000);

test('a ConfigMap or key that is not there, or is not allowed, keeps the webhook from starting, with one line', async () => {
  const absent = start('configmap:realip-system/realip-policy');
  expect(await absent.exit()).toBe(1);
  expect(absent.stderr).toMatch(
    /^configmap:realip-system\/realip-policy\/policy\.yaml:1: the ConfigMap can't be read: 404 .*not found/m,
  );
  const metadata = { name: 'realip-policy' };
  await cluster.must('POST', maps, { metadata, data: { 'policy.yml': policyNamed('first') } });
  const misnamed = start('configmap:realip-system/realip-policy');
  expect(await misnamed.exit()).toBe(1);
  expect(misnamed.stderr).toContain('no key "policy.yaml"; did you mean "policy.yml"?');
  const foreign = start('configmap:kube-system/other');
  expect(await foreign.exit()).toBe(1);
  expect(foreign.stderr).toContain('403');
  for (const each of [absent, misnamed, foreign]) {
    expect(each.stderr).not.toMatch(/^\s+at /m);
  }
}, 120_000);

test('--policy configmap: needs --kube and a namespace', async () => {
  const without = new WebhookProcess(folder, ['--policy', 'configmap:a/b']);
  expect(await without.exit()).toBe(1);
  expect(without.stderr).toContain('--policy configmap:a/b needs --kube');
  const nameless = start('configmap:a');
  expect(await nameless.exit()).toBe(1);
  expect(nameless.stderr).toContain('not of the form configmap:NAMESPACE/NAME[/KEY]');
}, 120_000);
