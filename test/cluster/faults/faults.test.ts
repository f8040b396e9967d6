import { until } from '../../server/until.ts';
import { inTurn } from '../in-turn.ts';
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
const cutMs = isSoak ? 600_000 : 20_000;

let cluster: LiveCluster;
let sniffer: Sniffer;
let churn: Churn;
/** What other tests of the same cluster left. */
let known: readonly string[];
/** The ledger's last event before. */
let since: number;

beforeAll(async () => {
  cluster = await LiveCluster.shared();
  known = await leaksOf(cluster, 30_000);
  since = (await eventsAfter(0)).at(-1)?.id ?? 0;
  sniffer = await Sniffer.start(cluster.wire);
  churn = new Churn(cluster, `faults-${process.pid}`, size);
  await churn.begin();
}, 900_000);

afterAll(
  () =>
    inTurn(
      () => churn?.end(),
      () => churn && summary(),
      () => sniffer?.stop(),
      () => cluster?.close(),
    ),
  600_000,
);

const agents = (node?: string) =>
  killedPods(cluster, 'agents', 'realip-system', 'app.kubernetes.io/name=realip-agent', node);

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
  ['all agents are killed', () => agents()],
  ['containerd is killed', () => killedContainerd(cluster.node('mac-1'))],
  ['the kubelet is killed', () => killedKubelet(cluster, cluster.node('mac-1'))],
  ['cluster DNS is killed', () => killedPods(cluster, 'CoreDNS', 'kube-system', 'k8s-app=kube-dns')],
  ['a node’s power is cut', () => powerCut(cluster, cluster.node('mac-2'))],
  ['the plugin’s executable is missing', () => missingPlugin(cluster.node('mac-1'), agents('mac-1'))],
  ['the ledger has a record of nobody', () => dirtyRecord(cluster, cluster.node('mac-1'))],
];

const longestMs = isSoak ? 3_600_000 : 900_000;

/** Ledger, kernels, API server and wire agree; what was seen is told. */
async function judge(what: string): Promise<void> {
  const began = Date.now();
  expect(await leaksOf(cluster, 180_000, known)).toEqual([]);
  expect(sniffer.doubles()).toEqual([]);
  const pods = (await churn.addresses()).filter((address) => address.startsWith('10.9.'));
  const unheard = () => {
    const heard = new Set(sniffer.claims.map(({ address }) => address));
    return pods.filter((address) => !heard.has(address));
  };
  // An announcement may have been lost; what answers is held.
  sniffer.seek(unheard());
  await until('the switch has heard all pods', () => unheard().length === 0, 60_000).catch(() => {});
  expect(unheard()).toEqual([]);
  process.stderr.write(`${what}, all tell the same after ${inSeconds(Date.now() - began)} more\n`);
}

/** What there was to be judged. */
async function summary(): Promise<void> {
  const given = (await eventsAfter(since)).filter(({ type }) => ['allocated', 'adopted'].includes(type));
  const held = sniffer.holdings().filter(({ address }) => /^10\.9\.[1-3]\./.test(address));
  process.stderr.write(
    `${churn.made} pods came and went; the ledger gave an address ${given.length} times; on the switch ${held.length} ` +
      `holdings of ${new Set(held.map(({ address }) => address)).size} addresses were seen, by ${sniffer.claims.length} frames\n`,
  );
}

async function eventsAfter(id: number): Promise<{ readonly id: number; readonly type: string }[]> {
  const { items } = await cluster.ledger.must('GET', `/v1/events?since=${id}&limit=1000`);
  return items.length === 0 ? [] : [...items, ...(await eventsAfter(items.at(-1).id))];
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

async function through(fault: Fault): Promise<void> {
  const { readyMs, wellMs, pods } = await churn.under(fault);
  const told = `all ${pods} pods Ready after ${inSeconds(readyMs)}, all well after ${inSeconds(wellMs)}`;
  await judge(`${fault.name}: ${told}`);
}

/** A soak lasts for long: what is wrong is told when it is found. */
async function atOnce(found: Promise<void>): Promise<void> {
  await found.catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    throw error;
  });
}

test.each(faults)(
  '%s while pods come and go: nothing leaks, and no address is held twice',
  (_, make) => atOnce(through(make())),
  longestMs,
);

test(
  'a node that is removed for ever leaves nothing behind, and a new machine may have its name',
  () =>
    atOnce(
      (async () => {
        const node = cluster.node('mac-2');
        await removeForEver(cluster, node);
        await judge(`${node.name} removed for ever`);
        await through(newMachine(cluster, node, agents(node.name)));
      })(),
    ),
  longestMs,
);

test(
  'the link to the IPAM server is cut while pods come and go: nothing leaks, and no address is held twice',
  () => {
    const nodes = [cluster.node('mac-1'), cluster.node('mac-2')];
    return atOnce(through(cutLink(new URL(cluster.ledger.url), nodes, cutMs)));
  },
  longestMs,
);
