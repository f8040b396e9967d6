import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from '../server/lan.ts';
import { type Server, startServerIn } from '../server/process.ts';
import { scrape } from '../server/scrape.ts';
import { until } from '../server/until.ts';
import { Cluster, firstStartMs, startMs } from './cluster.ts';
import { hasCapacity, kept, keptMs, nodeOf } from './kept-node.ts';
import { deletePod, makeNamespace, makeNode, makePod, makeServiceAccount } from './objects.ts';
import { makeServerAccount } from './server-account.ts';

let cluster: Cluster;
let server: Server;
let kubeconfig: string;
let store: string;

const start = (...args: string[]) => {
  const tokens = join(cluster.folder, 'tokens.yaml');
  writeFileSync(tokens, 'tokens: [{token: the-admin, role: admin}]\n');
  return startServerIn({ KUBECONFIG: kubeconfig }, store, '--kube', '--tokens', tokens, ...args);
};

async function send(method: string, path: string, body?: unknown): Promise<void> {
  const { status, text } = await server.call(method, path, body, { token: 'the-admin' });
  if (status >= 300) {
    throw new Error(`${method} ${path}: ${status} ${text}`);
  }
}

/** A pod on a node that asks the scheduler for so many addresses; its name in an allocation. */
async function pod(node: string, name: string, asks = 1): Promise<{ namespace: string; name: string }> {
  await makePod(cluster, 'shop', name, { node, requests: asks === 0 ? {} : { 'realip.io/ip': `${asks}` } });
  return { namespace: 'shop', name };
}

const allocate = (node: string, containerId: string, more: object = {}) =>
  send('POST', '/v1/allocations', request(containerId, { node, ...more }));
const release = (containerId: string) => send('DELETE', `/v1/allocations/realip/${containerId}/eth0`);
const own = (node: string, last: number, more: object = {}) =>
  send('PUT', `/v1/ranges/own-${node}`, {
    ...{ subnet: 'lan', start: `10.9.${node.slice(1)}.1`, end: `10.9.${node.slice(1)}.${last}`, node },
    ...more,
  });

beforeAll(async () => {
  cluster = await Cluster.start();
  kubeconfig = await makeServerAccount(cluster);
  store = `sqlite:${join(cluster.folder, 'ipam.db')}`;
  await makeNamespace(cluster, 'shop');
  await makeServiceAccount(cluster, 'shop', 'default');
  for (const node of ['n1', 'n2', 'n3', 'stranger']) {
    await makeNode(cluster, node);
  }
  server = await start();
  await send('PUT', '/v1/zones/real', { type: 'macvlan' });
  await send('PUT', '/v1/zones/overlay', { type: 'overlay' });
  await send('PUT', '/v1/subnets/lan', { zone: 'real', cidr: '10.9.0.0/16', cooldownSeconds: 600 });
  await send('PUT', '/v1/nodes/n1', { zone: 'real' });
  await send('PUT', '/v1/nodes/n2', { zone: 'real' });
  await send('PUT', '/v1/nodes/n3', { zone: 'overlay' });
  await own('n1', 4);
  await own('n2', 2);
}, firstStartMs);
afterAll(async () => {
  await server?.stop();
  await cluster?.stop();
});

/** Several changes one after the other, on a busy machine. */
const limitMs = 4 * startMs;
const macvlanTaint = 'realip.io/zone-type=macvlan:NoSchedule';

test(
  'nodes say their zone, macvlan ones their addresses and the taint; unknown ones stay as they are',
  async () => {
    const by = 'realip-ipam-server';
    await kept(cluster, 'n1', { zone: 'real', type: 'macvlan', by, taints: [macvlanTaint], capacity: '4' });
    await kept(cluster, 'n2', { zone: 'real', type: 'macvlan', by, taints: [macvlanTaint], capacity: '2' });
    await kept(cluster, 'n3', { zone: 'overlay', type: 'overlay', by, taints: [], capacity: undefined });
    expect(await nodeOf(cluster, 'stranger')).toEqual({ taints: [] });
  },
  limitMs,
);

