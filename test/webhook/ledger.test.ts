import { once } from 'node:events';
import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { allocate, makeLan, put, release } from '../server/lan.ts';
import { type Server, startServer } from '../server/process.ts';
import { until } from '../server/until.ts';
import { call, type ReviewResponse, responseOf, review } from './call.ts';
import { Folder, WebhookProcess } from './webhook-process.ts';

const policy = `zones:
  overlay: {type: overlay, nodeSelector: {realip.io/zone: overlay}}
  real: {type: macvlan, nodeSelector: {realip.io/zone-type: macvlan}}
  lab: {type: macvlan, nodeSelector: {realip.io/zone: lab}}
rules:
  - {name: guarded, match: {namespaces: [guarded]}, zone: real, fixedAddresses: denied}
default: real
`;
const token = 'the-viewer';
const tokens = `tokens: [{token: the-admin, role: admin}, {token: ${token}, role: viewer}]\n`;

const folder = new Folder(policy);
let ledger: Server;
let webhook: WebhookProcess;
let port: number;

beforeAll(async () => {
  folder.write('tokens.yaml', tokens);
  folder.write('token', 'not-yet-right\n');
  const tls = ['--tls-cert', folder.file('tls.crt'), '--tls-key', folder.file('tls.key')];
  ledger = await startServer('memory:', '--tokens', folder.file('tokens.yaml'), ...tls);
  const admin = {
    call: (method: string, path: string, json?: unknown) =>
      ledger.call(method, path, json, { token: 'the-admin' }),
  } as Server;
  await makeLan(admin, { excludes: ['10.9.1.99'], cooldownSeconds: 86_400 });
  await put(admin, '/v1/zones/tunnels', { type: 'overlay' });
  await put(admin, '/v1/subnets/inner', { zone: 'tunnels', cidr: '10.244.0.0/16' });
  await put(admin, '/v1/ranges/inner', { subnet: 'inner', start: '10.244.1.0', end: '10.244.1.255' });
  await put(admin, '/v1/reservations/web-0', {
    addresses: ['10.9.7.7'],
    pod: { namespace: 'shop', name: 'web-0' },
  });
  await put(admin, '/v1/reservations/api', {
    addresses: ['10.9.7.8'],
    owner: { namespace: 'shop', kind: 'Deployment', name: 'api' },
  });
  await put(admin, '/v1/reservations/printer', { addresses: ['10.9.1.50'], comment: 'second floor' });
  await put(admin, '/v1/nodes/n1', { zone: 'real' });
  await admin.call('POST', '/v1/nodes/n1:sync', { addresses: ['10.9.1.60'], attachments: [] });
  for (const [id, ip] of [
    ['c-old', '10.9.1.70'],
    ['c-live', '10.9.1.71'],
  ] as const) {
    await allocate(admin, id, { addresses: [ip], pod: { namespace: 'shop', name: `pod-of-${id}` } });
  }
  await release(admin, 'c-old');
  const flags = ['--ipam-server', ledger.url, '--ipam-token-file', 'token', '--ipam-ca-file', 'tls.crt'];
  webhook = new WebhookProcess(folder, flags);
  port = await webhook.port();
}, 120_000);
afterAll(async () => {
  await webhook?.stop();
  await ledger?.stop();
  folder.remove();
});

interface Asked {
  readonly namespace?: string;
  readonly metadata?: object;
  readonly at?: number;
  readonly dryRun?: boolean;
}

/** What /validate says to a pod that wants `addresses`. */
async function validated(
  addresses: string,
  { namespace = 'shop', metadata = {}, at = port, dryRun = false }: Asked = {},
): Promise<ReviewResponse & { readonly warnings?: readonly string[] }> {
  const annotations = { 'realip.io/addresses': addresses };
  const pod = { metadata: { name: 'web-9', annotations, ...metadata }, spec: { containers: [{}] } };
  const body = review(pod, { namespace, dryRun });
  const response = responseOf(await call({ port: at, path: '/validate?timeout=2s', body }));
  for (const warning of (response as { warnings?: string[] }).warnings ?? []) {
    expect([...warning].length).toBeLessThanOrEqual(120);
  }
  return response;
}

