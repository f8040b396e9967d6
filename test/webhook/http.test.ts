import { connect } from 'node:tls';
import { until } from '../server/until.ts';
import { call, placedBy, responseOf, review } from './call.ts';
import { applyPatch } from './json-patch.ts';
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

const pod = { metadata: {}, spec: { containers: [{ name: 'web' }] } };

test('a business pod comes out placed, whatever the query says', async () => {
  const answer = await call({ port, path: '/mutate?timeout=2s', body: review(pod) });
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('application/json');
  expect(JSON.parse(answer.text)).toMatchObject({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
  });
  const { uid, allowed, patchType, patch = '' } = responseOf(answer);
  expect({ uid, allowed, patchType }).toEqual({ uid: 'u-1', allowed: true, patchType: 'JSONPatch' });
  const placed = applyPatch(pod, JSON.parse(Buffer.from(patch, 'base64').toString()));
  expect(placed).toEqual({
    metadata: { annotations: { 'realip.io/placed-by': 'default' } },
    spec: {
      containers: [
        { name: 'web', resources: { requests: { 'realip.io/ip': '1' }, limits: { 'realip.io/ip': '1' } } },
      ],
      nodeSelector: { 'realip.io/zone-type': 'macvlan' },
      tolerations: [{ key: 'realip.io/zone-type', value: 'macvlan', effect: 'NoSchedule' }],
    },
  });
  const again = await call({ port, body: review(placed) });
  expect(responseOf(again)).not.toHaveProperty('patch');
  expect(responseOf(again)).not.toHaveProperty('patchType');
});

test('the namespace of the request counts, because a template’s pod has none', async () => {
  const body = review(
    { ...pod, metadata: { labels: { 'k8s-app': 'kube-dns' } } },
    { namespace: 'kube-system' },
  );
  expect(placedBy(await call({ port, body }))).toBe('cluster-dns');
});

test.each([
  ['UPDATE', { operation: 'UPDATE' }],
  ['DELETE with a null object', { operation: 'DELETE', object: null }],
  ['a subresource', { subResource: 'eviction' }],
  ['another kind', { kind: { group: 'apps', version: 'v1', kind: 'Deployment' }, object: {} }],
  ['another resource', { resource: { group: '', version: 'v1', resource: 'services' } }],
  ['the own namespace', { namespace: 'realip-system' }],
  ['hostNetwork', { object: { spec: { hostNetwork: true } } }],
])('%s is allowed without a patch, on both paths', async (_, more) => {
  for (const path of ['/mutate', '/validate']) {
    const answer = await call({ port, path, body: review(pod, more) });
    expect(responseOf(answer)).toEqual({ uid: 'u-1', allowed: true });
  }
});

test('a contradiction is denied with a message for the pod’s author', async () => {
  const object = { spec: { nodeSelector: { 'realip.io/zone-type': 'overlay' }, containers: [] } };
  const { allowed, status } = responseOf(await call({ port, body: review(object) }));
  expect(allowed).toBe(false);
  expect(status?.code).toBe(403);
  expect(status?.message).toMatch(/realip\.io\/zone-type="overlay".*"real".*"macvlan"/);
});

test.each([
  ['zone', { 'realip.io/zone': `a\n\u001b[31m${'x'.repeat(200_000)}` }, '/mutate', 'overlay, real, none'],
  [
    'addresses',
    { 'realip.io/addresses': `\u0007${'y'.repeat(200_000)}` },
    '/validate',
    'realip.io/addresses',
  ],
  ['sticky', { 'realip.io/sticky': `\u202e${'z'.repeat(200_000)}` }, '/validate', 'realip.io/sticky'],
])('an endless %s with control characters is told cut and clean', async (_, annotations, path, told) => {
  const logged = webhook.stderr.length;
  const body = review({ ...pod, metadata: { annotations } });
  const message = responseOf(await call({ port, path, body })).status?.message ?? '';
  expect(message).toContain('…');
  expect(message).toContain(told);
  expect(message.length).toBeLessThan(1_000);
  expect(message).not.toMatch(/\p{C}/u);
  await until('the denial is logged', () => webhook.stderr.slice(logged).includes('denied'));
  expect(webhook.stderr.length - logged).toBeLessThan(2_000);
});

test('an endless selector is told cut, however it contradicts the zone', async () => {
  const nodeSelector = { 'realip.io/zone-type': `\u001b${'x'.repeat(200_000)}` };
  const { status } = responseOf(
    await call({ port, body: review({ spec: { nodeSelector, containers: [] } }) }),
  );
  expect(status?.message).toMatch(/^the pod's nodeSelector wants realip\.io\/zone-type=/);
  expect(status?.message?.length).toBeLessThan(5_000);
  expect(status?.message).not.toMatch(/\p{C}/u);
});

test('a bad fixed address is denied by /validate and let pass by /mutate', async () => {
  const metadata = { annotations: { 'realip.io/addresses': '10.9.1.07' } };
  const body = review({ ...pod, metadata });
  expect(responseOf(await call({ port, body })).allowed).toBe(true);
  const { allowed, status } = responseOf(await call({ port, path: '/validate', body }));
  expect(allowed).toBe(false);
  expect(status?.message).toContain('10.9.1.07');
});

test.each([
  ['no JSON', '{'],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ['empty', ''],
  ['null', 'null'],
  ['an array', '[]'],
  ['v1beta1', review(pod).replace('admission.k8s.io/v1', 'admission.k8s.io/v1beta1')],
  ['another kind', review(pod).replace('AdmissionReview', 'Review')],
  ['a null request', '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":null}'],
  ['no uid', review(pod, { uid: '' })],
  ['an unknown operation', review(pod, { operation: 'PATCH' })],
  ['a null object', review(null)],
  ['a pod without spec', review({})],
  ['a pod of wrong types', review({ metadata: { labels: ['a'] }, spec: {} })],
  ['containers of null', review({ spec: { containers: [null] } })],
  ['depth', '['.repeat(200_000)],
])('what is no review is 400: %s', async (_, body) => {
  const answer = await call({ port, body });
  expect(answer.status).toBe(400);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(answer.text)).toMatchObject({ status: 400, code: 'REVIEW_INVALID' });
});

