import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { blocks, root } from '../docs/operations-page.ts';
import { until } from '../server/until.ts';
import { inTurn } from './in-turn.ts';
import { AdminShell, adminFolder } from './install/admin-shell.ts';
import { LiveCluster } from './live-cluster.ts';
import { refusals } from './refusals.ts';
import { Workspace } from './workspace.ts';

const system = '/apis/apps/v1/namespaces/realip-system';
/** Stands for a new version: no part comes in two, and a changed template is rolled out all the same. */
const mark = 'realip.test/version';
/** Generous: the machine beneath may be busy with other things. */
const longestMs = 300_000;

const restore = parse(blocks.find(({ kind }) => kind.endsWith('file=restore.yaml'))?.text ?? '');

let cluster: LiveCluster;
let shell: AdminShell;
let space: Workspace;
beforeAll(async () => {
  cluster = await LiveCluster.shared();
  shell = new AdminShell(cluster.way, 'docs/operations.md');
  const server = join(root, 'dist/ipam-server.js');
  await typed(`realip-ipam-server() { '${process.execPath}' '${server}' "$@"; }`);
  await typed(blocks.find(({ kind }) => kind === 'sh')?.text ?? '');
  await typed('kubectl kustomize manifests/overlays/mine > before.yaml');
  space = await Workspace.open(cluster, 'operations');
}, 900_000);
afterAll(
  () =>
    inTurn(
      () => cluster && putBack(),
      () => space?.close(),
      () => cluster?.close(),
    ),
  1_800_000,
);

/** Leaves the parts as they were, also when something failed half way: others' tests use the same cluster. */
async function putBack(): Promise<void> {
  if (!existsSync(join(adminFolder(cluster.folder), 'before.yaml'))) {
    return;
  }
  await typed(`
    kubectl -n realip-system delete job ${restore.metadata.name} --ignore-not-found --cascade=foreground
    kubectl apply -f before.yaml
    kubectl -n realip-system rollout status deployment/realip-ipam-server --timeout=5m
    kubectl -n realip-system rollout status deployment/realip-webhook --timeout=5m
    kubectl -n realip-system rollout status daemonset -l app.kubernetes.io/name=realip-agent --timeout=30m
  `);
  await endEpoch();
}

const typed = (script: string, line = 0) => shell.type({ seat: 'admin', section: '', script, line });

/** Types what the page has in a section. @param change what is to be typed otherwise than it stands there */
async function typeSection(name: string, change = (text: string) => text): Promise<string> {
  const found = blocks.filter(({ section, kind }) => section === name && /^sh( cluster)?$/.test(kind));
  expect(found).not.toEqual([]);
  let said = '';
  for (const { text, line } of found) {
    said += await typed(change(text), line);
  }
  return said;
}

/** A pod on a node with an agent; it runs. */
const come = (name: string) =>
  cluster.runPod(space.pod(name, { node: 'mac-1', container: { readinessProbe: null } }));

/** Pods come one after the other while something is done; how many. */
async function cameDuring(work: Promise<unknown>): Promise<number> {
  let [isOver, count] = [false, 0];
  const coming = async () => {
    do {
      expect((await come(`during-${count}`)).status.podIP).toMatch(/^10\.9\./);
      count += 1;
    } while (!isOver);
  };
  const done = work.finally(() => {
    isOver = true;
  });
  await Promise.all([done, coming()]);
  return count;
}

/** The mark of each part's pods; of those that are to be, not of those that end. */
async function versions(): Promise<Record<string, string>> {
  const of = async (path: string) =>
    (await cluster.must('GET', `${system}/${path}`)).spec.template.metadata.annotations?.[mark] ?? 'old';
  return {
    server: await of('deployments/realip-ipam-server'),
    webhook: await of('deployments/realip-webhook'),
    agents: await of('daemonsets/realip-agent'),
  };
}

/** How often the pod's containers began anew, and its address. */
async function lifeOf(name: string): Promise<object> {
  const { status } = await space.getPod(name);
  return { ip: status.podIP, restarts: status.containerStatuses[0].restartCount, phase: status.phase };
}

/** Waits until every agent has told what lives on its node, and waives the overlay's, which has none. */
async function endEpoch(): Promise<void> {
  let waitingFor: string[] = [];
  await until(
    'every agent has told what lives on its node',
    async () => {
      ({ waitingFor } = JSON.parse(await typed('ipam GET epoch')));
      return !waitingFor.some((each) => each.startsWith('mac-'));
    },
    longestMs,
  );
  if (waitingFor.length > 0) {
    const waive = blocks.find(({ text }) => text.includes('epoch:waive'));
    await typed(waive?.text ?? '', waive?.line);
  }
}

