import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster, firstStartMs, startMs } from '../kube/cluster.ts';
import { Daemon } from '../kube/daemon.ts';
import type { Kubelet } from '../kube/kubelet.ts';
import { makeNamespace } from '../kube/objects.ts';
import { until } from '../server/until.ts';
import { webhookCounts } from './api-metrics.ts';
import { install, makeNodes } from './installed.ts';
import { type PlacedPod, placedBy, podsOf } from './placed-pods.ts';
import { podOf } from './workloads.ts';

let cluster: Cluster;
let kubelet: Kubelet;
let sidecars: Daemon | null = null;

beforeAll(async () => {
  cluster = await Cluster.start({ controllerManager: true, scheduler: true, services: true });
  await makeNodes(cluster);
  kubelet = await install(cluster);
  await makeNamespace(cluster, 'shop');
}, firstStartMs);
afterAll(async () => {
  await sidecars?.stop();
  await kubelet?.stop();
  await cluster?.stop();
});

/** What of a pod the webhook may change. */
const changeable = ({ metadata, spec }: PlacedPod) => ({
  annotations: metadata.annotations,
  nodeSelector: spec.nodeSelector,
  tolerations: spec.tolerations,
  containers: spec.containers.map(({ name, resources }) => ({ name, resources })),
});

test(
  'a dry run shows the pod as it would be made, and makes nothing',
  async () => {
    const pod = JSON.stringify(podOf('tried'));
    const dry = await cluster.kubectl(['create', '--dry-run=server', '-o', 'json', '-f', '-'], pod);
    expect(dry).toMatchObject({ status: 0 });
    expect(await podsOf(cluster, 'shop')).toEqual([]);
    const wet = await cluster.kubectl(['create', '-o', 'json', '-f', '-'], pod);
    const [tried, made] = [dry, wet].map(({ stdout }) => changeable(JSON.parse(stdout)));
    expect(tried).toEqual(made);
    expect(made?.annotations).toEqual({ 'realip.io/placed-by': 'default' });
  },
  startMs,
);

test(
  'a namespace’s label counts at latest five seconds after it was changed',
  async () => {
    let count = 0;
    const chosen = async () => {
      const pod = podOf(`labelled-${count++}`);
      return placedBy(await cluster.must('POST', '/api/v1/namespaces/shop/pods', pod));
    };
    const label = (zone: string | null) =>
      cluster.must('PATCH', '/api/v1/namespaces/shop', { metadata: { labels: { 'realip.io/zone': zone } } });
    await label('overlay');
    await until('the label counts', async () => (await chosen()) === 'namespace', 5_000);
    await label(null);
    await until('it counts no more', async () => (await chosen()) === 'default', 5_000);
  },
  startMs,
);

test(
  'the first pod of a new namespace is placed by its label',
  async () => {
    const name = 'new-born';
    await makeNamespace(cluster, name, { 'realip.io/zone': 'overlay' });
    const pod = await cluster.must(
      'POST',
      `/api/v1/namespaces/${name}/pods`,
      podOf('first', { namespace: name }),
    );
    expect(placedBy(pod)).toBe('namespace');
  },
  startMs,
);

/** A second mutating webhook, by URL, that gives each pod a sidecar; called after ours. */
async function addSidecarWebhook(): Promise<void> {
  const { folder, network } = cluster;
  const file = (name: string) => join(folder, `sidecar.${name}`);
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const name = ['-subj', '/CN=sidecar', '-addext', `subjectAltName=IP:${network?.address}`];
  execFileSync('openssl', ['req', '-x509', ...ec, ...name, '-keyout', file('key'), '-out', file('crt')], {
    stdio: 'pipe',
  });
  const script = `
    const { readFileSync } = require('node:fs');
    const [cert, key] = process.argv.slice(1).map((path) => readFileSync(path));
    require('node:https').createServer({ cert, key }, async (request, response) => {
      let text = '';
      for await (const part of request) text += part;
      const { request: { uid, object } } = JSON.parse(text);
      const has = object.spec.containers.some(({ name }) => name === 'sidecar');
      const value = { name: 'sidecar', image: 'none' };
      const patch = has ? [] : [{ op: 'add', path: '/spec/containers/0', value }];
      response.end(JSON.stringify({
        apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview',
        response: { uid, allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') },
      }));
    }).listen(9555);`;
  const command = [process.execPath, '-e', script, file('crt'), file('key')];
  sidecars = new Daemon([...(network?.entering ?? []), ...command], file('log'));
  await cluster.apply({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'z-sidecar' },
    webhooks: [
      {
        name: 'sidecar.example.com',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        clientConfig: {
          url: `https://${network?.address}:9555/`,
          caBundle: readFileSync(file('crt')).toString('base64'),
        },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } },
      },
    ],
  });
}

test(
  'asked again, because another webhook put a sidecar in front, it counts the address no second time',
  async () => {
    await addSidecarWebhook();
    const path = '/api/v1/namespaces/shop/pods';
    let count = 0;
    await until(
      'the other webhook is called',
      async () => {
        const { status, body } = await cluster.call('POST', path, podOf(`early-${count++}`));
        return status === 201 && body.spec.containers.length === 2;
      },
      startMs,
    );
    const before = await webhookCounts(cluster, 'placement.realip.io');
    const pod: PlacedPod = await cluster.must('POST', path, podOf('with-sidecar'));
    expect((await webhookCounts(cluster, 'placement.realip.io')).calls - before.calls).toBe(2);
    const { containers, nodeSelector, tolerations } = changeable(pod);
    expect(containers.map(({ name }) => name)).toEqual(['sidecar', 'c']);
    expect(containers.flatMap(({ resources }) => Object.keys(resources?.limits ?? {}))).toEqual([
      'realip.io/ip',
    ]);
    expect(nodeSelector).toEqual({ 'realip.io/zone-type': 'macvlan' });
    const own = (tolerations ?? []).filter((each) => 'key' in each && each.key === 'realip.io/zone-type');
    expect(own).toHaveLength(1);
  },
  startMs * 2,
);
