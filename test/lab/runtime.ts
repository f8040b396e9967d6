import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { V1Pod } from '@kubernetes/client-node';
import { agentSocket } from './agent.ts';
import { ipamUrl, tokenFile } from './control.ts';
import { removeNamespace, stateFolder } from './leftovers.ts';
import { Namespace } from './namespace.ts';
import { type Network, nodeOf } from './network.ts';
import { type NodePlan, overlay, port } from './plan.ts';
import { programs } from './programs.ts';

/** A pod that runs: its namespace with a web server in it, and the address it was given. */
export interface RunningPod {
  readonly name: string;
  readonly node: NodePlan;
  readonly namespace: Namespace;
  readonly containerId: string;
  readonly address: string;
  /** Milliseconds that the plugin's ADD took, as a whole process. */
  readonly addMilliseconds: number;
  /** The plugin's result, which a runtime keeps for CHECK and DEL. */
  readonly result?: object;
}

/** Plays containerd: makes the pod's sandbox and calls the plugin on macvlan nodes, a bridge on overlay ones. */
export class Runtime {
  readonly #network: Network;
  /** The last octet given on the overlay node, as host-local would keep it. */
  #overlayOctet = 1;
  /** Whether the network's configuration names the nodes' agents. */
  #asksAgents = false;

  constructor(network: Network) {
    this.#network = network;
  }

  /** From now on the plugin asks the node's agent first. */
  askAgents(): void {
    this.#asksAgents = true;
  }

  async start(pod: V1Pod, node: NodePlan): Promise<RunningPod> {
    const { name = '', namespace: kubeNamespace = '' } = pod.metadata ?? {};
    const sandbox = new Namespace(`pod-${name}`);
    await sandbox.create();
    const containerId = randomBytes(32).toString('hex');
    const started = performance.now();
    const attached =
      node.type === 'macvlan'
        ? await this.#add(
            node,
            sandbox,
            containerId,
            `K8S_POD_NAMESPACE=${kubeNamespace};K8S_POD_NAME=${name}`,
          )
        : { address: await this.#bridge(node, sandbox) };
    const addMilliseconds = performance.now() - started;
    await sandbox.start(join(stateFolder, `${name}.log`), [programs.workload, 'serve', `${port}`, name]);
    return { name, node, namespace: sandbox, containerId, addMilliseconds, ...attached };
  }

  /** Calls DEL and removes the sandbox; @returns milliseconds that DEL took. */
  async stop(pod: RunningPod): Promise<number> {
    const started = performance.now();
    if (pod.node.type === 'macvlan') {
      await this.#call('DEL', pod.node, pod.namespace, pod.containerId, '', pod.result);
    }
    const milliseconds = performance.now() - started;
    await removeNamespace(pod.namespace);
    return milliseconds;
  }

  /** CHECK, as newer runtimes call it; @throws CommandError with the plugin's JSON error. */
  async check(pod: RunningPod): Promise<void> {
    await this.#call('CHECK', pod.node, pod.namespace, pod.containerId, '', pod.result);
  }

  async #add(node: NodePlan, sandbox: Namespace, containerId: string, args: string) {
    const stdout = await this.#call('ADD', node, sandbox, containerId, args);
    const result = JSON.parse(stdout) as { ips: { address: string }[] };
    const address = result.ips[0]?.address.split('/')[0] ?? '';
    return { address, result };
  }

  #call(
    command: string,
    node: NodePlan,
    sandbox: Namespace,
    containerId: string,
    args: string,
    prevResult?: object,
  ): Promise<string> {
    const input = JSON.stringify({
      ...configurationOf(node, this.#asksAgents),
      ...(prevResult ? { prevResult } : {}),
    });
    const env = {
      CNI_COMMAND: command,
      CNI_CONTAINERID: containerId,
      CNI_NETNS: sandbox.path,
      CNI_IFNAME: 'eth0',
      CNI_PATH: programs.folder,
      CNI_ARGS: `IgnoreUnknown=1;${args}`,
    };
    return nodeOf(this.#network, node.name).run(programs.plugin, [], { input, env });
  }

  /** The upstream bridge plugin's work, in a few lines: cni0 with a veth per pod. */
  async #bridge(node: NodePlan, sandbox: Namespace): Promise<string> {
    const subnet = node.overlay.replace(/0$/, '');
    this.#overlayOctet += 1;
    const address = `${subnet}${this.#overlayOctet}`;
    await nodeOf(this.#network, node.name).shell(`
      ip link show cni0 > /dev/null 2>&1 || { ip link add cni0 type bridge; ip address add ${subnet}1/24 dev cni0; ip link set cni0 up; }
      ip link add veth${this.#overlayOctet} type veth peer name eth0 netns ${sandbox.fullName}
      ip link set veth${this.#overlayOctet} master cni0 up`);
    await sandbox.shell(`
      ip address add ${address}/24 dev eth0
      ip link set eth0 up
      ip route add default via ${subnet}1`);
    return address;
  }
}

/** The network configuration of a macvlan node, as a runtime hands it to the plugin. */
function configurationOf(node: NodePlan, asksAgents: boolean): object {
  return {
    cniVersion: '1.0.0',
    name: 'realip',
    type: 'realip',
    dataplane: 'macvlan',
    master: 'eth0',
    mode: 'bridge',
    hostAccess: 'shim',
    hostRoutes: [overlay.services, overlay.cidr],
    ipam: {
      type: 'realip-ipam',
      ...(asksAgents ? { agent: agentSocket(node.name) } : {}),
      server: ipamUrl,
      node: node.name,
      tokenFile: tokenFile(node.name),
      caFile: join(stateFolder, 'ca.pem'),
      stateDir: join(stateFolder, node.name),
    },
  };
}