test(
  'capacity follows ranges, reserves, reservations and what others take of shared ranges',
  async () => {
    await own('n2', 6);
    await hasCapacity(cluster, 'n2', 6);
    await send('PUT', '/v1/ranges/shared', { subnet: 'lan', start: '10.9.9.1', end: '10.9.9.3' });
    await hasCapacity(cluster, 'n1', 7);
    await hasCapacity(cluster, 'n2', 9);
    // Its own are used first; what it then takes of the shared ones the other lacks.
    for (const [index, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      await allocate('n1', name, { pod: await pod('n1', `web-${index}`) });
    }
    await hasCapacity(cluster, 'n2', 8);
    await hasCapacity(cluster, 'n1', 7);
    await send('PUT', '/v1/nodes/n2/reserve', { want: { lan: 1 }, hold: [] });
    await send('PUT', '/v1/reservations/vm', { addresses: ['10.9.9.3'] });
    await hasCapacity(cluster, 'n2', 7);
    await hasCapacity(cluster, 'n1', 6);
    await release('e');
    await hasCapacity(cluster, 'n2', 8);
    await send('PUT', '/v1/ranges/shared', {
      subnet: 'lan',
      start: '10.9.9.1',
      end: '10.9.9.3',
      disabled: true,
    });
    await hasCapacity(cluster, 'n1', 4);
    await hasCapacity(cluster, 'n2', 6);
    await send('DELETE', '/v1/reservations/vm');
    await send('DELETE', '/v1/ranges/shared');
  },
  limitMs,
);

test(
  'what pods hold that asked the scheduler for nothing is not to be had, until they end',
  async () => {
    for (const container of ['a', 'b', 'c', 'd']) {
      await release(container);
    }
    await allocate('n1', 'daemon', { pod: await pod('n1', 'daemon-x', 0) });
    await hasCapacity(cluster, 'n1', 3);
    await allocate('n1', 'nobodys');
    await hasCapacity(cluster, 'n1', 2);
    await allocate('n1', 'asks', { pod: await pod('n1', 'asks') });
    await release('nobodys');
    await hasCapacity(cluster, 'n1', 3);
    await release('daemon');
    await deletePod(cluster, 'shop', 'daemon-x');
    await hasCapacity(cluster, 'n1', 4);
    await release('asks');
  },
  limitMs,
);

test(
  'a fenced node has none; once its agent has synced it has them again',
  async () => {
    await send('POST', '/v1/nodes/n2:sync', { attachments: [] });
    await send('POST', '/v1/nodes/n2:fence');
    await hasCapacity(cluster, 'n2', 0);
    await send('POST', '/v1/nodes/n2:sync', { attachments: [] });
    await hasCapacity(cluster, 'n2', 6);
  },
  limitMs,
);

test(
  'a node object that is deleted and made again gets all of it again',
  async () => {
    await cluster.must('DELETE', '/api/v1/nodes/n1');
    await makeNode(cluster, 'n1');
    await kept(cluster, 'n1', { zone: 'real', type: 'macvlan', taints: [macvlanTaint] });
    await hasCapacity(cluster, 'n1', 4);
    await cluster.must('PATCH', '/api/v1/nodes/n1/status', { status: { capacity: { 'realip.io/ip': '0' } } });
    await hasCapacity(cluster, 'n1', 4);
  },
  limitMs,
);

test(
  'what others write on a node survives; what they write over ours does not',
  async () => {
    const others = [
      { key: 'disk', value: 'slow', effect: 'PreferNoSchedule' },
      { key: 'realip.io/zone-type', value: 'guarded', effect: 'NoExecute' },
    ];
    await cluster.must('PATCH', '/api/v1/nodes/n1', {
      metadata: { labels: { rack: 'r1', 'realip.io/zone': 'wrong', 'realip.io/room': 'a' } },
      spec: { taints: others },
    });
    const taints = ['disk=slow:PreferNoSchedule', 'realip.io/zone-type=guarded:NoExecute', macvlanTaint];
    await kept(cluster, 'n1', { zone: 'real', taints });
    const { metadata } = await cluster.must('GET', '/api/v1/nodes/n1');
    expect(metadata.labels).toMatchObject({ rack: 'r1', 'realip.io/room': 'a', 'kubernetes.io/os': 'linux' });
  },
  limitMs,
);

test(
  'a taint that somebody else writes at the same time is not lost',
  async () => {
    const key = (index: number) => `race-${index}`;
    for (let index = 0; index < 10; index++) {
      const { metadata, spec } = await cluster.must('GET', '/api/v1/nodes/n2');
      const taints = [
        ...(spec.taints ?? []).filter(({ value }: { value: string }) => value !== 'macvlan'),
        { key: key(index), effect: 'NoSchedule' },
      ];
      const { resourceVersion } = metadata;
      const { status } = await cluster.call('PATCH', '/api/v1/nodes/n2', {
        metadata: { resourceVersion },
        spec: { taints },
      });
      expect([200, 409]).toContain(status);
      index -= status === 409 ? 1 : 0;
    }
    const raced = Array.from({ length: 10 }, (_, index) => `${key(index)}=:NoSchedule`);
    await kept(cluster, 'n2', { taints: [...raced, macvlanTaint] });
  },
  limitMs,
);

test(
  'while the API server is away the ledger goes on; back again, the nodes follow',
  async () => {
    await cluster.stopApiServer();
    await own('n1', 9);
    await allocate('n1', 'meanwhile');
    await release('meanwhile');
    await cluster.startApiServer();
    await hasCapacity(cluster, 'n1', 9);
    cluster.freezeApiServer(true);
    await own('n1', 8);
    cluster.freezeApiServer(false);
    await hasCapacity(cluster, 'n1', 8);
  },
  limitMs,
);

test(
  'a server that starts while the API server is away serves, and keeps the nodes later',
  async () => {
    await server.stop();
    await cluster.stopApiServer();
    server = await start();
    await own('n1', 5);
    await cluster.startApiServer();
    await hasCapacity(cluster, 'n1', 5);
  },
  limitMs,
);

test(
  'a node that changes its zone or leaves the ledger is told so, also by a server that was away',
  async () => {
    await send('PUT', '/v1/nodes/n1', { zone: 'overlay' });
    await kept(cluster, 'n1', { zone: 'overlay', type: 'overlay', capacity: '0', allocatable: '0' });
    await send('PUT', '/v1/nodes/n1', { zone: 'real' });
    await kept(cluster, 'n1', { zone: 'real', capacity: '5' });
    await server.stop();
    server = await start('--kube-nodes', 'off');
    await send('DELETE', '/v1/nodes/n1');
    await server.stop();
    server = await start();
    const others = ['disk=slow:PreferNoSchedule', 'realip.io/zone-type=guarded:NoExecute'];
    await kept(cluster, 'n1', {
      zone: undefined,
      type: undefined,
      by: undefined,
      taints: others,
      capacity: '0',
    });
    const { metadata } = await cluster.must('GET', '/api/v1/nodes/n1');
    expect(metadata.labels['realip.io/room']).toBe('a');
    expect(await nodeOf(cluster, 'stranger')).toEqual({ taints: [] });
  },
  limitMs,
);

test(
  'a ledger that knows no node at all takes nothing away',
  async () => {
    await server.stop();
    const before = await nodeOf(cluster, 'n2');
    const filled = store;
    store = 'memory:';
    server = await start();
    await send('PUT', '/v1/zones/real', { type: 'macvlan' });
    const metrics = async (name: string) =>
      (await scrape(server, { token: 'the-admin' })).get(`realip_ipam_${name}`) ?? 0;
    const started = await metrics('kube_nodes_synced_timestamp_seconds');
    await until(
      'the nodes were looked at',
      async () => (await metrics('kube_nodes_synced_timestamp_seconds')) > started,
      keptMs,
    );
    expect(await nodeOf(cluster, 'n2')).toEqual(before);
    await server.stop();
    store = filled;
    server = await start();
    await send('PUT', '/v1/nodes/stranger', { zone: 'real' });
    await kept(cluster, 'stranger', { zone: 'real', taints: [macvlanTaint] });
    expect(await metrics('kube_node_patches_total{result="ok"}')).toBeGreaterThan(0);
  },
  limitMs,
);
