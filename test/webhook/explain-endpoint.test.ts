import type { Report } from '../../webhook/explain/report.ts';
import { type Answer, call, review } from './call.ts';
import { run } from './run.ts';
import { Folder, WebhookProcess } from './webhook-process.ts';

const folder = new Folder();
const webhook = new WebhookProcess(folder);
let port = 0;
beforeAll(async () => {
  port = await webhook.port();
});
afterAll(async () => {
  await webhook.stop();
  folder.remove();
});

const pod = { metadata: { name: 'web' }, spec: { containers: [{ name: 'web' }] } };

function post(body: unknown): Promise<Answer> {
  return call({ port, path: '/explain', body: typeof body === 'string' ? body : JSON.stringify(body) });
}

async function explained(body: unknown): Promise<Report> {
  const { status, headers, text } = await post(body);
  expect([status, headers['content-type']]).toEqual([200, 'application/json']);
  return JSON.parse(text) as Report;
}

test('a pod is explained as the command does it', async () => {
  const report = await explained({ pod, namespace: 'shop', namespaceLabels: { team: 'a' } });
  expect(report).toMatchObject({
    allowed: true,
    items: [{ object: { kind: 'Pod', namespace: 'shop', name: 'web' }, zone: 'real', placedBy: 'default' }],
  });
  const args = [
    '--policy',
    'policy.yaml',
    '--namespace',
    'shop',
    '--namespace-labels',
    'team=a',
    '-o',
    'json',
  ];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...pod });
  expect(JSON.parse(run(['explain', ...args, '-'], input, folder.path).stdout)).toEqual(report);
});

test('a workload, a List and a review are explained as well', async () => {
  const object = { apiVersion: 'apps/v1', kind: 'DaemonSet', spec: { template: { spec: pod.spec } } };
  expect((await explained({ object })).items).toMatchObject([{ outcome: 'exempt', exemption: 'daemonset' }]);
  const list = { apiVersion: 'v1', kind: 'List', items: [object, object] };
  expect((await explained({ object: list })).items).toHaveLength(2);
  expect((await explained({ object: JSON.parse(review(pod)) })).items).toMatchObject([{ zone: 'real' }]);
});

test('a denied pod is an answer, not an error', async () => {
  const bad = { ...pod, metadata: { labels: { 'realip.io/zone': 'moon' } } };
  expect(await explained({ pod: bad })).toMatchObject({
    allowed: false,
    items: [{ outcome: 'denied', denial: { by: '/mutate', code: 'POD_ZONE_UNKNOWN' } }],
  });
});

const many = { apiVersion: 'v1', kind: 'PodList', items: Array.from({ length: 101 }, () => pod) };
test.each([
  ['no JSON', '{', 'EXPLAIN_REQUEST_INVALID', 'not JSON'],
  ['no mapping', '[]', 'EXPLAIN_REQUEST_INVALID', 'the body'],
  ['null', 'null', 'EXPLAIN_REQUEST_INVALID', 'the body'],
  ['neither pod nor object', {}, 'EXPLAIN_REQUEST_INVALID', 'either "pod" or "object"'],
  ['both', { pod, object: pod }, 'EXPLAIN_REQUEST_INVALID', 'either "pod" or "object"'],
  ['an unknown field', { pods: pod }, 'EXPLAIN_REQUEST_INVALID', 'did you mean "pod"?'],
  ['an empty namespace', { pod, namespace: '' }, 'EXPLAIN_REQUEST_INVALID', '.namespace'],
  ['labels of numbers', { pod, namespaceLabels: { a: 1 } }, 'EXPLAIN_REQUEST_INVALID', '.namespaceLabels'],
  ['a pod without spec', { pod: {} }, 'OBJECT_UNEXPLAINABLE', 'pod: the pod'],
  ['a pod of null', { pod: null }, 'OBJECT_UNEXPLAINABLE', 'pod: no Kubernetes object'],
  [
    'an object without pods',
    { object: { apiVersion: 'v1', kind: 'Service' } },
    'OBJECT_UNEXPLAINABLE',
    'in Service',
  ],
  [
    'an empty List',
    { object: { apiVersion: 'v1', kind: 'List', items: [] } },
    'OBJECT_UNEXPLAINABLE',
    'no pod',
  ],
  ['too many pods', { object: many }, 'OBJECT_UNEXPLAINABLE', '101 pods; 100 at most'],
  [
    'a bad review',
    { object: { apiVersion: 'v1', kind: 'AdmissionReview' } },
    'REVIEW_INVALID',
    'properties request',
  ],
])('what can’t be explained is 400 and says why: %s', async (_, body, code, detail) => {
  const answer = await post(body);
  expect([answer.status, answer.headers['content-type']]).toEqual([400, 'application/problem+json']);
  expect(JSON.parse(answer.text)).toMatchObject({ code, detail: expect.stringContaining(detail) });
});

test('the limits of reviews are its limits: 405, 413, 415', async () => {
  const get = await call({ port, path: '/explain', method: 'GET', type: null });
  expect([get.status, get.headers.allow]).toEqual([405, 'POST']);
  expect((await call({ port, path: '/explain', type: 'text/yaml', body: 'a: b' })).status).toBe(415);
  expect((await post(`{"pod": "${'x'.repeat(7 * 1024 * 1024)}"}`)).status).toBe(413);
});

test('it is no review: nothing is counted', async () => {
  const reviews = async () => {
    const { text } = await call({ port, path: '/metrics', method: 'GET', type: null });
    return text.split('\n').filter((line) => line.startsWith('realip_webhook_reviews_total'));
  };
  const before = await reviews();
  await explained({ pod });
  expect(await reviews()).toEqual(before);
});
