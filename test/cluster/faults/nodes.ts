import { until } from '../../server/until.ts';
import { isReady } from '../conditions.ts';
import type { LiveCluster } from '../live-cluster.ts';
import type { LiveNode } from '../node/node.ts';
import type { Fault } from './fault.ts';
import { isHeard } from './killed-daemons.ts';

/** A power cut: all processes, mounts and interfaces of the node are gone; its disk stays. */
export function powerCut(cluster: LiveCluster, node: LiveNode): Fault {
  let began = 0;
  return {
    name: `${node.name} without power`,
    lastsMs: 5_000,
    strike: async () => {
      await node.powerOff();
      began = Date.now();
    },
    mend: () => node.powerOn(),
    isWell: async () => (await isHeard(cluster, node, began)) && (await isReadyNode(cluster, node)),
  };
}

/**
 * The kubelet finds no plugin, neither to end a pod nor to begin one; the agent's next start installs it.
 *
 * @param agent the node's
 */
export function missingPlugin(node: LiveNode, agent: Fault): Fault {
  const path = '/opt/cni/bin/realip';
  return {
    name: `the plugin missing on ${node.name}`,
    lastsMs: 5_000,
    strike: async () => {
      const { status, stderr } = await node.enter(['rm', path]);
      if (status !== 0) {
        throw new Error(stderr);
      }
    },
    mend: () => agent.strike(),
    isWell: async () => (await node.enter(['test', '-x', path])).status === 0 && (await agent.isWell()),
  };
}

/** What nodes send to the IPAM server is lost, as by a pulled cable or a wrong rule of a firewall. */
export function cutLink(server: URL, nodes: readonly LiveNode[], lastsMs: number): Fault {
  const rules = `table ip cut {
    chain output { type filter hook output priority 0; ip daddr ${server.hostname} tcp dport ${server.port} drop; }
  }`;
  const apply = async (text: string) => {
    for (const node of nodes) {
      const { status, stderr } = await node.enter(['nft', '-f', '-'], text);
      if (status !== 0) {
        throw new Error(stderr);
      }
    }
  };
  let mendedAt = 0;
  return {
    name: `the link to the IPAM server cut for ${lastsMs / 1000} s`,
    lastsMs,
    strike: () => apply(rules),
    mend: async () => {
      await apply('delete table ip cut');
      mendedAt = Date.now();
    },
    isWell: async () => {
      const synced = await Promise.all(nodes.map(lastSync));
      return synced.every((time) => time > mendedAt);
    },
  };
}

/**
 * A node is dead and never comes back: its object goes with its pods, which Kubernetes would take away a minute later,
 * and in the ledger it is fenced, and then forgotten.
 */
export async function removeForEver(cluster: LiveCluster, node: LiveNode): Promise<void> {
  await node.powerOff();
  const { items } = await cluster.must('GET', `/api/v1/pods?fieldSelector=spec.nodeName=${node.name}`);
  await cluster.must('DELETE', `/api/v1/nodes/${node.name}`);
  for (const { metadata } of items) {
    const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}?gracePeriodSeconds=0`;
    await cluster.call('DELETE', path);
  }
  await cluster.ledger.must('POST', `/v1/nodes/${node.name}:fence`);
  await cluster.ledger.must('DELETE', `/v1/nodes/${node.name}`);
}

/** A new machine takes a removed one's name; @param agent the node's: says whether it is well */
export function newMachine(cluster: LiveCluster, node: LiveNode, agent: Fault): Fault {
  return {
    name: `${node.name} as a new machine`,
    strike: async () => {
      await cluster.ledger.must('PUT', `/v1/nodes/${node.name}`, { zone: node.zone });
      await node.powerOn();
      const path = `/api/v1/nodes/${node.name}`;
      const isMade = async () => (await cluster.call('GET', path)).status === 200;
      await until(`${node.name} has an object`, isMade, 120_000);
      // It looks for the object at its start, when it hasn't made it, and then but two minutes later.
      await node.kill('kubelet');
      node.start('kubelet');
    },
    isWell: async () => (await isReadyNode(cluster, node)) && (await agent.isWell()),
  };
}

/** The ledger has an allocation that no pod ever had. */
export function dirtyRecord(cluster: LiveCluster, node: LiveNode): Fault {
  const attachment = { network: 'realip', containerId: 'nobody-ever-had-this', ifname: 'eth0' };
  return {
    name: 'a dirty record in the ledger',
    strike: async () => {
      await cluster.ledger.must('POST', '/v1/allocations', { node: node.name, ...attachment });
    },
    isWell: async () => {
      const { items } = await cluster.ledger.must('GET', `/v1/allocations?node=${node.name}`);
      return !items.some(
        ({ containerId }: { containerId: string }) => containerId === attachment.containerId,
      );
    },
  };
}

/** When a node's agent and the server last agreed, in milliseconds since 1970; 0 while the agent is away. */
export async function lastSync(node: LiveNode): Promise<number> {
  const { status, stdout } = await node.enter(['/opt/cni/bin/realip', 'agent', 'status', '-o', 'json']);
  return status === 0 ? Date.parse(JSON.parse(stdout).lastSync ?? 0) : 0;
}

async function isReadyNode(cluster: LiveCluster, { name }: LiveNode): Promise<boolean> {
  const { status, body } = await cluster.call('GET', `/api/v1/nodes/${name}`);
  return status === 200 && isReady(body);
}
