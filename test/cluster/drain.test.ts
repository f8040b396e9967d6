import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../server/until.ts';
import { isReady } from './conditions.ts';
import { HealthyPods } from './drain/healthy-pods.ts';
import { PodStream } from './drain/pod-stream.ts';
import { lastSync } from './faults/nodes.ts';
import { inTurn } from './in-turn.ts';
import { leaksOf } from './leak-check.ts';
import { LiveCluster } from './live-cluster.ts';
import { Place } from './place.ts';
import { refusals } from './refusals.ts';
import { resolve } from './resolve.ts';
import { joinSpare, removeSpare } from './spare.ts';
import { Workspace } from './workspace.ts';

/** Generous: the machine beneath may be busy with other things. */
const longestMs = 180_000;

const system = 'realip-system';
const webhook = 'app.kubernetes.io/name=realip-webhook';
const server = 'app.kubernetes.io/name=realip-ipam-server';
/** What `kubectl drain` says when it has to wait. */
const budget = "it would violate the pod's disruption budget";

// biome-ignore lint/suspicious/noExplicitAny: the API's objects
type Pod = any;

let cluster: LiveCluster;
let space: Workspace;
/** What other tests of the same cluster left. */
let known: readonly string[];
/** Or is about to. */
let isJoined = false;

beforeAll(async () => {
  cluster = await LiveCluster.shared();
  known = await leaksOf(cluster, 30_000);
  space = await Workspace.open(cluster, 'drain');
  isJoined = true;
  await joinSpare(cluster);
}, 900_000);
afterAll(
  () =>
    inTurn(
      () => isJoined && putBack(),
      () => space?.close(),
      () => isJoined && removeSpare(cluster),
      () => cluster?.close(),
    ),
  900_000,
);

/** Has everything on over-1 again, in order: the next test file wants its first pod placed, too. */
async function putBack(): Promise<void> {
  await inTurn(
    () => kubectl('uncordon', 'over-1'),
    () => drain('over-2'),
    () => rolledOut(system, 'realip-ipam-server'),
    () => rolledOut(system, 'realip-webhook'),
    () => rolledOut('kube-system', 'coredns'),
  );
}

const rolledOut = (namespace: string, name: string) =>
  kubectl('rollout', 'status', '--namespace', namespace, `deployment/${name}`, '--timeout=5m');

/** @returns all that it said */
async function kubectl(...words: string[]): Promise<string> {
  const { status, stdout, stderr } = await cluster.kubectl(words);
  if (status !== 0) {
    throw new Error(`kubectl ${words.join(' ')}: ${stderr}`);
  }
  return `${stdout}${stderr}`;
}

const drain = (node: string) =>
  kubectl('drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=5m');

async function podsOf(namespace: string, label: string): Promise<Pod[]> {
  const query = `labelSelector=${encodeURIComponent(label)}`;
  return (await cluster.must('GET', `/api/v1/namespaces/${namespace}/pods?${query}`)).items;
}

