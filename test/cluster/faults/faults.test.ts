import { leaksOf } from '../leak-check.ts';
import { LiveCluster } from '../live-cluster.ts';
import { Sniffer } from '../sniffer.ts';
import { Churn } from './churn.ts';
import type { Fault } from './fault.ts';
import { killedContainerd, killedKubelet, killedProgram } from './killed-daemons.ts';
import { killedPods } from './killed-pods.ts';
import { cutLink, dirtyRecord, missingPlugin, newMachine, powerCut, removeForEver } from './nodes.ts';

/** The soak has its pods by sixties. */
const isSoak = process.env['REALIP_SOAK'] === '1';
const size = isSoak ? 60 : 6;
const cutMs = isSoak ? 600_000 : 60_000;

let cluster: LiveCluster;
let sniffer: Sniffer;
let churn: Churn;
/** What other tests of the same cluster left. */
let known: readonly string[];

beforeAll(async () => {
  cluster = await LiveCluster.shared();
  known = await leaksOf(cluster, 30_000);
  sniffer = await Sniffer.start(cluster.wire);
  churn = new Churn(cluster, `faults-${process.pid}`, size);
  await churn.begin();
}, 900_000);

afterAll(async () => {
  await churn?.end();
  await sniffer?.stop();
  cluster?.close();
}, 600_000);

const agents = () => killedPods(cluster, 'agents', 'realip-system', 'app.kubernetes.io/name=realip-agent');

const faults: readonly (readonly [string, () => Fault])[] = [
  ['the API server is killed', () => killedProgram(cluster, 'kube-apiserver')],
  ['etcd is killed', () => killedProgram(cluster, 'etcd')],
  ['the scheduler is killed', () => killedProgram(cluster, 'kube-scheduler')],
  [
    'the IPAM server is killed',
    () => killedPods(cluster, 'IPAM server', 'realip-system', 'app.kubernetes.io/name=realip-ipam-server'),
  ],
  [
    'both replicas of the webhook are killed',
    () => killedPods(cluster, 'webhook', 'realip-system', 'app.kubernetes.io/name=realip-webhook'),
  ],
  ['all agents are killed', agents],
  ['containerd is killed', () => killedContainerd(cluster.node('mac-1'))],
  ['the kubelet is killed', () => killedKubelet(cluster, cluster.node('mac-1'))],
  ['cluster DNS is killed', () => killedPods(cluster, 'CoreDNS', 'kube-system', 'k8s-app=kube-dns')],
  ['a node’s power is cut', () => powerCut(cluster, cluster.node('mac-2'))],
  ['the plugin’s executable is missing', () => missingPlugin(cluster.node('mac-1'), agents())],
  ['the ledger has a record of nobody', () => dirtyRecord(cluster, cluster.node('mac-1'))],
  [
    'the link to the IPAM server is cut',
    () => cutLink(cluster, [cluster.node('mac-1'), cluster.node('mac-2')], cutMs),
  ],
];

const longestMs = isSoak ? 3_600_000 : 900_000;

/** Ledger, kernels, API server and wire agree; what was seen is told. */
async function judge(what: string): Promise<void> {
  const began = Date.now();
  expect(await leaksOf(cluster, 180_000, known)).toEqual([]);
  expect(sniffer.doubles()).toEqual([]);
  const heard = new Set(sniffer.claims.map(({ address }) => address));
  const pods = (await churn.addresses()).filter((address) => address.startsWith('10.9.'));
  expect(pods.filter((address) => !heard.has(address))).toEqual([]);
  process.stderr.write(`${what}, all tell the same after ${inSeconds(Date.now() - began)} more\n`);
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

async function through(fault: Fault): Promise<void> {
  const { readyMs, wellMs } = await churn.under(fault);
  await judge(
    `${fault.name}: all pods Ready after ${inSeconds(readyMs)}, all well after ${inSeconds(wellMs)}`,
  );
}

test.each(faults)(
  '%s while pods come and go: nothing leaks, and no address is held twice',
  (_, make) => through(make()),
  longestMs,
);

test(
  'a node that is removed for ever leaves nothing behind, and a new machine may have its name',
  async () => {
    const node = cluster.node('mac-2');
    await removeForEver(cluster, node);
    await judge(`${node.name} removed for ever`);
    await through(newMachine(cluster, node, agents()));
  },
  longestMs,
);
