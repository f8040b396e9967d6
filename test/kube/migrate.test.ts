import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../server/until.ts';
import { run } from '../webhook/run.ts';
import { Cluster, firstStartMs, startMs } from './cluster.ts';
import { makeNamespace, makeNode } from './objects.ts';
import { StandInKubelet } from './stand-in-kubelet.ts';
import { WebhookSite } from './webhook-site.ts';

// The steps of docs/zones/migrate.md, as they stand there.
const page = readFileSync(join(import.meta.dirname, '../../docs/zones/migrate.md'), 'utf8');
const policy = /```yaml file=migration\.yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';

let cluster: Cluster;
let site: WebhookSite;
let kubelet: StandInKubelet;

/** Runs the commands of a step; what the last one printed. */
async function step(name: string): Promise<string> {
  const lines =
    new RegExp(`\`\`\`sh step=${name}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1]?.trim().split('\n') ?? [];
  expect(lines.length).toBeGreaterThan(0);
  let printed = '';
  for (const line of lines) {
    const [command = '', file] = line.split(' > ');
    const [program, ...args] = command.split(' ');
    const { status, stdout, stderr } =
      program === 'kubectl' ? await cluster.kubectl(args) : run(args, '', site.folder.path);
    expect({ line, status, stderr: status === 0 ? '' : stderr }).toEqual({ line, status: 0, stderr: '' });
    printed = stdout;
    if (file !== undefined) {
      writeFileSync(site.folder.file(file), stdout);
    }
  }
  return printed;
}

/** Who placed the pods, those that end included, and on which nodes they are, each once. */
async function placement(): Promise<string[]> {
  const { items } = await cluster.must('GET', '/api/v1/namespaces/shop/pods');
  const words = items.map(
    ({
      metadata,
      spec,
    }: {
      metadata: { annotations?: Record<string, string> };
      spec: { nodeName?: string };
    }) => `${metadata.annotations?.['realip.io/placed-by']} ${spec.nodeName}`,
  );
  return [...new Set<string>(words)];
}

function becomes(wanted: string): Promise<void> {
  return until(wanted, async () => (await placement()).join() === wanted, startMs);
}

/** Waits until kubectl takes another restart: it refuses a second one in the same second. */
function secondIsOver(): Promise<void> {
  return until('the second of the restart is over', async () => {
    const { spec } = await cluster.must('GET', '/apis/apps/v1/namespaces/shop/deployments/web');
    const at = spec.template.metadata.annotations['kubectl.kubernetes.io/restartedAt'];
    return Date.now() >= Date.parse(at) + 1_000;
  });
}

beforeAll(async () => {
  cluster = await Cluster.start({ scheduler: true, controllerManager: true });
  const zone = { 'realip.io/zone-type': 'macvlan' };
  const taints = [{ key: 'realip.io/zone-type', value: 'macvlan', effect: 'NoSchedule' }];
  await makeNode(cluster, 'lan', { labels: zone, taints, capacity: { 'realip.io/ip': '10' } });
  await makeNode(cluster, 'plain', { labels: { 'realip.io/zone': 'overlay' } });
  site = await WebhookSite.open(cluster, policy);
  site.folder.write('migration.yaml', policy);
  await site.start();
  kubelet = new StandInKubelet(cluster);
  await makeNamespace(cluster, 'shop');
}, firstStartMs);
afterAll(async () => {
  await kubelet?.stop();
  await site?.close();
  await cluster?.stop();
});

test(
  'a namespace is migrated by the steps of the page, and back',
  async () => {
    const labels = { app: 'web' };
    await cluster.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'none' }] } },
      },
    });
    await becomes('default plain');

    expect(await step('ask')).toContain('Deployment shop/web: placed in zone real\n');
    await step('choose');
    expect(await placement()).toEqual(['default plain']);
    await step('roll');
    await becomes('namespace lan');
    expect(await step('check')).toMatch(
      /^POD +BY +NODE\nweb-\S+ +namespace +lan\nweb-\S+ +namespace +lan\n$/,
    );
    await secondIsOver();
    await step('back');
    await becomes('namespace plain');
  },
  startMs * 4,
);
