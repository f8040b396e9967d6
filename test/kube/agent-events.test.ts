import type { ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { addressesOf } from '../agent/agent-node.ts';
import { Program } from '../agent/program.ts';
import { Site } from '../agent/site.ts';
import { until } from '../server/until.ts';
import { Cluster, firstStartMs } from './cluster.ts';
import { makeNamespace, makePod, tokenOf } from './objects.ts';
import { makeAccountOf } from './server-account.ts';

let cluster: Cluster;
let site: Site;
let agent: Program;
let outside: Server;
let inside: ChildProcess;
const pods = new Map<string, string>();

const relayPort = 6443;

/** The node's namespace reaches the API server on this machine's loopback through a socket file. */
async function relay(): Promise<void> {
  const path = join(cluster.folder, 'relay.sock');
  const { port } = new URL(cluster.url);
  outside = createServer((client) => {
    const far = connect(Number(port), '127.0.0.1');
    client.pipe(far).pipe(client);
    for (const each of [client, far]) {
      each.on('error', () => client.destroy());
    }
  });
  await new Promise<void>((resolve) => outside.listen(path, resolve));
  const script = `
    const { connect, createServer } = require('node:net');
    createServer((client) => {
      const far = connect(${JSON.stringify(path)});
      client.pipe(far).pipe(client);
      for (const each of [client, far]) each.on('error', () => client.destroy());
    }).listen(${relayPort}, '127.0.0.1');`;
  inside = site.node.host.start(process.execPath, ['-e', script]);
}

beforeAll(async () => {
  cluster = await Cluster.start();
  await makeNamespace(cluster, 'realip-system');
  await makeAccountOf(cluster, 'agent');
  await makeNamespace(cluster, 'shop');
  await cluster.must('POST', '/api/v1/namespaces/shop/serviceaccounts', { metadata: { name: 'default' } });
  site = await Site.open({ cooldownSeconds: 0, lastOctet: 7 });
  await relay();
  const folder = join(cluster.folder, 'agent-account');
  mkdirSync(folder);
  copyFileSync(join(cluster.folder, 'ca.crt'), join(folder, 'ca.crt'));
  const audience = 'https://kubernetes.default.svc.cluster.local';
  const token = await tokenOf(cluster, 'realip-system', 'realip-agent', { audience });
  writeFileSync(join(folder, 'token'), token);
  const { node } = site;
  agent = new Program(node.host, node.agentCommand(), join(site.folder, 'agent.log'), {
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: `${relayPort}`,
    REALIP_KUBE_FOLDER: folder,
  });
  await until('the agent answers', () =>
    node.call('GET', '/healthz').then(
      () => true,
      () => false,
    ),
  );
  await node.reserveReady(4);
}, firstStartMs);
afterAll(async () => {
  await agent?.end('SIGKILL');
  inside?.kill();
  outside?.close();
  await site?.close();
  await cluster?.stop();
});

/** A pod that Kubernetes knows too; what its runtime says of it. */
async function podOf(name: string): Promise<string> {
  const uid = await makePod(cluster, 'shop', name);
  pods.set(name, uid);
  return `IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=${name};K8S_POD_UID=${uid}`;
}

async function reasonsOf(name: string): Promise<string[]> {
  const selector = encodeURIComponent(`involvedObject.uid=${pods.get(name)}`);
  const { items } = await cluster.must('GET', `/api/v1/namespaces/shop/events?fieldSelector=${selector}`);
  return items.map(({ reason, message }: { reason: string; message: string }) => `${reason}: ${message}`);
}

test('a pod whose address another host claims has an event that names it', async () => {
  const { node, other } = site;
  const [ip = ''] = addressesOf(node.add('a', { args: await podOf('web-0') }));
  other.ip(`address add ${ip}/16 dev eth0`);
  other.run('arping', ['-A', '-c', '1', '-I', 'eth0', ip]);
  const [{ address: mac }] = other.ask('link show eth0');
  await until('the event is there', async () => (await reasonsOf('web-0')).length === 1);
  expect(await reasonsOf('web-0')).toEqual([expect.stringMatching(`^AddressConflict: .*${mac}.*${ip}`)]);
});

test('a pod that finds no address ready, with the server away, has an event that says why', async () => {
  const { node, server } = site;
  await server.fail('killed');
  const conf = { ipam: { ...(node.plugin.conf['ipam'] as object), reserveWaitMs: 1_000 } };
  let last = '';
  for (let count = 0; count < 16; count++) {
    const name = `late-${count}`;
    const added = node.add(name, { args: await podOf(name), conf });
    last = name;
    if (added.status !== 0) {
      expect(added.json.code).toBe(11);
      break;
    }
  }
  await until('the event is there', async () => (await reasonsOf(last)).length === 1);
  expect(await reasonsOf(last)).toEqual([expect.stringMatching('^AddressReserveEmpty: ')]);
});
