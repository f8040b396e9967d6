import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster, firstStartMs } from './cluster.ts';
import { makeNamespace, tokenOf } from './objects.ts';
import { makeAccountOf } from './server-account.ts';

const realip = join(import.meta.dirname, '../../dist/realip');
const rbac = '/apis/rbac.authorization.k8s.io/v1';
let cluster: Cluster;
const folder = () => join(cluster.folder, 'agent-account');

beforeAll(async () => {
  cluster = await Cluster.start();
  await makeNamespace(cluster, 'realip-system');
  await makeAccountOf(cluster, 'agent');
  mkdirSync(folder());
  copyFileSync(join(cluster.folder, 'ca.crt'), join(folder(), 'ca.crt'));
  const audience = 'https://kubernetes.default.svc.cluster.local';
  writeFileSync(
    join(folder(), 'token'),
    await tokenOf(cluster, 'realip-system', 'realip-agent', { audience }),
  );
  await cluster.must('POST', '/api/v1/nodes', { metadata: { name: 'n1', labels: { disk: 'ssd' } } });
}, firstStartMs);
afterAll(() => cluster?.stop());

interface Finding {
  readonly id: string;
  readonly level: string;
  readonly message: string;
}

/** What preflight says of the cluster, by the agent's service account. */
function judged(): Finding[] {
  const { hostname, port } = new URL(cluster.url);
  const { stdout } = spawnSync(realip, ['preflight', '-o', 'json'], {
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      NODE_NAME: 'n1',
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      REALIP_KUBE_FOLDER: folder(),
    },
  });
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return findings.filter(({ id }) => id === 'cluster' || id === 'daemonset-intolerant');
}

async function makeDaemonSet(name: string, pod: object): Promise<void> {
  const labels = { app: name };
  await cluster.must('POST', '/apis/apps/v1/namespaces/kube-system/daemonsets', {
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'x', image: 'x' }], ...pod } },
    },
  });
}

test('without the right to list DaemonSets it says so; with it, those that the node’s taint keeps away are named', async () => {
  expect(judged()).toMatchObject([{ id: 'cluster', level: 'ok', message: expect.stringContaining('403') }]);

  const name = 'preflight';
  await cluster.must('POST', `${rbac}/clusterroles`, {
    metadata: { name },
    rules: [
      { apiGroups: [''], resources: ['nodes'], verbs: ['get'] },
      { apiGroups: ['apps'], resources: ['daemonsets'], verbs: ['list'] },
    ],
  });
  await cluster.must('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: 'realip-agent', namespace: 'realip-system' }],
  });
  await makeDaemonSet('everywhere', { tolerations: [{ operator: 'Exists' }] });
  await makeDaemonSet('elsewhere', { nodeSelector: { disk: 'tape' } });
  expect(judged()).toMatchObject([{ id: 'cluster', level: 'ok' }]);

  await makeDaemonSet('node-exporter', { nodeSelector: { disk: 'ssd' } });
  const [found] = judged();
  expect(found).toMatchObject({ id: 'daemonset-intolerant', level: 'warning' });
  expect(found?.message).toMatch(/: kube-system\/node-exporter$/);
});
