import { until } from '../server/until.ts';
import { Churn } from './faults/churn.ts';
import type { Fault } from './faults/fault.ts';
import { killedPods } from './faults/killed-pods.ts';
import { Wave } from './faults/wave.ts';
import { Drill } from './ha/drill.ts';
import { LedgerEtcd } from './ha/ledger-etcd.ts';
import { stepsOf } from './ha/page.ts';
import { ReadinessWatch } from './ha/readiness.ts';
import { inTurn } from './in-turn.ts';
import { AdminShell } from './install/admin-shell.ts';
import { leaksOf } from './leak-check.ts';
import { LiveCluster } from './live-cluster.ts';
import { refusals } from './refusals.ts';
import { Sniffer } from './sniffer.ts';

const label = 'app.kubernetes.io/name=realip-ipam-server';
const namespace = `ha-${process.pid}`;
/** What systemd takes to start a daemon again, in milliseconds. */
const restartMs = 3_000;
/** Every member, each server twice (a kubelet takes longer from time to time to start one again), and the loss of all etcd. */
const isWhole = process.env['REALIP_FAULTS'] === 'all';
/** Generous: the machine beneath may be busy with other things. */
const longestMs = 180_000;

/** Both agents at once: what their rollout is like, others look at. */
const quickly = `
cat >> manifests/overlays/mine-ha/kustomization.yaml <<'END'
patches:
  - target: { kind: DaemonSet }
    patch: '[{"op": "replace", "path": "/spec/updateStrategy/rollingUpdate/maxUnavailable", "value": 2}]'
END
`;

let cluster: LiveCluster;
let etcd: LedgerEtcd;
let shell: AdminShell;
let sniffer: Sniffer;
let churn: Churn;
let drill: Drill | undefined;
/** What other tests of the same cluster left. */
let known: readonly string[];
let movedAt = 0;

/** A cluster whose ledger didn't get to etcd, as it was: others' tests use it. */
const asBefore = `
kubectl -n realip-system delete job realip-migrate --ignore-not-found
kubectl label node $IPAM_NODES realip.io/ipam-server-
kubectl label node "$IPAM_NODE" realip.io/ipam-server=true --overwrite
kubectl apply -k manifests/overlays/mine
kubectl -n realip-system delete poddisruptionbudget realip-ipam-server --ignore-not-found
kubectl -n realip-system delete secret realip-ipam-etcd --ignore-not-found
kubectl -n realip-system rollout status deployment/realip-ipam-server --timeout=5m
`;

/** Types what docs/ipam/etcd.md says for the way to etcd, or back. */
async function go(way: 'there' | 'back'): Promise<void> {
  for (const step of stepsOf(way)) {
    const script = step.script.replace(/^ETCD=.*$/m, `ETCD=${etcd.endpoints}`);
    await shell.type({ ...step, script: `${script}\n${script.includes('cp -r') ? quickly : ''}` });
  }
}

const typed = (script: string) => shell.type({ seat: 'admin', section: '', script, line: 0 });

/** Leaves the cluster as it was, also when something failed half way. */
async function putBack(): Promise<void> {
  if (drill?.isWithoutLedger) {
    await drill.restoreFile();
    await typed(asBefore);
  } else if (movedAt > 0) {
    await go('back');
  } else {
    // Where the way there was not begun there is nothing to go back with.
    await typed('kubectl -n realip-system get secret realip-ipam-etcd')
      .then(() => go('back'))
      .catch(() => typed(asBefore));
  }
  await drill?.settleRest();
  // A second try copies it anew.
  await typed('rm -rf manifests/overlays/mine-ha');
}

beforeAll(async () => {
  const began = Date.now();
  cluster = await LiveCluster.shared();
  known = await leaksOf(cluster, 30_000);
  etcd = new LedgerEtcd(cluster);
  await etcd.start();
  shell = new AdminShell(cluster.way, 'docs/ipam/etcd.md');
  await go('there');
  movedAt = Date.now();
  tell('the ledger is on etcd', movedAt - began);
  sniffer = await Sniffer.start(cluster.wire);
  churn = new Churn(cluster, namespace, 6);
  await churn.begin();
}, 1_800_000);
afterAll(
  () =>
    inTurn(
      () => churn?.end(),
      () => sniffer?.stop(),
      () => shell && putBack(),
      () => etcd?.lose(),
      () => cluster?.close(),
    ),
  1_800_000,
);

function tell(what: string, milliseconds: number): void {
  process.stderr.write(`${what} after ${(milliseconds / 1000).toFixed(1)} s\n`);
}

/** The servers' pods: which leads, and which follows. */
async function seats(): Promise<Record<'leader' | 'follower', { pod: string; node: string }>> {
  const path = `/api/v1/namespaces/realip-system/pods?labelSelector=${encodeURIComponent(label)}`;
  const found = new Map<string, { pod: string; node: string }>();
  const { items } = await cluster.must('GET', path);
  for (const { metadata, spec, status } of items) {
    const { stdout } = await cluster.controlPlane.machine.enter([
      ...['curl', '-sk', '-m', '5', `https://${status.hostIP}:8443/readyz`],
    ]);
    found.set(JSON.parse(stdout).role, { pod: metadata.name, node: spec.nodeName });
  }
  const [leader, follower] = [found.get('leader'), found.get('follower')];
  if (leader === undefined || follower === undefined) {
    throw new Error(`there are not a leader and a follower: ${JSON.stringify([...found])}`);
  }
  return { leader, follower };
}