test('docs/operations.md upgrades the parts one after the other and rolls them back; a pod lives on, and none that comes is refused while the agents change', async () => {
  const first = await come('first');
  const overlay = join(adminFolder(cluster.folder), 'manifests/overlays/mine/kustomization.yaml');
  const before = readFileSync(overlay, 'utf8');
  const patches = ['Deployment', 'DaemonSet'].map((kind) => ({
    target: { kind },
    patch: JSON.stringify({
      apiVersion: 'apps/v1',
      kind,
      metadata: { name: 'any' },
      spec: { template: { metadata: { annotations: { [mark]: 'new' } } } },
    }),
  }));
  writeFileSync(overlay, `${before}\npatches: ${JSON.stringify(patches)}\n`);
  try {
    // kubectl diff: 1 where there is a difference.
    const said = await typeSection('Upgrade', (text) =>
      text.replace(/^kubectl diff .*$/m, '$& || [ $? = 1 ]'),
    );
    expect(said).toContain(`+        ${mark}: new`);
  } finally {
    writeFileSync(overlay, before);
  }
  expect(await versions()).toEqual({ server: 'new', webhook: 'new', agents: 'new' });
  await come('upgraded');
  // The agents alone first: the page's other lines have less to do then.
  const undo = blocks.filter(({ text }) => text.includes('rollout undo'));
  const rollAgentsBack = async () => {
    for (const { text, line } of undo) {
      await typed(text, line);
    }
    await typed(
      'kubectl -n realip-system rollout status daemonset -l app.kubernetes.io/name=realip-agent --timeout=30m',
    );
  };
  expect(await cameDuring(rollAgentsBack())).toBeGreaterThan(2);
  expect(await refusals(cluster, space.namespace)).toEqual([]);
  expect(await versions()).toEqual({ server: 'new', webhook: 'new', agents: 'old' });
  await typed('cp before.yaml realip.yaml');
  const undone = undo.map(({ text }) => text);
  await typeSection('Roll back', (text) => (undone.includes(text) ? '' : text));
  expect(await versions()).toEqual({ server: 'old', webhook: 'old', agents: 'old' });
  await come('rolled-back');
  expect(await lifeOf('first')).toEqual({ ip: first.status.podIP, restarts: 0, phase: 'Running' });
}, 1_800_000);

test('docs/operations.md restores a backup by a Job, and the pods that came after the backup are known again', async () => {
  await typeSection('Backup');
  const { status } = await come('after-the-backup');
  const stop = blocks.find(({ text }) => text.includes('--replicas=0'));
  const start = blocks.find(({ text }) => text.includes('--replicas=1'));
  const scaled = stop?.text.split('\n').find((line) => line.includes('--replicas=0')) ?? '';
  await typed(scaled, stop?.line);
  const servers = 'labelSelector=app.kubernetes.io/name%3Drealip-ipam-server';
  const serverPods = async () =>
    (await cluster.must('GET', `/api/v1/namespaces/realip-system/pods?${servers}`)).items;
  await until('the server has ended', async () => (await serverPods()).length === 0, longestMs);
  const backup = join(adminFolder(cluster.folder), 'ledger.db');
  const copied = await cluster
    .node('over-1')
    .machine.enter(['cp', backup, '/var/lib/realip-ipam-server/restore.db']);
  expect(copied).toMatchObject({ status: 0, stderr: '' });
  await cluster.apply(restore);
  const jobPath = `/apis/batch/v1/namespaces/realip-system/jobs/${restore.metadata.name}`;
  await until(
    'the Job has restored it',
    async () => {
      const { succeeded, failed } = (await cluster.must('GET', jobPath)).status;
      expect(failed).toBeUndefined();
      return succeeded === 1;
    },
    longestMs,
  );
  await typed(start?.text ?? '', start?.line);
  await typed('kubectl -n realip-system rollout status deployment/realip-ipam-server --timeout=5m');
  await endEpoch();
  await until(
    'the pod that is younger than the backup is in the ledger',
    async () => (await cluster.ledger.must('GET', `/v1/addresses/${status.podIP}`)).state === 'allocated',
    longestMs,
  );
  await come('restored');
}, 1_800_000);
