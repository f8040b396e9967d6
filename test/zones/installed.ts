import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, startMs } from '../kube/cluster.ts';
import { Kubelet } from '../kube/kubelet.ts';
import { makeNode } from '../kube/objects.ts';
import { until } from '../server/until.ts';

const base = join(import.meta.dirname, '../../manifests/base');

/** Two nodes of each zone, labelled and tainted as manifests/README.md asks; none has a kubelet. */
export async function makeNodes(cluster: Cluster): Promise<void> {
  const macvlan = { key: 'realip.io/zone-type', value: 'macvlan', effect: 'NoSchedule' };
  for (const name of ['overlay-1', 'overlay-2']) {
    await makeNode(cluster, name, {
      labels: { 'realip.io/zone': 'overlay', 'realip.io/zone-type': 'overlay' },
    });
  }
  for (const name of ['real-1', 'real-2']) {
    await makeNode(cluster, name, {
      labels: { 'realip.io/zone': 'real', 'realip.io/zone-type': 'macvlan' },
      taints: [macvlan],
      capacity: { 'realip.io/ip': '10000' },
    });
  }
}

/** A serving certificate of a CA of its own for the webhook's Service, as cert-manager or an admin would make it. */
function makeServingCertificate(folder: string): { ca: string; cert: string; key: string } {
  const file = (name: string) => join(folder, `serving-${name}`);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const ca = ['-keyout', file('ca.key'), '-out', file('ca.crt'), '-subj', '/CN=webhook-ca'];
  openssl('req', '-x509', ...ec, ...ca);
  writeFileSync(file('ext'), 'subjectAltName=DNS:realip-webhook.realip-system.svc\n');
  openssl('req', ...ec, '-keyout', file('key'), '-out', file('csr'), '-subj', '/CN=realip-webhook');
  const signing = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
  openssl('x509', '-req', '-in', file('csr'), ...signing, '-extfile', file('ext'), '-out', file('crt'));
  const read = (name: string) => readFileSync(file(name)).toString('base64');
  return { ca: read('ca.crt'), cert: read('crt'), key: read('key') };
}

async function must(cluster: Cluster, ...args: readonly string[]): Promise<void> {
  const { status, stderr } = await cluster.kubectl(args);
  if (status !== 0) {
    throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  }
}

/** What manifests/README.md tells an admin to do, with kubectl; then waits until both replicas serve. */
export async function install(cluster: Cluster): Promise<Kubelet> {
  const kubelet = new Kubelet(cluster, 'realip-system');
  await must(cluster, 'apply', '-k', base);
  const { ca, cert, key } = makeServingCertificate(cluster.folder);
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name: 'realip-webhook-tls', namespace: 'realip-system' },
    data: { 'tls.crt': cert, 'tls.key': key, 'ca.crt': ca },
  });
  const patch = JSON.stringify([{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: ca }]);
  for (const kind of ['mutatingwebhookconfiguration', 'validatingwebhookconfiguration']) {
    await must(cluster, 'patch', kind, 'realip-webhook', '--type=json', '-p', patch);
  }
  await kubelet.ready(2);
  await serving(cluster);
  return kubelet;
}

/** Waits until the API server reaches it wherever the Service leads: until rounds of pods, only tried, are all placed. */
export async function serving(cluster: Cluster): Promise<void> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'tried-' },
    spec: { containers: [{ name: 'c', image: 'none' }] },
  };
  const isPlaced = async () => {
    const { status, body } = await cluster.call('POST', '/api/v1/namespaces/default/pods?dryRun=All', pod);
    return status === 201 && body.metadata.annotations?.['realip.io/placed-by'] !== undefined;
  };
  let rounds = 0;
  await until(
    'the API server reaches the webhook',
    async () => {
      const placed = await Promise.all(Array.from({ length: 8 }, isPlaced));
      rounds = placed.every(Boolean) ? rounds + 1 : 0;
      return rounds === 4;
    },
    startMs,
  );
}
