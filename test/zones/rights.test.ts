import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster, firstStartMs, startMs } from '../kube/cluster.ts';
import { makeServiceAccount, tokenOf } from '../kube/objects.ts';

const manifests = join(import.meta.dirname, '../../manifests');
const single = join(manifests, 'overlays/single');

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start();
  const { status, stderr } = await cluster.kubectl(['apply', '-k', single]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  await makeServiceAccount(cluster, 'realip-system', 'nobody');
}, firstStartMs);
afterAll(() => cluster?.stop());

/** What `kubectl auth can-i --list` says to a service account in a namespace, one line a rule. */
async function rightsOf(account: string, namespace: string): Promise<string[]> {
  const audience = 'https://kubernetes.default.svc.cluster.local';
  const token = await tokenOf(cluster, 'realip-system', account, { audience });
  const kubeconfig = cluster.kubeconfig(account, token);
  const list = ['auth', 'can-i', '--list', '--no-headers', '-n', namespace, '--kubeconfig', kubeconfig];
  const { stdout } = await cluster.kubectl(list);
  return stdout
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '');
}

/** The rights that an account has and one without any role has not. */
async function ownRightsOf(account: string, namespace: string): Promise<string[]> {
  const common = new Set(await rightsOf('nobody', namespace));
  return (await rightsOf(account, namespace)).filter((line) => !common.has(line)).sort();
}

const configurations = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'].map(
  (each) => `${each}.admissionregistration.k8s.io [] [realip-webhook] [get watch patch]`,
);
const webhook = [...configurations, 'namespaces [] [] [get list watch]'].sort();
const ipamServer = [
  'namespaces [] [] [get]',
  'nodes [] [] [list watch patch]',
  'nodes/status [] [] [patch]',
  'pods [] [] [get list watch]',
  'replicasets.apps [] [] [get]',
  'tokenreviews.authentication.k8s.io [] [] [create]',
];
const agent = ['events [] [] [create patch]'];

test(
  'each part’s service account may do what is listed here, and nothing more',
  async () => {
    expect(await ownRightsOf('realip-webhook', 'shop')).toEqual(webhook);
    const ca = ['secrets [] [] [create]', 'secrets [] [realip-webhook-ca] [get watch update]'];
    expect(await ownRightsOf('realip-webhook', 'realip-system')).toEqual([...webhook, ...ca].sort());
    for (const namespace of ['shop', 'realip-system']) {
      expect(await ownRightsOf('realip-ipam-server', namespace)).toEqual(ipamServer);
      expect(await ownRightsOf('realip-agent', namespace)).toEqual(agent);
    }
  },
  startMs,
);

test(
  'there is no other service account that anything is granted to',
  async () => {
    const { items } = await cluster.must('GET', '/api/v1/namespaces/realip-system/serviceaccounts');
    const names = items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
    expect(names.sort()).toEqual(['nobody', 'realip-agent', 'realip-ipam-server', 'realip-webhook']);
  },
  startMs,
);

test(
  'the overlay gives the webhook the server’s place, and its agents the conf list as it is written',
  async () => {
    const path = '/apis/apps/v1/namespaces/realip-system';
    const webhook = await cluster.must('GET', `${path}/deployments/realip-webhook`);
    const conf = readFileSync(join(single, '00-realip.conflist'), 'utf8');
    const { server } = JSON.parse(conf).plugins[0].ipam;
    const flags: string[] = webhook.spec.template.spec.containers[0].args;
    expect(flags.filter((flag) => flag.startsWith('--ipam-server'))).toEqual([`--ipam-server=${server}`]);
    const agent = await cluster.must('GET', `${path}/daemonsets/realip-agent`);
    const volume = agent.spec.template.spec.volumes.find((each: { name: string }) => each.name === 'conf');
    const { data } = await cluster.must(
      'GET',
      `/api/v1/namespaces/realip-system/configmaps/${volume.configMap.name}`,
    );
    const ptp = readFileSync(join(single, 'ptp.conflist'), 'utf8');
    expect(data).toEqual({ '00-realip.conflist': conf, 'ptp.conflist': ptp });
  },
  startMs,
);

test(
  'the API server takes the Job that uninstalls a node',
  async () => {
    const job = readFileSync(join(manifests, 'uninstall/node.yaml'), 'utf8').replaceAll('NODE', 'mac-1');
    const { status, stderr } = await cluster.kubectl(['apply', '--dry-run=server', '-f', '-'], job);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  },
  startMs,
);
