import { setTimeout as after } from 'node:timers/promises';
import { documentedIn } from '../monitoring/known-metrics.ts';
import { until } from '../server/until.ts';
import { call } from '../webhook/call.ts';
import { Cluster, firstStartMs, startMs } from './cluster.ts';
import { makeNamespace, makeServiceAccount } from './objects.ts';
import { certificatesIn, OwnCaSite, type Replica, secretPath } from './own-ca-site.ts';
import { readiness } from './service-stand-in.ts';

const policy = `zones:
  real: {type: macvlan, nodeSelector: {realip.io/zone-type: macvlan}}
default: real
`;

/** A CA's old age is short enough to wait for. */
const overlap = ['--own-ca-overlap', '30s'];
const slow = 300_000;

let cluster: Cluster;
let site: OwnCaSite;
let a: Replica;
let b: Replica;

beforeAll(async () => {
  cluster = await Cluster.start();
  site = await OwnCaSite.open(cluster, policy);
  await makeNamespace(cluster, 'shop');
  await makeServiceAccount(cluster, 'shop', 'default');
}, firstStartMs);
afterAll(async () => {
  await site?.close();
  await cluster?.stop();
}, startMs);

function isReady({ port }: Replica): Promise<boolean> {
  return readiness(port).then(
    ({ status }) => status === 200,
    () => false,
  );
}

async function bothReady(...replicas: readonly Replica[]): Promise<void> {
  for (const replica of replicas) {
    await until(`${replica.port} is ready: ${replica.process.stderr}`, () => isReady(replica), startMs);
  }
}

/** Every entry carries exactly what the Secret says; how many CAs that are. */
async function agreed(): Promise<number> {
  const secret = (await site.secret()) ?? {};
  const bundles = await site.bundles();
  const isSame = bundles.every((bundle) => bundle !== '' && bundle === secret['ca.crt']);
  return isSame ? certificatesIn(secret['ca.crt'] ?? '').length : 0;
}

let made = 0;
/** Makes a pod and tells who placed it. */
async function placedBy(): Promise<unknown> {
  made += 1;
  const { metadata } = await cluster.must('POST', '/api/v1/namespaces/shop/pods', {
    metadata: { name: `pod-${made}`, annotations: { 'realip.io/zone': 'real' } },
    spec: { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'none' }] },
  });
  return metadata.annotations['realip.io/placed-by'];
}

/** Makes pods one after the other while something goes on; those that nobody placed, and how many there were. */
async function underLoad(goesOn: () => Promise<void>): Promise<{ lost: number; pods: number }> {
  let isOver = false;
  let [lost, pods] = [0, 0];
  const load = (async () => {
    while (!isOver) {
      pods += 1;
      lost += (await placedBy()) === 'pod' ? 0 : 1;
      // Connections that are kept open never see a new certificate.
      if (pods % 5 === 0) {
        site.service.cut();
      }
      await after(20);
    }
  })();
  await goesOn().finally(() => {
    isOver = true;
  });
  await load;
  return { lost, pods };
}

test(
  'replicas that start together make one CA, say what they wait for, and are ready when all agree',
  async () => {
    [a, b] = await Promise.all([site.start(...overlap), site.start(...overlap)]);
    for (const { port } of [a, b]) {
      const says = async () => (await readiness(port).catch(() => ({ text: '' }))).text;
      await until(
        'the missing configuration is named',
        async () => (await says()).includes('there is no webhook configuration realip-webhook'),
        startMs,
      );
    }
    expect(a.process.stdout).toBe('');
    await site.applyConfigurations();
    await bothReady(a, b);
    expect(await agreed()).toBe(1);
    const makers = [a, b].filter(({ process }) => process.stderr.includes('a CA was made'));
    expect(makers).toHaveLength(1);
    // The API server takes up what was applied after a moment.
    await until('the webhook is called', async () => (await placedBy()) === 'pod', startMs);
    expect(await a.process.port()).toBe(a.port);
  },
  slow,
);

test('the metrics say when certificates end, and who has made them', async () => {
  const texts = await Promise.all(
    [a, b].map(({ port }) => call({ port, path: '/metrics', method: 'GET', type: null })),
  );
  const value = (name: string, of: number) =>
    Number(
      texts[of]?.text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length),
    );
  const days = (name: string) => (value(name, 0) - Date.now() / 1000) / 86_400;
  expect(days('realip_webhook_certificate_expiry_timestamp_seconds')).toBeCloseTo(90, 0);
  expect(days('realip_webhook_ca_expiry_timestamp_seconds')).toBeCloseTo(365, 0);
  const made = 'realip_webhook_own_ca_rotations_total';
  expect(value(`${made}{what="ca"}`, 0) + value(`${made}{what="ca"}`, 1)).toBe(1);
  for (const name of documentedIn('zones').filter((each) => /_(own_)?ca_/.test(each))) {
    expect([name, texts[1]?.text.includes(`# TYPE ${name} `)]).toEqual([name, true]);
  }
});

