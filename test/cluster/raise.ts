import { join } from 'node:path';
import type { Admin } from '../kube/admin.ts';
import { makeCertificates } from '../kube/certificates.ts';
import { until } from '../server/until.ts';
import { cgroupFault } from './cgroups.ts';
import { clusterDnsObjects } from './cluster-dns.ts';
import { copyStore } from './image/store.ts';
import { nodeStore } from './images.ts';
import { installRealip } from './install/install.ts';
import { joinCluster } from './join.ts';
import { isThere, removeCluster } from './leftovers.ts';
import { openPage } from './page.ts';
import { provideParts } from './parts.ts';
import { nodes, spare } from './plan.ts';
import { Progress, type Tell } from './progress.ts';
import type { Site } from './site.ts';
import { risingBy, writeState } from './state.ts';
import { Sysctls } from './sysctls.ts';

/** Generous: the machine beneath may be busy with other things. */
const longestMs = 180_000;

/** Those that may ever join: each is known by a certificate of its own. */
const members = [...nodes, spare];

/** Brings a cluster up, step by step. */
export async function raise<Cluster extends Admin>(
  site: Site,
  connect: () => Cluster,
  { bare, images, tell }: { bare: boolean; images: readonly string[]; tell: Tell },
): Promise<Cluster> {
  const { place, lan, controlPlane } = site;
  const progress = new Progress(tell);
  const fault = process.getuid?.() === 0 ? cgroupFault() : 'it takes root to make network namespaces';
  if (fault !== null) {
    throw new Error(`no cluster can be made here: ${fault}`);
  }
  const other = risingBy(place);
  if (other !== null) {
    throw new Error(`the cluster ${place.name} is being brought up by process ${other}`);
  }
  if (isThere(place)) {
    await progress.step('what was left of it removed', () => removeCluster(place));
  }
  const store = await progress.step('programs and images', () => {
    provideParts(() => {});
    return nodeStore(images);
  });
  const run = process.env['REALIP_TEST_RUN'];
  const state = { by: process.pid, bare, since: Date.now(), ...(run === undefined ? {} : { run }) };
  writeState(place, { ...state, phase: 'rising' });
  // Now that this cluster can be seen, no other's end sets the machine back.
  new Sysctls().save();
  await progress.step('certificates', () => {
    const kubelets = members.map(({ name }) => [name, `/O=system:nodes/CN=system:node:${name}`]);
    const more = { flannel: '/O=system:masters/CN=flannel', ...Object.fromEntries(kubelets) };
    makeCertificates(place.folder, ['admin', 'scheduler', 'controller-manager', 'proxy'], more);
  });
  const cluster = connect();
  for (const client of [
    'scheduler',
    'controller-manager',
    'proxy',
    'flannel',
    ...members.map(({ name }) => name),
  ]) {
    cluster.certified(client);
  }
  await progress.step('network', () => lan.build());
  await Promise.all([
    progress.step('API server', async () => {
      await controlPlane.machine.powerOn();
      controlPlane.begin();
      await until('the API server is ready', () => isServing(cluster), longestMs);
      controlPlane.start('kube-controller-manager');
      controlPlane.start('kube-scheduler');
    }),
    progress.step('containerd on all nodes', async () => {
      for (const { machine } of site.nodes) {
        copyStore(store, join(machine.disk, 'var/lib/containerd'));
      }
      await Promise.all(site.nodes.map((node) => node.boot()));
    }),
  ]);
  await Promise.all(
    site.nodes.map((node) => progress.step(`${node.name} joined`, () => joinCluster(cluster, node, bare))),
  );
  if (!bare) {
    await installRealip(cluster.way, (section) => progress.tell(`realip: ${section}`));
    await openPage(place);
  }
  await progress.step('cluster DNS', async () => {
    await cluster.apply(...clusterDnsObjects);
    await until(
      'the cluster’s DNS is ready',
      async () => {
        const path = '/apis/apps/v1/namespaces/kube-system/deployments/coredns';
        return ((await cluster.must('GET', path)).status.readyReplicas ?? 0) > 0;
      },
      longestMs,
    );
  });
  writeState(place, { ...state, phase: 'up' });
  return cluster;
}

async function isServing(cluster: Admin): Promise<boolean> {
  return cluster.call('GET', '/readyz').then(
    ({ status }) => status === 200,
    () => false,
  );
}
