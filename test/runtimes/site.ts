import { IpamServer } from '../kernel/ipam.ts';
import { Network } from '../kernel/network.ts';
import { Containerd, netnsFolder, stateFolder } from './containerd.ts';
import { cgroupParent, removeCgroups, removeLeftovers } from './leftovers.ts';
import { Machine } from './machine.ts';
import { Pod, type Wishes } from './pod.ts';
import type { Release } from './release.ts';

/** A LAN whose node is a machine with containerd and realip; the IPAM server is on the node too. */
export class Site {
  readonly network: Network;
  readonly machine: Machine;
  readonly containerd: Containerd;
  ipam: IpamServer;

  private constructor(network: Network, machine: Machine, containerd: Containerd, ipam: IpamServer) {
    this.network = network;
    this.machine = machine;
    this.containerd = containerd;
    this.ipam = ipam;
  }

  static async start(release: Release): Promise<Site> {
    await removeLeftovers();
    const network = new Network();
    const machine = await Machine.start(network.node);
    const containerd = new Containerd(machine, release);
    const site = new Site(network, machine, containerd, await startIpam(network));
    try {
      await containerd.start();
      return site;
    } catch (error) {
      await site.remove();
      throw error;
    }
  }

  /** @throws ServiceError in the runtime's words */
  runPod(wishes: Wishes = {}): Promise<Pod> {
    return Pod.run(this.containerd.cri, cgroupParent, wishes);
  }

  /** Removes all pods that the runtime knows, as kubelet does with those that it didn't ask for. */
  async removePods(): Promise<void> {
    const { cri } = this.containerd;
    const { items } = await cri.runtime('ListPodSandbox');
    for (const { id } of items) {
      await cri.runtime('StopPodSandbox', { pod_sandbox_id: id });
      await cri.runtime('RemovePodSandbox', { pod_sandbox_id: id });
    }
  }

  /** Starts another server, with an empty ledger, in place of one that was stopped. */
  async restartIpam(): Promise<void> {
    this.ipam = await startIpam(this.network);
  }

  /** The releases that wait for the server. */
  waitingReleases(): string[] {
    return lines(this.machine.run('cat', [`${stateFolder}/journal`]).stdout);
  }

  /** The network namespaces of pods, which the runtime makes and takes away. */
  namespaces(): string[] {
    return lines(this.machine.must('ls', netnsFolder));
  }

  /** What is there of any pod, in the words of the kernel and of the ledger; empty when all is gone. */
  remains(): string[] {
    const { node } = this.network;
    const links: string[] = node.ask('link show').map(({ ifname }) => ifname);
    return [
      ...['-4', '-6'].flatMap((family) =>
        node.ask(`${family} route show table all proto 82`).map(({ dst }) => `route ${dst}`),
      ),
      ...node.ask('neigh show nud permanent').map(({ dst }) => `neighbour ${dst}`),
      ...node.ask('neigh show proxy').map(({ dst }) => `proxy ${dst}`),
      ...links.filter((name) => !/^(lo|eth0|realip\d+)$/.test(name)).map((name) => `${name} on the node`),
      ...this.namespaces().flatMap((name) => this.#linksIn(name).map((link) => `${link} in ${name}`)),
      ...this.ipam.allocated().map((ip) => `allocation ${ip}`),
    ];
  }

  /** A namespace may be left as a file on which nothing is mounted any more: then there is nothing in it. */
  #linksIn(namespace: string): string[] {
    const show = ['ip', '-o', 'link', 'show', 'type', 'macvlan'];
    return lines(this.machine.run('nsenter', [`--net=${netnsFolder}/${namespace}`, ...show]).stdout);
  }

  async remove(): Promise<void> {
    this.containerd.close();
    await this.machine.remove();
    await this.ipam.stop();
    this.network.remove();
    await removeCgroups();
  }
}

async function startIpam(network: Network): Promise<IpamServer> {
  const ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  return ipam;
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
