import { readFileSync } from 'node:fs';
import { flannel } from '../../parts/catalogue.ts';
import type { LiveCluster } from '../live-cluster.ts';
import type { Versions } from './page.ts';

/** What a cluster is made of, as it tells itself; @param root the folder of realip's package.json */
export async function versionsOf(cluster: LiveCluster, root: string): Promise<Versions> {
  const [{ gitVersion }, node] = await Promise.all([
    cluster.must('GET', '/version'),
    cluster.must('GET', `/api/v1/nodes/${cluster.nodes[0]?.name}`),
  ]);
  const { containerRuntimeVersion, kernelVersion } = node.status.nodeInfo;
  return {
    realip: JSON.parse(readFileSync(`${root}/package.json`, 'utf8')).version,
    Kubernetes: gitVersion.replace(/^v/, ''),
    containerd: containerRuntimeVersion.replace(/^containerd:\/\/|\+unknown$/g, ''),
    flannel: flannel.version.replace(/^v/, ''),
    Linux: kernelVersion,
  };
}