function killedMember(index: number): Fault {
  const member = etcd.members[index];
  if (member === undefined) {
    throw new Error(`there is no member ${index}`);
  }
  return {
    name: `etcd’s member on ${member.machine.name} killed`,
    lastsMs: restartMs,
    strike: () => etcd.killMember(member),
    mend: async () => etcd.startMember(member),
    isWell: () => etcd.areHealthy(),
  };
}

/** Strikes while pods come and go; no pod is refused, and those servers that nobody killed stay Ready. */
async function through(fault: Fault, spared: readonly string[]): Promise<void> {
  const readiness = await ReadinessWatch.start(cluster);
  try {
    const { readyMs, wellMs, pods } = await churn.under(fault);
    tell(`${fault.name}: all ${pods} pods Ready after ${(readyMs / 1000).toFixed(1)} s, all well`, wellMs);
    expect(spared.map((pod) => readiness.of(pod))).toEqual(spared.map(() => [true]));
  } finally {
    readiness.stop();
  }
  expect(await refusals(cluster, namespace)).toEqual([]);
}

test.each(isWhole ? [0, 1, 2] : [2])(
  'member %d of etcd is killed while pods come and go: none is refused, and both servers stay ready',
  async (index) => {
    const { leader, follower } = await seats();
    await through(killedMember(index), [leader.pod, follower.pod]);
  },
  900_000,
);

test.each(
  isWhole ? (['leader', 'follower', 'leader', 'follower'] as const) : (['leader', 'follower'] as const),
)(
  'the server that is the %s is killed while pods come and go: none is refused, and the other one stays ready',
  async (victim) => {
    const found = await seats();
    const { node } = found[victim];
    const spared = victim === 'leader' ? found.follower.pod : found.leader.pod;
    await through(killedPods(cluster, `IPAM server (${victim})`, 'realip-system', label, node), [spared]);
    // Either may lead by then: a kubelet can start one again before its lease has run out.
    await seats();
  },
  900_000,
);

test('afterwards ledger, kernels and API server tell the same, and no address was held twice', async () => {
  expect(await leaksOf(cluster, 180_000, known)).toEqual([]);
  expect(sniffer.doubles()).toEqual([]);
  tell('through all of it', Date.now() - movedAt);
}, 900_000);

/** Pods beside the waves of the churn; in its namespace, with which they go. */
async function come(number: number, size: number): Promise<Wave> {
  const wave = new Wave(cluster, namespace, 1_000 + number, size);
  await wave.create(wave.names);
  return wave;
}

const areReady = (...waves: readonly Wave[]) =>
  until(
    'pods are Ready',
    async () => (await Promise.all(waves.map((wave) => wave.isReady()))).every(Boolean),
    longestMs,
  );

async function end(wave: Wave): Promise<void> {
  await wave.delete(wave.names);
  await until('pods are gone', () => wave.isGone(), longestMs);
}

async function loseAllAndRestore(): Promise<void> {
  const began = Date.now();
  drill = new Drill(cluster, etcd);
  const endsAfterBackup = await come(1, 3);
  await areReady(endsAfterBackup);
  const { epoch } = await cluster.ledger.must('GET', '/v1/epoch');
  await drill.backUp();
  const [younger, endsInBetween] = [await come(2, 4), await come(3, 2)];
  await Promise.all([areReady(younger, endsInBetween), end(endsAfterBackup)]);
  await drill.loseAll();
  const fromReserve = await come(4, 2);
  await Promise.all([areReady(fromReserve), end(endsInBetween)]);
  const unknown = async () => [...(await younger.addresses()), ...(await fromReserve.addresses())];
  const living = async () => [...(await churn.addresses()), ...(await unknown())];
  const before = await living();
  expect(before).toHaveLength(12);
  tell('pods came and went, with etcd and without it', Date.now() - began);

  const lostAt = Date.now();
  expect(await drill.recover()).toMatchObject({ epoch: epoch + 1, waitingFor: [] });
  tell('the backup is served', Date.now() - lostAt);
  const fresh = await come(5, 3);
  await areReady(fresh);
  // Kernels, API server and ledger: who lives is in it, with those addresses, and who went is not.
  expect(await leaksOf(cluster, 180_000, known)).toEqual([]);
  expect(await living()).toEqual(before);
  for (const address of await unknown()) {
    const { items } = await cluster.ledger.must('GET', `/v1/events?address=${address}&type=adopted`);
    expect(items.filter(({ time }: { time: string }) => Date.parse(time) > lostAt)).toHaveLength(1);
  }
  const all = [...before, ...(await fresh.addresses())].filter((address) => address.startsWith('10.9.'));
  const unheard = () => all.filter((address) => !sniffer.claims.some((claim) => claim.address === address));
  sniffer.seek(all);
  await until('the switch has heard all pods', () => unheard().length === 0, longestMs).catch(() => {});
  expect(unheard()).toEqual([]);
  expect(sniffer.doubles()).toEqual([]);
  tell('the drill is over', Date.now() - began);
}

// A minute on a busy machine, too long for each run.
if (isWhole) {
  test(
    'all of etcd is lost with its data while pods come and go: by docs/ipam/etcd.md a backup comes back, living pods keep their addresses and are known, and no address is held twice',
    loseAllAndRestore,
    900_000,
  );
}