/** Where the pods of a workload are that are Ready and not about to end. */
async function whereIs(namespace: string, label: string): Promise<string[]> {
  const pods = (await podsOf(namespace, label)).filter(
    (pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined,
  );
  return pods.map(({ spec }) => spec.nodeName).sort();
}

/** No pod of a workload runs or ends, and one waits for a node. */
async function isPending(namespace: string, label: string): Promise<boolean> {
  const pods = await podsOf(namespace, label);
  return pods.length > 0 && pods.every(({ spec, status }) => status.phase === 'Pending' && !spec.nodeName);
}

/** Does something while pods are made: none passes unplaced, and the webhook is never without a healthy replica. */
async function whilePodsAreMade(work: () => Promise<void>): Promise<void> {
  const replicas = await HealthyPods.watch(cluster, system, webhook);
  const stream = new PodStream(cluster, space.namespace);
  const began = Date.now();
  let unplaced: readonly string[];
  try {
    await work();
  } finally {
    unplaced = await stream.stop();
    replicas.stop();
  }
  tell(`${stream.made} pods were made, ${unplaced.length} of them unplaced`, began);
  expect(unplaced).toEqual([]);
  expect(stream.made).toBeGreaterThan(30);
  // The drain took one away, and left the other.
  expect(replicas.least).toBe(1);
}

function tell(what: string, began: number): void {
  process.stderr.write(`${what}: ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
}

test('with two overlay nodes each has one of the webhook’s replicas after a rollout', async () => {
  const began = Date.now();
  await kubectl('rollout', 'restart', '--namespace', system, 'deployment/realip-webhook');
  await rolledOut(system, 'realip-webhook');
  expect(await whereIs(system, webhook)).toEqual(['over-1', 'over-2']);
  tell('rolled', began);
}, 600_000);

test('the IPAM server’s node is drained: pods are placed and start meanwhile, cluster DNS moves, and the server comes back', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `meanwhile-${index}`);
  await whilePodsAreMade(async () => {
    const began = Date.now();
    const careless = await cluster.kubectl(['drain', 'over-1', '--ignore-daemonsets', '--dry-run=server']);
    expect(careless.stderr).toContain('use --delete-emptydir-data');
    await drain('over-1');
    tell('over-1 drained', began);
    await until('the server waits for its node', () => isPending(system, server), longestMs);
    await cluster.apply(...names.map((name) => space.pod(name)));
    const addresses = await space.addresses(...names);
    expect(addresses.filter((address) => !/^10\.9\.[123]\./.test(address))).toEqual([]);
    // They came of the agents' reserves: there was nobody else to ask.
    expect(await isPending(system, server)).toBe(true);
    tell(`${names.length} pods started without the server`, began);
    await until(
      'cluster DNS answers from over-2',
      async () => {
        const [where] = await whereIs('kube-system', 'k8s-app=kube-dns');
        const found = await resolve(cluster.node('mac-1'), 'kubernetes.default.svc.cluster.local');
        return where === 'over-2' && found.join() === '10.96.0.1';
      },
      longestMs,
    );
    await until(
      'the webhook has both replicas on over-2',
      async () => (await whereIs(system, webhook)).join() === 'over-2,over-2',
      longestMs,
    );
    tell('cluster DNS and webhook moved', began);
    const backAt = Date.now();
    await kubectl('uncordon', 'over-1');
    await until(
      'the server and the agents agree',
      async () => {
        const synced = await Promise.all(['mac-1', 'mac-2'].map((name) => lastSync(cluster.node(name))));
        return (await whereIs(system, server)).length === 1 && synced.every((time) => time > backAt);
      },
      longestMs,
    );
    tell('server and agents agree', backAt);
  });
  expect(await refusals(cluster, space.namespace)).toEqual([]);
  expect(await leaksOf(cluster, 60_000, known)).toEqual([]);
}, 900_000);

test('where no other overlay node is free a drain waits: the budget keeps the last replica until one is', async () => {
  expect(await whereIs(system, webhook)).toEqual(['over-2', 'over-2']);
  await whilePodsAreMade(async () => {
    await kubectl('cordon', 'over-1');
    const began = Date.now();
    let isOver = false;
    const drained = drain('over-2').finally(() => {
      isOver = true;
    });
    // Awaited below, unless something else fails before.
    drained.catch(() => {});
    const waiting = async () =>
      (await podsOf(system, webhook)).filter(({ spec }) => spec.nodeName === undefined).length;
    await until('a replica waits for a node', async () => (await waiting()) === 1, longestMs);
    await until('cluster DNS waits, too', () => isPending('kube-system', 'k8s-app=kube-dns'), longestMs);
    expect([isOver, await whereIs(system, webhook)]).toEqual([false, ['over-2']]);
    await kubectl('uncordon', 'over-1');
    const said = await drained;
    expect(said).toContain(budget);
    tell('over-2 drained', began);
    await until(
      'the webhook has both replicas on over-1',
      async () => (await whereIs(system, webhook)).join() === 'over-1,over-1',
      longestMs,
    );
  });
}, 900_000);

test('the spare node is gone wholly in the end, and the cluster is well', async () => {
  const { name, host, machine } = cluster.spare;
  const cgroups = () =>
    readdirSync('/sys/fs/cgroup')
      .map((each) => join('/sys/fs/cgroup', each, new Place(cluster.name).cgroup, name))
      .filter(existsSync);
  expect(cgroups()).not.toEqual([]);
  await putBack();
  await removeSpare(cluster);
  isJoined = false;
  expect([host.path, machine.folder, ...cgroups()].filter(existsSync)).toEqual([]);
  expect(cluster.wire.ask(`link show ${name}`)).toEqual([]);
  expect((await cluster.ledger.call('GET', `/v1/nodes/${name}`)).status).toBe(404);
  expect(await cluster.isWell()).toBe(true);
  expect(await leaksOf(cluster, 60_000, known)).toEqual([]);
}, 600_000);
