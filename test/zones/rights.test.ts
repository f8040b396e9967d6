import { Cluster, firstStartMs, startMs } from '../kube/cluster.ts';
import { makeServiceAccount, tokenOf } from '../kube/objects.ts';
import { applyBase } from './installed.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start();
  await applyBase(cluster);
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