test(
  'a caBundle that is emptied or another’s is mended; applying the manifest again changes nothing',
  async () => {
    const [before] = await site.bundles();
    await site.applyConfigurations();
    expect(new Set(await site.bundles())).toEqual(new Set([before]));
    const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/realip-webhook';
    const configuration = await cluster.must('GET', path);
    for (const caBundle of ['', 'bm8gY2VydGlmaWNhdGU=']) {
      const webhooks = configuration.webhooks.map((each: { clientConfig: object }) => ({
        ...each,
        clientConfig: { ...each.clientConfig, caBundle },
      }));
      await cluster.call('PATCH', path, { webhooks });
      await until(
        'the caBundle is mended',
        async () => (await site.bundles()).every((each) => each === before),
        startMs,
      );
    }
    await bothReady(a, b);
    await until('a pod is placed again', async () => (await placedBy()) === 'pod', startMs);
  },
  slow,
);

test(
  'the Secret is lost, and a new CA takes over: no pod goes unplaced, and the old CA leaves in the end',
  async () => {
    const before = (await site.secret())?.['ca.crt'] ?? '';
    const { lost, pods } = await underLoad(async () => {
      await cluster.must('DELETE', `${secretPath}/realip-webhook-ca`);
      await until('old and new CA are trusted', async () => (await agreed()) === 2, startMs);
      expect((await site.bundles())[0]).toContain(before);
      await until('the new one alone is trusted', async () => (await agreed()) === 1, startMs);
      expect((await site.bundles())[0]).not.toContain(before);
    });
    expect({ lost }).toEqual({ lost: 0 });
    expect(pods).toBeGreaterThan(20);
    await bothReady(a, b);
  },
  slow,
);

test(
  'replicas are replaced one by one while a CA grows old: no pod goes unplaced',
  async () => {
    const before = (await site.secret())?.['ca.crt'] ?? '';
    const { lost } = await underLoad(async () => {
      // For them the CA of 365 days has less than a third of its life left.
      const young = ['--own-ca-lifetime', '5000d', ...overlap];
      const next: Replica[] = [];
      for (const old of [a, b]) {
        const successor = await site.start(...young);
        await bothReady(successor);
        next.push(successor);
        await after(1000);
        expect(await site.stop(old)).toBe(0);
      }
      [a, b] = next as [Replica, Replica];
      await until('the new CA alone is trusted', async () => (await agreed()) === 1, startMs);
    });
    expect((await site.bundles())[0]).not.toContain(before);
    expect({ lost }).toEqual({ lost: 0 });
  },
  slow,
);

test(
  'with the API server away in the midst of a rotation, replicas go on where they were',
  async () => {
    await cluster.must('DELETE', `${secretPath}/realip-webhook-ca`);
    await cluster.stopApiServer();
    await until('it is said', () => a.process.stderr.includes('can’t be looked after'), startMs);
    await cluster.startApiServer();
    await until('all agree again', async () => (await agreed()) > 0, startMs);
    await bothReady(a, b);
    await until('a pod is placed again', async () => (await placedBy()) === 'pod', startMs);
  },
  slow,
);

test(
  'damaged contents are made anew and told; a Secret of somebody else is left alone',
  async () => {
    await cluster.must('PATCH', `${secretPath}/realip-webhook-ca`, { data: { 'tls.key': 'eA==' } });
    const told = () => [a, b].some(({ process }) => process.stderr.includes('the Secret is damaged: '));
    await until('the damage is told', told, startMs);
    await until('the Secret is whole', async () => (await agreed()) > 0, startMs);

    const others = { metadata: { name: 'others' }, type: 'Opaque', stringData: { password: 'secret' } };
    const { data } = await cluster.must('POST', secretPath, others);
    await cluster.must(
      'PATCH',
      '/apis/rbac.authorization.k8s.io/v1/namespaces/realip-system/roles/realip-webhook-own-ca',
      {
        rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['create', 'get', 'watch', 'update'] }],
      },
    );
    const stranger = await site.start('--own-ca-secret', 'others');
    const says = async () => (await readiness(stranger.port).catch(() => ({ text: '' }))).text;
    await until('it is said', async () => (await says()).includes('belongs to somebody else'), startMs);
    expect((await cluster.must('GET', `${secretPath}/others`)).data).toEqual(data);
    await stranger.process.stop();
    await bothReady(a, b);
  },
  slow,
);