test.each([
  [review(pod).replace('k8s.io/v1', 'k8s.io/v1beta1'), 'must be equal to constant, "admission.k8s.io/v1"'],
  [review(pod, { operation: 'PATCH' }), ': CREATE, UPDATE, DELETE, CONNECT'],
])('a value that is no review’s is refused with those that are', async (body, words) => {
  expect(JSON.parse((await call({ port, body })).text).detail).toContain(words);
});

test('a second webhook on the same port says what is wrong and what to do', async () => {
  const second = new WebhookProcess(folder, ['--listen', `127.0.0.1:${port}`]);
  expect(await second.exit()).toBe(1);
  expect(second.stderr).toContain(
    `realip-webhook: https://127.0.0.1:${port}: something listens there already`,
  );
  expect(second.stderr).toContain('give another address and port by --listen');
});

test('404, 405 with Allow, 415: each before the body counts', async () => {
  const body = review(pod);
  expect((await call({ port, path: '/mutate/', body })).status).toBe(404);
  expect((await call({ port, path: '/', body })).status).toBe(404);
  for (const method of ['GET', 'PUT', 'DELETE', 'HEAD']) {
    const answer = await call({ port, method });
    expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, 'POST']);
  }
  expect((await call({ port, path: '/healthz', method: 'POST', body })).headers.allow).toBe('GET, HEAD');
  for (const type of [null, 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonx']) {
    expect([type, (await call({ port, type, body })).status]).toEqual([type, 415]);
  }
  expect((await call({ port, headers: { 'Content-Encoding': 'gzip' }, body })).status).toBe(415);
  expect((await call({ port, type: 'application/json; charset=utf-8', body })).status).toBe(200);
});

test('7 MiB are read, one byte more is 413, announced or not', async () => {
  const most = 7 * 1024 * 1024;
  const padded = review(pod);
  const whole = padded + ' '.repeat(most - Buffer.byteLength(padded));
  expect((await call({ port, body: whole })).status).toBe(200);
  expect((await call({ port, body: `${whole} ` })).status).toBe(413);
  const chunked = { 'Transfer-Encoding': 'chunked' };
  expect((await call({ port, body: `${whole} `, headers: chunked })).status).toBe(413);
  expect((await call({ port, body: whole, headers: chunked })).status).toBe(200);
});

/** Sends the head of a request and gives what comes back before any body was sent. */
async function afterHead(head: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  socket.write(`${head}\r\n\r\n`);
  await until('an answer to the head has come', () => text.includes('\r\n\r\n'));
  socket.destroy();
  return text;
}

test('415 and 413 come before the body is read, also to one who waits for 100', async () => {
  const head = 'POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000';
  expect(await afterHead(`${head}\r\nContent-Type: text/plain`)).toMatch(/^HTTP\/1\.1 415/);
  expect(await afterHead(`${head}\r\nContent-Type: application/json`)).toMatch(/^HTTP\/1\.1 413/);
  const waits = 'POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue';
  expect(await afterHead(`${waits}\r\nContent-Type: text/plain`)).toMatch(/^HTTP\/1\.1 415/);
  expect(await afterHead(`${waits}\r\nContent-Type: application/json`)).toMatch(/^HTTP\/1\.1 100/);
});

test('a body that does not come is cut: 408, and the connection is closed', async () => {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  socket.write(
    'POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
  );
  await until('an answer has come', () => text.includes('REVIEW_TOO_SLOW'), 60_000);
  expect(text).toMatch(/^HTTP\/1\.1 408/);
  await closed;
}, 90_000);

test('health, readiness and metrics answer, and connections are kept for more than 90 s', async () => {
  expect((await call({ port, path: '/healthz', method: 'GET', type: null })).text).toBe('ok\n');
  expect((await call({ port, path: '/readyz', method: 'GET', type: null })).status).toBe(200);
  const metrics = await call({ port, path: '/metrics', method: 'GET', type: null });
  expect(metrics.text).toContain(
    'realip_webhook_reviews_total{path="/mutate",verdict="placed",reason="patched"}',
  );
  const keep = await call({
    port,
    path: '/healthz',
    method: 'GET',
    type: null,
    headers: { Connection: 'keep-alive' },
  });
  expect(Number(/timeout=(\d+)/.exec(String(keep.headers['keep-alive']))?.[1])).toBeGreaterThanOrEqual(90);
});
