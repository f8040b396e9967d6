import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonApi } from '../kube/json-api.ts';
import { until } from '../server/until.ts';
import { copyStore } from './image/store.ts';
import { nodeStore } from './images.ts';
import { inTurn } from './in-turn.ts';
import { joinCluster } from './join.ts';
import type { LiveCluster } from './live-cluster.ts';

/** Generous: the machine beneath may be busy with other things. */
const longestMs = 180_000;

/**
 * Has the spare node join, as a new machine would: it is Ready, and in its zone by the ledger's word. Who calls this calls
 * `removeSpare` in the end, also after a failure: with one node too many the cluster is not well.
 */
export async function joinSpare(cluster: LiveCluster): Promise<void> {
  const node = cluster.spare;
  // What a killed process left.
  await removeSpare(cluster);
  copyStore(await nodeStore(), join(node.machine.disk, 'var/lib/containerd'));
  node.plugIn();
  await node.boot();
  await cluster.ledger.must('PUT', `/v1/nodes/${node.name}`, { zone: node.zone });
  await joinCluster(cluster, node, false);
  await until(
    `${node.name} is in its zone`,
    async () => {
      const { metadata } = await cluster.must('GET', `/api/v1/nodes/${node.name}`);
      return metadata.labels['realip.io/zone'] === node.zone;
    },
    longestMs,
  );
}

/**
 * Takes it away with all that came with it: power, cable, cgroups, disk, Node, pods, and what the ledger knows of it.
 * Whatever of these isn't there is no fault, so that this may follow a `joinSpare` that failed.
 */
export async function removeSpare(cluster: LiveCluster): Promise<void> {
  const node = cluster.spare;
  const forget = async (path: string, api: JsonApi = cluster) => {
    const { status, body } = await api.call('DELETE', path);
    if (status >= 300 && status !== 404) {
      throw new Error(`DELETE ${path}: ${status} ${JSON.stringify(body)}`);
    }
  };
  await inTurn(
    () => existsSync(node.host.path) && node.powerOff(),
    () => rmSync(node.machine.folder, { recursive: true, force: true }),
    () => forget(`/v1/nodes/${node.name}`, cluster.ledger),
    () => forget(`/api/v1/nodes/${node.name}`),
    async () => {
      const { items } = await cluster.must('GET', `/api/v1/pods?fieldSelector=spec.nodeName=${node.name}`);
      for (const { metadata } of items) {
        const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
        await forget(`${path}?gracePeriodSeconds=0`);
      }
    },
  );
}
