import type { LiveCluster } from '../live-cluster.ts';
import { isServing } from '../node/containerd.ts';
import type { LiveNode } from '../node/node.ts';
import type { Fault } from './fault.ts';

/** What a kubelet or a systemd takes to start a daemon again, in milliseconds. */
const restartMs = 3_000;

/** One of the control plane's programs. */
export function killedProgram(
  cluster: LiveCluster,
  name: 'etcd' | 'kube-apiserver' | 'kube-scheduler',
): Fault {
  return {
    name: `${name} killed`,
    lastsMs: restartMs,
    strike: () => cluster.controlPlane.kill(name),
    mend: async () => cluster.controlPlane.start(name),
    isWell: async () => (await cluster.call('GET', '/readyz')).status === 200,
  };
}

export function killedContainerd(node: LiveNode): Fault {
  return {
    name: `containerd killed on ${node.name}`,
    lastsMs: restartMs,
    strike: () => node.kill('containerd'),
    mend: async () => node.start('containerd'),
    isWell: () => isServing(node.machine),
  };
}

export function killedKubelet(cluster: LiveCluster, node: LiveNode): Fault {
  let began = 0;
  return {
    name: `kubelet killed on ${node.name}`,
    lastsMs: restartMs,
    strike: async () => {
      await node.kill('kubelet');
      began = Date.now();
    },
    mend: async () => node.start('kubelet'),
    isWell: () => isHeard(cluster, node, began),
  };
}

/** Reports whether a node's kubelet was heard since a time, in milliseconds since 1970. */
export async function isHeard(cluster: LiveCluster, { name }: LiveNode, since: number): Promise<boolean> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`;
  const { status, body } = await cluster.call('GET', path);
  return status === 200 && Date.parse(body.spec.renewTime) > since;
}