/** The same once the ledger has answered: on a busy machine half a second may be too short for it. */
async function checked(addresses: string, asked: Asked = {}): ReturnType<typeof validated> {
  for (const end = Date.now() + 60_000; ; ) {
    const response = await validated(addresses, asked);
    if (!response.warnings?.some((each) => each.includes('not checked')) || Date.now() > end) {
      return response;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function questions(at = port): Promise<Record<string, number>> {
  const { text } = await call({ port: at, path: '/metrics', method: 'GET', type: null });
  const found = text.matchAll(/^realip_webhook_ledger_questions_total\{outcome="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...found].map(([, outcome, count]) => [outcome, Number(count)]));
}

test('with a token that the server refuses pods pass with a warning; the right one is read when it is there', async () => {
  const { allowed, warnings } = await validated('10.9.0.1');
  expect([allowed, warnings]).toEqual([true, [expect.stringContaining('not checked')]]);
  folder.write('token', `${token}\n`);
  await until('the ledger is asked', async () => !(await validated('10.9.0.1')).allowed, 60_000);
  expect(webhook.stderr).toContain('401');
});

test.each([
  ['10.9.0.1', 'gateway', 'FIXED_ADDRESS_UNUSABLE'],
  ['10.9.0.0', 'network', 'FIXED_ADDRESS_UNUSABLE'],
  ['10.9.255.255', 'broadcast', 'FIXED_ADDRESS_UNUSABLE'],
  ['10.9.1.99', 'excludes', 'FIXED_ADDRESS_UNUSABLE'],
  ['10.9.1.60', 'node', 'FIXED_ADDRESS_UNUSABLE'],
  ['10.99.0.7', 'no subnet', 'FIXED_ADDRESS_OUTSIDE'],
  ['10.9.200.1', 'no range of subnet lan', 'FIXED_ADDRESS_OUTSIDE'],
  ['10.9.7.7', 'pod shop/web-0', 'FIXED_ADDRESS_RESERVED'],
  ['10.9.7.8', 'Deployment shop/api', 'FIXED_ADDRESS_RESERVED'],
  ['10.9.1.50', 'reservation printer', 'FIXED_ADDRESS_RESERVED'],
  ['10.244.1.7', 'zone tunnels', 'FIXED_ADDRESS_WRONG_ZONE'],
])('%s is denied, naming the %s', async (address, named, code) => {
  const { allowed, status } = await checked(address);
  expect(allowed).toBe(false);
  expect(status?.message).toContain(address);
  expect(status?.message).toContain(named);
  expect(status?.message).toContain(code);
});

test('an address of another zone than the one that the pod chose is denied', async () => {
  const labels = { 'realip.io/zone': 'lab' };
  const { status } = await checked('10.9.1.7', { metadata: { labels } });
  expect(status?.message).toMatch(/10\.9\.1\.7.*zone real.*realip\.io\/zone="lab"/);
});

test('a free address passes without a word, and so does what is reserved for the pod or its workload', async () => {
  const silent = { allowed: true };
  expect(await checked('10.9.1.7')).toMatchObject(silent);
  expect(await checked('10.9.7.7', { metadata: { name: 'web-0' } })).toMatchObject(silent);
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'api-5f', controller: true }];
  const ofApi = await checked('10.9.7.8', {
    metadata: { labels: { 'pod-template-hash': '5f' }, ownerReferences },
  });
  expect(ofApi.allowed).toBe(true);
  // All that is told is that a Deployment's pods can't share it.
  expect(ofApi.warnings).toEqual([expect.stringContaining('a second pod of Deployment api')]);
  for (const asked of [
    await checked('10.9.1.7'),
    await checked('10.9.7.7', { metadata: { name: 'web-0' } }),
  ]) {
    expect(asked).not.toHaveProperty('warnings');
  }
});

test('an address that rests or is another live pod’s passes with a warning', async () => {
  expect((await checked('10.9.1.70')).warnings).toEqual([expect.stringMatching(/10\.9\.1\.70 rests until/)]);
  expect((await checked('10.9.1.71')).warnings).toEqual([
    expect.stringContaining('in use by pod shop/pod-of-c-live'),
  ]);
});

test('where the policy denies fixed addresses, in the overlay and under --dry-run the ledger is not changed', async () => {
  const before = (await questions())['answered'] ?? 0;
  expect((await checked('10.9.1.7', { namespace: 'guarded' })).status?.message).toContain(
    'FIXED_ADDRESSES_DENIED',
  );
  const inOverlay = await checked('10.9.1.7', { metadata: { labels: { 'realip.io/zone': 'overlay' } } });
  expect(inOverlay.warnings).toEqual([expect.stringContaining('no effect')]);
  expect((await questions())['answered']).toBe(before);
  const events = async () => (await ledger.call('GET', '/v1/events', undefined, { token })).text;
  const told = await events();
  expect((await checked('10.9.1.8', { dryRun: true })).allowed).toBe(true);
  expect(await events()).toBe(told);
});

/** A server of faults, and a webhook that asks it. */
async function faulty(answer: RequestListener, ...more: string[]) {
  const server: HttpServer = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const asking = new WebhookProcess(folder, ['--ipam-server', [url, ...more].join(',')]);
  return {
    port: await asking.port(),
    stop: async () => {
      await asking.stop();
      server.closeAllConnections();
      server.close();
    },
  };
}

const endless: RequestListener = (_, response) => {
  const more = setInterval(() => response.write('x'.repeat(60_000)), 5);
  response.on('close', () => clearInterval(more));
};

test.each<[string, RequestListener]>([
  ['says nothing', () => {}],
  ['hangs in the middle of its answer', (_, response) => response.write('{"address":')],
  ['answers what is no JSON', (_, response) => response.end('<html>')],
  ['answers another’s report', (_, response) => response.end('{"address":"10.0.0.1","state":"free"}')],
  ['answers an unknown state', (_, response) => response.end('{"address":"10.9.1.7","state":"odd"}')],
  ['answers without end', endless],
  ['fails', (_, response) => response.writeHead(500).end('{}')],
  ['closes the connection', (request) => void request.socket.destroy()],
])('with a server that %s pods pass with a warning, and later ones do not wait for it', async (_, answer) => {
  const away = await faulty(answer);
  try {
    for (let each = 0; each < 5; each++) {
      const { allowed, warnings } = await validated('10.9.1.7', { at: away.port });
      expect([allowed, warnings]).toEqual([true, [expect.stringContaining('not checked')]]);
    }
    const { failed = 0, skipped = 0, answered = 0 } = await questions(away.port);
    expect([failed + skipped, answered]).toEqual([5, 0]);
    expect(skipped).toBeGreaterThan(0);
  } finally {
    await away.stop();
  }
});

test('of several servers one that answers is enough, and it is asked first from then on', async () => {
  const plain = await startServer('memory:');
  await makeLan(plain);
  let silent = 0;
  const first = await faulty(() => void silent++, plain.url);
  try {
    let asked = 0;
    await until(
      'three questions in a row pass the silent one by',
      async () => {
        asked = silent;
        for (let each = 0; each < 3; each++) {
          const { status } = await checked('10.9.0.1', { at: first.port });
          expect(status?.message).toContain('gateway');
        }
        return asked > 0 && silent === asked;
      },
      60_000,
    );
  } finally {
    await first.stop();
    await plain.stop();
  }
});

test('flags that make no sense are refused at the start', async () => {
  for (const flags of [
    ['--ipam-server', 'ledger:8443'],
    ['--ipam-server', 'https://a,,https://b'],
    ['--ipam-token-file', 'token'],
  ]) {
    const refused = new WebhookProcess(folder, flags);
    expect(await refused.exit()).not.toBe(0);
    expect(refused.stderr).toContain('--ipam-server');
  }
});

test('a token file that can’t be read is told at the start, and pods are answered all the same', async () => {
  const early = new WebhookProcess(folder, [
    '--ipam-server',
    ledger.url,
    '--ipam-token-file',
    'no-such-token',
  ]);
  try {
    await early.port();
    expect(early.stderr).toMatch(/"file":"no-such-token".*ENOENT/);
  } finally {
    await early.stop();
  }
});
