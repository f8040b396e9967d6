import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from '../server/lan.ts';
import { type Server, startServerIn } from '../server/process.ts';
import { until } from '../server/until.ts';
import { Cluster, firstStartMs, startMs } from './cluster.ts';
import { hasCapacity } from './kept-node.ts';
import { deletePod, makeNamespace, makeNode, makePod } from './objects.ts';
import { makeServerAccount } from './server-account.ts';

/** The real scheduler, and the real quota and DaemonSet controllers, on capacity that the IPAM server keeps. */

const page = readFileSync(join(import.meta.dirname, '../../docs/zones/nodes.md'), 'utf8');
const limitMs = 2 * startMs;
const tolerations = [{ key: 'realip.io/zone-type', value: 'macvlan', effect: 'NoSchedule' }];
const wish = { requests: { 'realip.io/ip': '1' }, tolerations };

let cluster: Cluster;
let server: Server;

beforeAll(async () => {
  cluster = await Cluster.start({ scheduler: true, controllerManager: true });
  const kubeconfig = await makeServerAccount(cluster);
  await makeNamespace(cluster, 'shop');
  await makeNode(cluster, 'n1');
  const tokens = join(cluster.folder, 'tokens.yaml');
  writeFileSync(tokens, 'tokens: [{token: the-admin, role: admin}]\n');
  server = await startServerIn({ KUBECONFIG: kubeconfig }, 'memory:', '--kube', '--tokens', tokens);
  await send('PUT', '/v1/zones/real', { type: 'macvlan' });
  await send('PUT', '/v1/subnets/lan', { zone: 'real', cidr: '10.9.0.0/16' });
  await ownAddresses(3);
  await send('PUT', '/v1/nodes/n1', { zone: 'real' });
  await hasCapacity(cluster, 'n1', 3);
}, firstStartMs);
afterAll(async () => {
  await server?.stop();
  await cluster?.stop();
});

async function send(method: string, path: string, body?: unknown): Promise<void> {
  const { status, text } = await server.call(method, path, body, { token: 'the-admin' });
  if (status >= 300) {
    throw new Error(`${method} ${path}: ${status} ${text}`);
  }
}

const ownAddresses = (count: number) =>
  send('PUT', '/v1/ranges/own', { subnet: 'lan', start: '10.9.1.1', end: `10.9.1.${count}`, node: 'n1' });

interface Pod {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly message?: string }[] };
}

const podsIn = async (namespace: string): Promise<Pod[]> =>
  (await cluster.must('GET', `/api/v1/namespaces/${namespace}/pods`)).items;
const bound = (pods: readonly Pod[]) => pods.filter(({ spec }) => spec.nodeName !== undefined);
const complaints = (pods: readonly Pod[]) =>
  pods
    .filter(({ spec }) => spec.nodeName === undefined)
    .map(
      ({ status }) =>
        status.conditions?.find(({ type }) => type === 'PodScheduled')?.message ?? 'not seen yet',
    );

const allocate = (containerId: string, name: string) =>
  send('POST', '/v1/allocations', request(containerId, { pod: { namespace: 'shop', name } }));
const release = (containerId: string) => send('DELETE', `/v1/allocations/realip/${containerId}/eth0`);

/** What a kubelet and its runtime would do: each bound pod gets its address. */
async function attach(): Promise<string[]> {
  const names = bound(await podsIn('shop')).map(({ metadata }) => metadata.name);
  for (const name of names) {
    await allocate(name, name);
  }
  return names;
}

async function endPod(name: string): Promise<void> {
  await release(name);
  await deletePod(cluster, 'shop', name);
}

test(
  'of five pods for three addresses three are bound, two are told why not; one that ends lets one in',
  async () => {
    for (let index = 0; index < 5; index++) {
      await makePod(cluster, 'shop', `web-${index}`, wish);
    }
    const isFull = async () => {
      const pods = await podsIn('shop');
      const told = complaints(pods);
      return (
        bound(pods).length === 3 &&
        told.length === 2 &&
        told.every((message) => message.includes('Insufficient realip.io/ip'))
      );
    };
    await until('three are bound, two told', isFull, startMs);
    const [first = ''] = await attach();
    await hasCapacity(cluster, 'n1', 3);
    expect(await isFull()).toBe(true);
    await endPod(first);
    await until('a fourth is bound', async () => bound(await podsIn('shop')).length === 3, startMs);
    expect((await podsIn('shop')).length).toBe(4);
    expect((await attach()).length).toBe(3);
  },
  limitMs,
);

test(
  'an address more lets the last one in at once',
  async () => {
    await ownAddresses(4);
    await until('all are bound', async () => bound(await podsIn('shop')).length === 4, startMs);
    for (const name of await attach()) {
      await endPod(name);
    }
  },
  limitMs,
);

test(
  'what a DaemonSet’s pod holds, which asks for nothing, is not given to another',
  async () => {
    await ownAddresses(4);
    await hasCapacity(cluster, 'n1', 4);
    const labels = { app: 'probe' };
    await cluster.apply({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'probe', namespace: 'shop' },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { tolerations, containers: [{ name: 'c', image: 'none' }] } },
      },
    });
    await until('its pod is bound', async () => bound(await podsIn('shop')).length === 1, startMs);
    await attach();
    await hasCapacity(cluster, 'n1', 3);
    for (let index = 0; index < 4; index++) {
      await makePod(cluster, 'shop', `beside-${index}`, wish);
    }
    await until('three are bound beside it', async () => bound(await podsIn('shop')).length === 4, startMs);
    expect((await attach()).length).toBe(4);
    await until(
      'one is told',
      async () =>
        complaints(await podsIn('shop'))
          .join()
          .includes('Insufficient realip.io/ip'),
      startMs,
    );
    expect((await attach()).length).toBe(4);
  },
  limitMs,
);

test(
  'a quota as docs/zones/nodes.md makes it refuses the pod beyond it, by the words that the page has',
  async () => {
    await makeNamespace(cluster, 'team');
    const [command = ''] = /^kubectl .*--hard=requests\.realip\.io.*$/m.exec(page) ?? [];
    const args = command.replace('shop', 'team').replace('=20', '=2').split(' ').slice(1);
    expect(await cluster.kubectl(args)).toMatchObject({ status: 0 });
    const quota = '/api/v1/namespaces/team/resourcequotas/addresses';
    await until(
      'the quota is counted',
      async () => (await cluster.must('GET', quota)).status?.hard !== undefined,
      startMs,
    );
    await makePod(cluster, 'team', 'one', wish);
    await makePod(cluster, 'team', 'two', wish);
    await makePod(cluster, 'team', 'asks-for-nothing');
    const [words = ''] = /`(exceeded quota: addresses[^`]*)`/s.exec(page) ?? [];
    const told = words.replaceAll('`', '').replaceAll('\n', ' ').replaceAll('=20', '=2');
    await expect(makePod(cluster, 'team', 'three', wish)).rejects.toThrow(told);
  },
  limitMs,
);
